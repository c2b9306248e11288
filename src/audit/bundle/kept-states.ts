import type { StateValues } from "./record-view.ts";
import { StateText, valuesIn } from "./state-text.ts";

/** Bytes of a room, in words of four. */
const ROOM = 1024 * 1024;
const ROOM_WORDS = ROOM / 4;
/** Before a state's columns: which state it came after, how many columns it has, how many bytes its text has. */
const HEAD = 3;
/** A column and where in the text its value begins, in one word. */
const COLUMNS = 512;
/** A state that takes more is kept as values. */
const MOST_WORDS = ROOM_WORDS / 16;
/** In the place of the count, for a state that is kept as values. */
const AS_VALUES = -1;

export const NO_STATE = -1;

/**
 * Memory that many states share. Of a kind that threads could share, which the collector leaves out of its account: with the other
 * kind it went through the whole heap 19 times for 400,000 records instead of 8.
 */
class Room {
  readonly bytes = Buffer.from(new SharedArrayBuffer(ROOM));
  readonly words = new Int32Array(this.bytes.buffer);
  used = 0;
  /** States that are kept in it. */
  kept = 0;
}

/**
 * Sides of rows, kept as they stood in their entries. Each has a number, and may follow another, so that the states of a
 * row are a chain, the newest first.
 */
export class KeptStates {
  /** By place; those of which no state is kept any more are gone. */
  readonly #rooms: (Room | undefined)[] = [];
  #last = new Room();
  readonly #values = new Map<number, StateValues>();

  /** @param after the state that it comes after, or NO_STATE @returns its number */
  keep(side: StateText | StateValues, after: number): number {
    if (!(side instanceof StateText)) return this.#keepValues(side, after);
    const { bytes, start, end, columns, starts, count } = side;
    const length = count === 0 ? 0 : end - start;
    const size = HEAD + count + Math.ceil(length / 4);
    if (size > MOST_WORDS) return this.#keepValues(side.values(), after);
    const state = this.#place(size);
    const { words, bytes: kept } = this.#last;
    let word = state % ROOM_WORDS;
    words[word] = after;
    words[word + 1] = count;
    words[word + 2] = length;
    word += HEAD;
    for (let at = 0; at < count; at++, word++) {
      words[word] = ((starts[at] ?? 0) - start) * COLUMNS + (columns[at] ?? 0);
    }
    if (length > 0) bytes.copy(kept, 4 * word, start, end);
    return state;
  }

  /** The state that it came after. */
  before(state: number): number {
    return this.#room(state).words[state % ROOM_WORDS] ?? NO_STATE;
  }

  /** Forgets a state and all that it came after. */
  drop(state: number): void {
    for (let next = state; next !== NO_STATE; ) {
      const room = this.#room(next);
      this.#values.delete(next);
      room.kept -= 1;
      if (room.kept === 0 && room !== this.#last) {
        this.#rooms[Math.floor(next / ROOM_WORDS)] = undefined;
      }
      next = room.words[next % ROOM_WORDS] ?? NO_STATE;
    }
  }

  /**
   * Whether a column of another side of the same scanner's has in that state the value that it has there, as far as both
   * are known and written alike.
   *
   * @returns undefined when the column is not in the state
   */
  hasValue(state: number, side: StateText, at: number): boolean | undefined {
    const { words, bytes } = this.#room(state);
    const column = side.column(at);
    const head = state % ROOM_WORDS;
    const count = words[head + 1] ?? 0;
    if (count === AS_VALUES) {
      return this.values(state).has(side.names.name(column)) ? false : undefined;
    }
    const end = head + HEAD + count;
    for (let word = head + HEAD; word < end; word++) {
      const packed = words[word] ?? 0;
      if (packed % COLUMNS !== column) continue;
      return side.mayBeAt(at, bytes, 4 * end + (packed - column) / COLUMNS);
    }
    return undefined;
  }

  values(state: number): StateValues {
    const { words, bytes } = this.#room(state);
    const head = state % ROOM_WORDS;
    const count = words[head + 1] ?? 0;
    if (count === AS_VALUES) return this.#values.get(state) ?? new Map();
    if (count === 0) return new Map();
    const start = 4 * (head + HEAD + count);
    return valuesIn(bytes.toString("utf8", start, start + (words[head + 2] ?? 0)));
  }

  #keepValues(values: StateValues, after: number): number {
    const state = this.#place(HEAD);
    const word = state % ROOM_WORDS;
    this.#last.words[word] = after;
    this.#last.words[word + 1] = AS_VALUES;
    this.#values.set(state, values);
    return state;
  }

  /** Room for so many words, in the last room. @returns the number of the state that they are for */
  #place(size: number): number {
    if (this.#rooms.length === 0 || this.#last.used + size > ROOM_WORDS) {
      this.#last = new Room();
      this.#rooms.push(this.#last);
    }
    const room = this.#last;
    const state = (this.#rooms.length - 1) * ROOM_WORDS + room.used;
    room.used += size;
    room.kept += 1;
    return state;
  }

  #room(state: number): Room {
    const room = this.#rooms[Math.floor(state / ROOM_WORDS)];
    if (room === undefined) throw new Error(`State ${state} is not kept any more.`);
    return room;
  }
}

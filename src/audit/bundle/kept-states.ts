import type { StateValues } from "./record-view.ts";
import { StateText, valuesIn } from "./state-text.ts";

const ROOM = 1024 * 1024;
/** A column takes more bytes, with its name and value. */
const COLUMN = 16;
const NOTHING: StateValues = new Map();

/** Memory that many states share, outside of the heap. It goes when none of them is kept any more. */
class Room {
  readonly bytes: Buffer;
  /** By column, one state's after the other's: its number, and where in `bytes` its value stands. */
  readonly columns: Int16Array;
  readonly starts: Int32Array;
  usedBytes = 0;
  usedColumns = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.columns = new Int16Array(Math.ceil(size / COLUMN));
    this.starts = new Int32Array(this.columns.length);
  }

  hasPlaceFor(bytes: number, columns: number): boolean {
    return (
      this.usedBytes + bytes <= this.bytes.length &&
      this.usedColumns + columns <= this.columns.length
    );
  }
}

/** A copy of a side of a row, as it stood in its entry. */
export class KeptState {
  readonly #room: Room;
  readonly #start: number;
  readonly #end: number;
  /** Its columns in the room. */
  readonly #from: number;
  readonly #until: number;

  constructor(room: Room, { bytes, start, end, columns, starts, count }: StateText) {
    this.#room = room;
    this.#start = room.usedBytes;
    this.#end = this.#start + end - start;
    this.#from = room.usedColumns;
    this.#until = this.#from + count;
    bytes.copy(room.bytes, this.#start, start, end);
    for (let at = 0; at < count; at++) {
      room.columns[this.#from + at] = columns[at] ?? 0;
      room.starts[this.#from + at] = (starts[at] ?? 0) - start + this.#start;
    }
    room.usedBytes = this.#end;
    room.usedColumns = this.#until;
  }

  /**
   * Whether a column of another side of the same scanner's has here the value that it has there, as far as both are known
   * and written alike.
   *
   * @returns undefined when the column is not here
   */
  hasValue(side: StateText, at: number): boolean | undefined {
    const { bytes, columns, starts } = this.#room;
    const column = side.column(at);
    for (let place = this.#from; place < this.#until; place++) {
      if (columns[place] === column) return side.mayBeAt(at, bytes, starts[place] ?? 0);
    }
    return undefined;
  }

  values(): StateValues {
    return valuesIn(this.#room.bytes.toString("utf8", this.#start, this.#end));
  }
}

/** Keeps sides of rows. */
export class KeptStates {
  #room = new Room(ROOM);

  keep(side: StateText | StateValues): KeptState | StateValues {
    if (!(side instanceof StateText)) return side;
    if (side.count === 0) return NOTHING;
    const length = side.end - side.start;
    if (!this.#room.hasPlaceFor(length, side.count)) this.#room = new Room(Math.max(ROOM, length));
    return new KeptState(this.#room, side);
  }
}

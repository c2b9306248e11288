import type { OrderedId } from "../entry.ts";
import { type KeptStates, NO_STATE } from "./kept-states.ts";
import type { RecordView, StateValues } from "./record-view.ts";
import { StateText } from "./state-text.ts";

/** Sides of one row that are kept as they are; more are made one. */
const MOST_SIDES = 8;

/**
 * What the records of a table's rows have told of them so far, by the rows' numbers. Their columns are kept as the records
 * had them, since most rows have few records and most values are written alike each time; only where two are not, both are
 * parsed. An object for each of a million rows costs more than all that is done with it.
 */
export class Rows {
  readonly #states: KeptStates;
  #count = 0;
  /** Of the last record; not a number where it is in `#longIds`. */
  #lastIds = new Float64Array(64);
  readonly #longIds = new Map<number, OrderedId>();
  #deleted = new Uint8Array(64);
  #insertedAt = new Float64Array(64);
  #newest = new Int32Array(64);
  /** How many states there are before the newest. */
  #older = new Uint8Array(64);

  constructor(states: KeptStates) {
    this.#states = states;
  }

  get count(): number {
    return this.#count;
  }

  /** Of its last record. */
  lastId(row: number): OrderedId {
    return this.#longIds.get(row) ?? this.#lastIds[row] ?? 0;
  }

  isDeleted(row: number): boolean {
    return this.#deleted[row] === 1;
  }

  /** Where its insertion stands, which names all its columns but the empty ones; -1 when it was not seen. */
  insertedAt(row: number): number {
    return this.#insertedAt[row] ?? -1;
  }

  /** Takes the first record that is known of the next row. */
  add(index: number, view: RecordView): void {
    if (this.#count === this.#newest.length) this.#grow();
    const row = this.#count;
    this.#count += 1;
    this.#insertedAt[row] = -1;
    this.#newest[row] = NO_STATE;
    this.#take(row, index, view);
  }

  /** Takes the next record of a row. */
  advance(row: number, index: number, view: RecordView): void {
    if (view.operation !== "UPDATE") {
      this.#states.drop(this.#newest[row] ?? NO_STATE);
      this.#newest[row] = NO_STATE;
    }
    this.#take(row, index, view);
  }

  /**
   * Whether every value in this side is written as this row has it: true for most. Where it is not, the value may still be
   * the same, and `valueOf` has to be asked.
   */
  isWrittenAs(row: number, side: StateText): boolean {
    const newest = this.#newest[row] ?? NO_STATE;
    for (let at = 0; at < side.count; at++) if (!this.#hasValue(newest, side, at)) return false;
    return true;
  }

  /** @returns UNKNOWN for the value behind a commitment, undefined for a column that no record has told of */
  valueOf(row: number, column: string): unknown {
    for (const values of this.#valuesOf(this.#newest[row] ?? NO_STATE)) {
      if (values.has(column)) return values.get(column);
    }
    return undefined;
  }

  #take(row: number, index: number, { id, operation, before, after }: RecordView): void {
    if (typeof id === "number") {
      this.#lastIds[row] = id;
      if (this.#longIds.size > 0) this.#longIds.delete(row);
    } else this.#longIds.set(row, id);
    this.#deleted[row] = operation === "DELETE" ? 1 : 0;
    if (operation === "INSERT") this.#insertedAt[row] = index;
    let known = this.#newest[row] ?? NO_STATE;
    let older = known === NO_STATE ? 0 : (this.#older[row] ?? 0) + 1;
    if (operation === "UPDATE") {
      if (!haveSameColumns(before, after)) {
        known = this.#states.keep(before, known);
        older += 1;
      }
      if (older >= MOST_SIDES) {
        known = this.#merge(known);
        older = 1;
      }
    }
    this.#newest[row] = this.#states.keep(after, known);
    this.#older[row] = older;
  }

  #hasValue(newest: number, side: StateText, at: number): boolean {
    for (let state = newest; state !== NO_STATE; state = this.#states.before(state)) {
      const found = this.#states.hasValue(state, side, at);
      if (found !== undefined) return found;
    }
    // Of a column that no record told of it is known that it was empty, or nothing.
    return side.isNull(at);
  }

  *#valuesOf(newest: number): Generator<StateValues> {
    for (let state = newest; state !== NO_STATE; state = this.#states.before(state)) {
      yield this.#states.values(state);
    }
  }

  #merge(newest: number): number {
    const all = new Map<string, unknown>();
    for (const values of this.#valuesOf(newest)) {
      for (const [column, value] of values) if (!all.has(column)) all.set(column, value);
    }
    this.#states.drop(newest);
    return this.#states.keep(all, NO_STATE);
  }

  #grow(): void {
    const length = 2 * this.#count;
    this.#lastIds = grown(new Float64Array(length), this.#lastIds);
    this.#deleted = grown(new Uint8Array(length), this.#deleted);
    this.#insertedAt = grown(new Float64Array(length), this.#insertedAt);
    this.#newest = grown(new Int32Array(length), this.#newest);
    this.#older = grown(new Uint8Array(length), this.#older);
  }
}

function grown<Numbers extends { set(numbers: Numbers): void }>(
  longer: Numbers,
  numbers: Numbers,
): Numbers {
  longer.set(numbers);
  return longer;
}

function haveSameColumns(before: StateText | StateValues, after: StateText | StateValues): boolean {
  return before instanceof StateText && after instanceof StateText && after.hasColumnsOf(before);
}

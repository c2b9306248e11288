import type { OrderedId } from "../entry.ts";
import { KeptState, type KeptStates } from "./kept-states.ts";
import type { RecordView, StateValues } from "./record-view.ts";
import { StateText } from "./state-text.ts";

type Side = KeptState | StateValues;

/** Sides of one row that are kept as they are; more are made one. */
const MOST_SIDES = 8;
const NOTHING: Side[] = [];

/**
 * What the records of a row have told of it so far. Its columns are kept as the records had them, since most rows have few
 * records and most values are written alike each time; only where two are not, both are parsed.
 */
export class Row {
  /** Of its last record. */
  lastId: OrderedId;
  deleted: boolean;
  /** Where its insertion stands, which names all its columns but the empty ones; -1 when it was not seen. */
  insertedAt: number;
  readonly #states: KeptStates;
  #newest: Side;
  /** From before, the newer first. */
  #older: Side[] | undefined;

  /**
   * @param states keeps them
   * @param index of the first record that is known of it
   */
  constructor(states: KeptStates, index: number, { id, operation, before, after }: RecordView) {
    this.#states = states;
    this.lastId = id;
    this.deleted = operation === "DELETE";
    this.insertedAt = operation === "INSERT" ? index : -1;
    this.#newest = states.keep(after);
    this.#older =
      operation === "UPDATE" && !haveSameColumns(before, after) ? [states.keep(before)] : undefined;
  }

  /** Takes the next record. */
  advance(index: number, { id, operation, before, after }: RecordView): void {
    this.lastId = id;
    this.deleted = operation === "DELETE";
    if (operation === "INSERT") this.insertedAt = index;
    if (operation === "UPDATE") {
      this.#older ??= [];
      this.#older.unshift(this.#newest);
      if (!haveSameColumns(before, after)) this.#older.unshift(this.#states.keep(before));
      if (this.#older.length >= MOST_SIDES) this.#older = [merged(this.#older)];
    } else this.#older = undefined;
    this.#newest = this.#states.keep(after);
  }

  /**
   * Whether every value in this side is written as this row has it: true for most. Where it is not, the value may still be
   * the same, and `valueOf` has to be asked.
   */
  isWrittenAs(side: StateText): boolean {
    for (let at = 0; at < side.count; at++) if (!this.#hasValue(side, at)) return false;
    return true;
  }

  /** @returns UNKNOWN for the value behind a commitment, undefined for a column that no record has told of */
  valueOf(column: string): unknown {
    for (const side of [this.#newest, ...(this.#older ?? NOTHING)]) {
      const values = valuesOf(side);
      if (values.has(column)) return values.get(column);
    }
    return undefined;
  }

  #hasValue(side: StateText, at: number): boolean {
    const found = hasValue(this.#newest, side, at);
    if (found !== undefined) return found;
    for (const older of this.#older ?? NOTHING) {
      const foundThere = hasValue(older, side, at);
      if (foundThere !== undefined) return foundThere;
    }
    // Of a column that no record told of it is known that it was empty, or nothing.
    return side.isNull(at);
  }
}

/** @returns undefined when the column is not there */
function hasValue(known: Side, side: StateText, at: number): boolean | undefined {
  if (known instanceof KeptState) return known.hasValue(side, at);
  return known.has(side.names.name(side.column(at))) ? false : undefined;
}

function haveSameColumns(before: StateText | StateValues, after: StateText | StateValues): boolean {
  return before instanceof StateText && after instanceof StateText && after.hasColumnsOf(before);
}

function valuesOf(side: Side): StateValues {
  return side instanceof KeptState ? side.values() : side;
}

function merged(sides: readonly Side[]): StateValues {
  const all = new Map<string, unknown>();
  for (const side of sides.toReversed()) {
    for (const [column, value] of valuesOf(side)) all.set(column, value);
  }
  return all;
}

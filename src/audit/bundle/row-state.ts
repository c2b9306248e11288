import type { StateValues } from "./record-view.ts";
import { StateText, valuesIn } from "./state-text.ts";

/** Texts of one row that are kept as they are; more are made one. */
const MOST_TEXTS = 8;
const NOTHING: (string | StateValues)[] = [];

/**
 * What the records of a row have told of its columns so far. Kept as the texts that the records had, since most rows have
 * one record and most values are written alike each time; only where two are not, both are parsed.
 */
export class RowState {
  /** Of a row that was inserted: all its columns but the empty ones. */
  #newest: string | StateValues;
  /** From before, the newer first. */
  #older: (string | StateValues)[] | undefined;

  /** Of a row of which nothing else is known. */
  constructor(side: StateText | StateValues) {
    this.#newest = kept(side);
  }

  /** Of a row that was first seen when it was updated. */
  static ofUpdate(before: StateText | StateValues, after: StateText | StateValues): RowState {
    const state = new RowState(after);
    if (!haveSameColumns(before, after)) state.#older = [kept(before)];
    return state;
  }

  /** Takes what an update found and what it left. */
  update(before: StateText | StateValues, after: StateText | StateValues): void {
    this.#older ??= [];
    this.#older.unshift(this.#newest);
    if (!haveSameColumns(before, after)) this.#older.unshift(kept(before));
    this.#newest = kept(after);
    if (this.#older.length < MOST_TEXTS) return;
    const all = new Map<string, unknown>();
    for (const side of this.#older.toReversed()) addTo(all, side);
    this.#older = [all];
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
    for (const side of [this.#newest, ...(this.#older ?? [])]) {
      const values = typeof side === "string" ? valuesIn(side) : side;
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
function hasValue(known: string | StateValues, side: StateText, at: number): boolean | undefined {
  const column = side.column(at);
  if (typeof known !== "string") {
    return known.has(side.names.name(column)) ? false : undefined;
  }
  const key = side.names.key(column);
  // Quotation marks within strings are escaped, and keys of inner objects have a space behind them: what is found is the
  // column, or the comparison fails.
  const place = known.indexOf(key);
  return place < 0 ? undefined : side.isValueAt(at, known, place + key.length);
}

function haveSameColumns(before: StateText | StateValues, after: StateText | StateValues): boolean {
  return before instanceof StateText && after instanceof StateText && after.hasColumnsOf(before);
}

function kept(side: StateText | StateValues): string | StateValues {
  if (!(side instanceof StateText)) return side;
  if (side.count === 0) return "{}";
  return side.hasCommitments ? side.values() : side.text();
}

function addTo(all: Map<string, unknown>, side: string | StateValues): void {
  for (const [column, value] of typeof side === "string" ? valuesIn(side) : side) {
    all.set(column, value);
  }
}

import type { OrderedId } from "../entry.ts";
import type { RecordView, StateValues } from "./record-view.ts";
import { StateText, valuesIn } from "./state-text.ts";

/** Texts of one row that are kept as they are; more are made one. */
const MOST_TEXTS = 8;
const NOTHING: (string | StateValues)[] = [];

/**
 * What the records of a row have told of it so far. Its columns are kept as the texts that the records had, since most rows
 * have few records and most values are written alike each time; only where two are not, both are parsed.
 */
export class Row {
  /** Of its last record. */
  lastId: OrderedId;
  deleted: boolean;
  /** Where its insertion stands, which names all its columns but the empty ones; -1 when it was not seen. */
  insertedAt: number;
  #newest: string | StateValues;
  /** From before, the newer first. */
  #older: (string | StateValues)[] | undefined;

  /** @param index of the first record that is known of it */
  constructor(index: number, { id, operation, before, after }: RecordView) {
    this.lastId = id;
    this.deleted = operation === "DELETE";
    this.insertedAt = operation === "INSERT" ? index : -1;
    this.#newest = kept(after);
    this.#older =
      operation === "UPDATE" && !haveSameColumns(before, after) ? [kept(before)] : undefined;
  }

  /** Takes the next record. */
  advance(index: number, { id, operation, before, after }: RecordView): void {
    this.lastId = id;
    this.deleted = operation === "DELETE";
    if (operation === "INSERT") this.insertedAt = index;
    if (operation === "UPDATE") {
      this.#older ??= [];
      this.#older.unshift(this.#newest);
      if (!haveSameColumns(before, after)) this.#older.unshift(kept(before));
      if (this.#older.length >= MOST_TEXTS) this.#older = [merged(this.#older)];
    } else this.#older = undefined;
    this.#newest = kept(after);
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

function merged(sides: readonly (string | StateValues)[]): StateValues {
  const all = new Map<string, unknown>();
  for (const side of sides.toReversed()) {
    for (const [column, value] of typeof side === "string" ? valuesIn(side) : side) {
      all.set(column, value);
    }
  }
  return all;
}

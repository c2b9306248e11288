import type { ColumnNames } from "./column-names.ts";
import { CLOSE_OBJECT, COMMA, OPEN_OBJECT } from "./json-bytes.ts";
import { type StateValues, stateValues } from "./record-view.ts";

/** Of columns in one side of a row; more are parsed. */
export const MOST_COLUMNS = 128;

/**
 * One side of a row where it stands in its entry: an object without spaces, whose columns have plain names, each once. It
 * is read anew with each entry.
 */
export class StateText {
  readonly names: ColumnNames;
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** Of columns. */
  count = 0;
  /** By column: its number in `names`, and where its value stands. */
  readonly columns = new Int16Array(MOST_COLUMNS);
  readonly starts = new Int32Array(MOST_COLUMNS);
  readonly ends = new Int32Array(MOST_COLUMNS);

  constructor(names: ColumnNames) {
    this.names = names;
  }

  column(at: number): number {
    return this.columns[at] ?? 0;
  }

  values(): StateValues {
    if (this.count === 0) return new Map();
    return valuesIn(this.bytes.toString("utf8", this.start, this.end));
  }

  /** Whether another side has the same columns in the same order. */
  hasColumnsOf(other: StateText): boolean {
    if (this.count !== other.count) return false;
    for (let at = 0; at < this.count; at++) {
      if (this.columns[at] !== other.columns[at]) return false;
    }
    return true;
  }

  /** Whether that column's value is written there as it is here, or a commitment stands in the place of one of them. */
  mayBeAt(at: number, other: Uint8Array, place: number): boolean {
    const start = this.starts[at] ?? 0;
    // Of a row's values, commitments alone are objects.
    if (this.bytes[start] === OPEN_OBJECT || other[place] === OPEN_OBJECT) return true;
    const length = (this.ends[at] ?? 0) - start;
    for (let offset = 0; offset < length; offset++) {
      if (other[place + offset] !== this.bytes[start + offset]) return false;
    }
    const after = other[place + length];
    return after === COMMA || after === CLOSE_OBJECT;
  }

  isNull(at: number): boolean {
    // No other value begins with an n.
    return this.bytes[this.starts[at] ?? 0] === 0x6e;
  }
}

/** The values of a side's text. */
export function valuesIn(text: string): StateValues {
  return stateValues(JSON.parse(text));
}

import type { ColumnNames } from "./column-names.ts";
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
  /** Whether values are behind commitments. */
  hasCommitments = false;
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

  /** Its bytes, one a character; a copy. */
  text(): string {
    return this.bytes.toString("latin1", this.start, this.end);
  }

  values(): StateValues {
    return this.count === 0 ? new Map() : valuesIn(this.text());
  }

  /** Whether another side has the same columns in the same order. */
  hasColumnsOf(other: StateText): boolean {
    if (this.count !== other.count) return false;
    for (let at = 0; at < this.count; at++) {
      if (this.columns[at] !== other.columns[at]) return false;
    }
    return true;
  }

  /** Whether that column's value is written there as it is here, and ends there. */
  isValueAt(at: number, text: string, place: number): boolean {
    const start = this.starts[at] ?? 0;
    const length = (this.ends[at] ?? 0) - start;
    for (let offset = 0; offset < length; offset++) {
      if (text.charCodeAt(place + offset) !== this.bytes[start + offset]) return false;
    }
    const after = text[place + length];
    return after === "," || after === "}";
  }

  isNull(at: number): boolean {
    // No other value begins with an n.
    return this.bytes[this.starts[at] ?? 0] === 0x6e;
  }
}

/** The values of a side's text, with one byte a character. */
export function valuesIn(text: string): StateValues {
  return stateValues(JSON.parse(Buffer.from(text, "latin1").toString("utf8")));
}

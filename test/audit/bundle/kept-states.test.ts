import { describe, expect, it } from "@jest/globals";
import { EntryScanner } from "../../../src/audit/bundle/entry-scanner.ts";
import { KeptStates, NO_STATE } from "../../../src/audit/bundle/kept-states.ts";
import { StateText } from "../../../src/audit/bundle/state-text.ts";
import { recordText } from "../entries.ts";

/** The side of a row that an insertion of it has. */
function sideOf(scanner: EntryScanner, row: object): StateText {
  const bytes = Buffer.from(recordText({ new_state: row }));
  const side = scanner.scan(bytes, 0, bytes.length)?.after;
  if (!(side instanceof StateText)) throw new Error("The scanner reads such a record.");
  return side;
}

describe("KeptStates", () => {
  it("keeps states of any size as they were, one after another", () => {
    const scanner = new EntryScanner();
    const states = new KeptStates();
    const rows = Array.from({ length: 300 }, (_, at) => ({
      id: String(at),
      note: "x".repeat((at * 997) % 70_000),
      ...(at % 2 === 0 && { status: "PENDING" }),
    }));
    let last = NO_STATE;
    const kept = rows.map((row) => {
      last = states.keep(sideOf(scanner, row), last);
      return last;
    });
    for (const [at, row] of rows.entries()) {
      const state = kept[at] ?? NO_STATE;
      expect(Object.fromEntries(states.values(state))).toEqual(row);
      expect(states.before(state)).toBe(kept[at - 1] ?? NO_STATE);
    }
  });

  it("tells whether a column is written alike, and when it is not there", () => {
    const scanner = new EntryScanner();
    const states = new KeptStates();
    const state = states.keep(sideOf(scanner, { id: "1", note: "x", total: "10.00" }), NO_STATE);
    const empty = states.keep(sideOf(scanner, {}), NO_STATE);
    const asked = sideOf(scanner, { total: "10.00", note: "y", status: "PAID" });
    expect([0, 1, 2].map((at) => states.hasValue(state, asked, at))).toEqual([
      true,
      false,
      undefined,
    ]);
    expect(states.hasValue(empty, asked, 0)).toBeUndefined();
  });

  it("forgets a row's states, and leaves those of others", () => {
    const scanner = new EntryScanner();
    const states = new KeptStates();
    const note = "x".repeat(50_000);
    const other = states.keep(sideOf(scanner, { id: "other" }), NO_STATE);
    for (let round = 0; round < 100; round++) {
      const older = states.keep(sideOf(scanner, { id: String(round), note }), NO_STATE);
      const newest = states.keep(new Map([["id", "parsed"]]), older);
      expect(states.values(newest)).toEqual(new Map([["id", "parsed"]]));
      states.drop(newest);
    }
    expect(states.values(other)).toEqual(new Map([["id", "other"]]));
  });
});

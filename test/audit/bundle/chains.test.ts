import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { EntityChains } from "../../../src/audit/bundle/chains.ts";
import { EntryScanner } from "../../../src/audit/bundle/entry-scanner.ts";
import { viewOf } from "../../../src/audit/bundle/record-view.ts";
import { isRecord, parseEntry } from "../../../src/audit/entry.ts";
import { type EntryFields, recordText } from "../entries.ts";
import { faultOf } from "../expect-fault.ts";
import { committed, SALT } from "./test-log.ts";

const UPDATE = { operation: "UPDATE", action: "UPDATE" };
const DELETE = { operation: "DELETE", action: "DELETE" };

/** What is found in records of one row, one after the other: the same whether they are scanned or parsed. */
function faultsIn(...records: EntryFields[]) {
  const found = [true, false].map((scans) => {
    const chains = new EntityChains();
    const scanner = new EntryScanner();
    return records.flatMap(({ personal, ...fields }, index) => {
      const text = recordText({ id: String(index + 1), ...fields });
      const values = personal === undefined ? undefined : { salt: SALT, values: Object(personal) };
      const bytes = Buffer.from(text);
      const scanned = scans && !values ? scanner.scan(bytes, 0, bytes.length) : undefined;
      const entry = parseEntry(text);
      if (!isRecord(entry)) throw new Error("unreachable");
      return chains.record(index, scanned ?? viewOf(entry, values));
    });
  });
  expect(found[0]).toEqual(found[1]);
  return found[0];
}

describe("EntityChains", () => {
  it("asks nothing of what it has not seen", () => {
    expect(faultsIn({ ...UPDATE, previous_state: { a: "1" }, new_state: { a: "2" } })).toEqual([]);
    expect(faultsIn({ ...DELETE, previous_state: { a: "1" } }, { new_state: { a: "1" } })).toEqual(
      [],
    );
  });

  it("knows that a column was empty that a new row leaves out, but for one that is added later", () => {
    const row = { new_state: { id: "7" } };
    const filled = { ...UPDATE, previous_state: { note: "x" }, new_state: { note: "y" } };
    expect(faultsIn(row, filled)).toEqual([]);
    const other = { entity_id: "8", new_state: { id: "8", note: "z" } };
    expect(faultsIn(other, row, filled)).toEqual([faultOf("BROKEN_CHAIN")]);
    const empty = { ...filled, previous_state: { note: null } };
    expect(faultsIn(other, row, empty)).toEqual([]);
    expect(faultsIn(row, other, filled)).toEqual([]);
  });

  it("knows that no row is left of a table that was emptied", () => {
    const row = { new_state: { a: "1" } };
    const update = { ...UPDATE, previous_state: { a: "1" }, new_state: { a: "2" } };
    const empty = { operation: "TRUNCATE", action: "OUT_OF_BAND", entity_id: "expenses" };
    expect(faultsIn(row, empty, row, empty, row, update)).toEqual([]);
    expect(faultsIn(row, empty, update)).toEqual([faultOf("BROKEN_CHAIN")]);
    expect(faultsIn(row, empty, { ...DELETE, previous_state: { a: "1" } })).toEqual([
      faultOf("BROKEN_CHAIN"),
    ]);
    expect(faultsIn({ ...empty, id: "2" }, { ...empty, id: "1" })).toEqual([
      faultOf("WRONG_ORDER"),
    ]);
  });

  it("orders a row's records by their ids, however long these are", () => {
    const long = "9007199254740993";
    const change = (id: string) => ({ ...UPDATE, id, previous_state: {}, new_state: {} });
    expect(faultsIn(change("5"), change("6"), change(long), change("9007199254740994"))).toEqual(
      [],
    );
    expect(faultsIn(change(long), change("9007199254740992"))).toEqual([faultOf("WRONG_ORDER")]);
    expect(faultsIn(change(long), change("7"), change("8"))).toEqual([faultOf("WRONG_ORDER")]);
  });

  it("compares values behind commitments only where both are shown", () => {
    const name = (path: string, value: string) => ({ name: committed(path, value) });
    const row = { new_state: name("new_state.name", "Ana") };
    const update = { ...UPDATE, previous_state: name("previous_state.name", "Bia"), new_state: {} };
    expect(faultsIn(row, update)).toEqual([]);
    const shown = { ...row, personal: { "new_state.name": '"Ana"' } };
    expect(faultsIn(shown, update)).toEqual([]);
    const both = { ...update, personal: { "previous_state.name": '"Bia"' } };
    expect(faultsIn(row, both)).toEqual([]);
    expect(faultsIn(shown, both)).toEqual([faultOf("BROKEN_CHAIN")]);
  });

  it("follows any honest history, and finds any change that has no record", () => {
    const value = fc.oneof(fc.constant(null), fc.string(), fc.boolean(), fc.array(fc.integer()));
    const step = fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), value);
    fc.assert(
      fc.property(fc.array(step, { minLength: 1 }), (steps) => {
        const state = new Map<string, unknown>([["a", "x"]]);
        const records: EntryFields[] = [{ new_state: Object.fromEntries(state) }];
        for (const changed of steps) {
          const before = Object.keys(changed).map((field) => [field, state.get(field) ?? null]);
          for (const [field, next] of Object.entries(changed)) state.set(field, next);
          records.push({
            ...UPDATE,
            previous_state: Object.fromEntries(before),
            new_state: changed,
          });
        }
        expect(faultsIn(...records)).toEqual([]);
        const altered = { ...UPDATE, previous_state: { a: "changed by hand" }, new_state: {} };
        fc.pre(state.get("a") !== "changed by hand");
        expect(faultsIn(...records, altered)).toEqual([faultOf("BROKEN_CHAIN")]);
      }),
    );
  });
});

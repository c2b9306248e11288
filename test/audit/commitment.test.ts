import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { checkCommitments, commit, commitmentsOf, parseSalt } from "../../src/audit/commitment.ts";
import { isRecord, parseEntry } from "../../src/audit/entry.ts";
import { type EntryFields, recordText } from "./entries.ts";
import { faultOf } from "./expect-fault.ts";

interface Vectors {
  vectors: { salt: string; path: string; jsonText: string; commitment: string }[];
}
const { vectors }: Vectors = JSON.parse(
  readFileSync(new URL("../fixtures/audit/commitment.json", import.meta.url), "utf8"),
);

const SALT = Buffer.alloc(16, 7).toString("base64");
const committed = (path: string, value: unknown) => ({
  commitment: Buffer.from(commit(parseSalt(SALT), path, JSON.stringify(value))).toString("base64"),
});

function commitmentsIn(fields: EntryFields): Map<string, string> {
  const entry = parseEntry(recordText(fields));
  if (!isRecord(entry)) throw new Error("unreachable");
  return commitmentsOf(entry);
}

describe("commit", () => {
  it.each(vectors)("of $path is what another implementation has", (vector) => {
    const { salt, path, jsonText, commitment } = vector;
    const bytes = commit(parseSalt(salt), path, jsonText);
    expect(Buffer.from(bytes).toString("base64")).toBe(commitment);
  });
});

describe("commitmentsOf", () => {
  it("finds them in the states and in the fields that may be personal, and nothing else", () => {
    const found = commitmentsIn({
      ip: committed("ip", "203.0.113.9"),
      reason: "às claras",
      previous_state: { name: committed("previous_state.name", "Ana"), id: "7" },
      new_state: {
        name: committed("new_state.name", "Bia"),
        two: { commitment: committed("x", 1).commitment, more: 1 },
        short: { commitment: "AAAA" },
        list: ["commitment"],
        none: null,
      },
    });
    expect([...found.keys()]).toEqual(["ip", "previous_state.name", "new_state.name"]);
  });
});

describe("checkCommitments", () => {
  const commitments = commitmentsIn({
    ip: committed("ip", "203.0.113.9"),
    new_state: { name: committed("new_state.name", "Bia"), id: "7" },
  });
  const values = { ip: '"203.0.113.9"', "new_state.name": '"Bia"' };

  it("takes the values that belong to the record, or some of them", () => {
    expect(checkCommitments(commitments, { salt: SALT, values })).toEqual([]);
    expect(checkCommitments(commitments, { salt: SALT, values: { ip: values.ip } })).toEqual([]);
    expect(checkCommitments(commitments, { salt: SALT, values: {} })).toEqual([]);
  });

  it("finds values that were swapped, moved or added, and never tells them", () => {
    for (const wrong of [
      { ip: '"203.0.113.10"' },
      { "new_state.name": '"Carla"' },
      { ip: '"Bia"' },
      { "new_state.id": '"7"' },
      { user_agent: '"203.0.113.9"' },
    ]) {
      const faults = checkCommitments(commitments, { salt: SALT, values: wrong });
      expect(faults).toEqual([faultOf("COMMITMENT_MISMATCH")]);
      expect(faults[0]?.message).toContain(Object.keys(wrong)[0]);
      expect(faults[0]?.message).not.toContain(Object.values(wrong)[0]);
    }
    const other = Buffer.alloc(16, 8).toString("base64");
    expect(checkCommitments(commitments, { salt: other, values })).toHaveLength(2);
  });

  it("refuses a salt of another length", () => {
    for (const salt of ["", "AAAA", Buffer.alloc(17).toString("base64")]) {
      expect(() => checkCommitments(commitments, { salt, values })).toThrow(faultOf("MALFORMED"));
    }
  });

  it("hold for their own value alone", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (path, one, other) => {
        fc.pre(one !== other);
        const salt = parseSalt(SALT);
        const commitment = Buffer.from(commit(salt, path, one)).toString("base64");
        const has = new Map([[path, commitment]]);
        expect(checkCommitments(has, { salt: SALT, values: { [path]: one } })).toEqual([]);
        expect(checkCommitments(has, { salt: SALT, values: { [path]: other } })).toHaveLength(1);
      }),
    );
  });
});

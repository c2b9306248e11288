import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  type AttestedRecord,
  checkIntent,
  formatIntent,
  groupRoots,
  type Intent,
  openIntent,
  signIntent,
} from "../../src/audit/intent.ts";
import { type Signer, signNote } from "../../src/audit/note.ts";
import { leafHash } from "../../src/audit/tree.ts";
import { faultOf } from "./expect-fault.ts";
import { plainRoot } from "./merkle.ts";
import { listed, newSigner, newWitness } from "./signing.ts";

let process: Signer;
beforeAll(async () => {
  process = await newSigner("processo.example/worker");
});

function record(id: string, fields: Partial<AttestedRecord> = {}): AttestedRecord {
  return {
    id,
    organization_id: "10",
    condominium_id: "20",
    sensitivity: "ORDINARY",
    leafHash: leafHash(id),
    action: "SUBMIT",
    actor_id: "person:1",
    actor_role: "admin",
    request_id: "req-1",
    ...fields,
  };
}

function intentOf(records: readonly AttestedRecord[], fields: Partial<Intent> = {}): Intent {
  return {
    transaction_id: "100",
    actor_id: "person:1",
    actor_role: "admin",
    reason: "Envio de despesas",
    request_id: "req-1",
    actions: ["SUBMIT"],
    records: records.length,
    groups: groupRoots(records),
    ...fields,
  };
}

describe("groupRoots", () => {
  it("has a root for each organization, condominium and sensitivity, over ascending ids", () => {
    const one = [record("9"), record("10"), record("100")];
    const two = [record("11", { sensitivity: "SALARY" })];
    const three = [record("12", { condominium_id: undefined })];
    const groups = groupRoots([...three, ...two, ...one.toReversed()]);
    const expected = [one, two, three].map((members) => ({
      records: members.length,
      root: Buffer.from(plainRoot(members.map((each) => each.leafHash))).toString("base64"),
    }));
    expect(groups).toEqual(expected.sort((a, b) => (a.root < b.root ? -1 : 1)));
    expect(groupRoots([])).toEqual([]);
  });

  it("does not depend on the order in which records come", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.bigInt({ min: 1n, max: 10n ** 18n })),
        fc.nat(),
        (ids, turn) => {
          const records = ids.map((id) => record(String(id), { condominium_id: String(id % 3n) }));
          const turned = records.map(
            (_, at) => records[(at + turn) % records.length] ?? record("0"),
          );
          expect(groupRoots(turned)).toEqual(groupRoots(records));
        },
      ),
    );
  });
});

describe("openIntent", () => {
  it("reads what was signed", async () => {
    const intent = intentOf([record("1")], { job_id: 'é\n"', reason: { commitment: "x" } });
    const note = await signIntent(intent, process);
    expect(note.split("\n")[0]).toBe("blindagem/intent");
    expect(openIntent(note, [listed("intent", process)], 5)).toEqual(intent);
  });

  it("refuses altered notes, unknown keys, keys of another role, and keys past their range", async () => {
    const note = await signIntent(intentOf([record("1")]), process);
    const keys = [listed("intent", process, { from: 2, until: 6 })];
    expect(openIntent(note, keys, 5).actor_id).toBe("person:1");
    const open =
      (source: string, known = keys, index = 5) =>
      () =>
        openIntent(source, known, index);
    expect(open(note.replace("person:1", "person:2"))).toThrow(faultOf("FORGED"));
    const stranger = await newSigner("processo.example/worker");
    expect(open(note, [listed("intent", stranger)])).toThrow(faultOf("UNSIGNED"));
    expect(open(note, [listed("log", process)])).toThrow(faultOf("UNSIGNED"));
    expect(open(note, keys, 6)).toThrow(faultOf("KEY_OUT_OF_RANGE"));
    expect(open(note, keys, 1)).toThrow(faultOf("KEY_OUT_OF_RANGE"));
  });

  it.each([
    "blindagem/intent\n",
    "blindagem/intent\nnonsense\n",
    "blindagem/intent\n{}\n",
    "registro.example\n7\n4RIvqhfxn7oxcnf7H7VvLEIc7iDzjJb4Ad+XHnnzxLw=\n",
    `blindagem/intent\n${JSON.stringify(intentOf([record("1")], { records: 2 }))}\n`,
    `${formatIntent(intentOf([record("1")]))}more\n`,
    formatIntent(intentOf([record("1")])).replace("intent", "other"),
  ])("refuses a signed text that is no intent: %j", async (text) => {
    const note = await signNote(text, [process]);
    expect(() => openIntent(note, [listed("intent", process)], 0)).toThrow(faultOf("MALFORMED"));
  });

  it("is not made with a witness's key, nor of counts that do not fit", async () => {
    const witness = await newWitness("testemunha.example");
    await expect(signIntent(intentOf([record("1")]), witness)).rejects.toThrow(
      faultOf("MALFORMED"),
    );
    expect(() => formatIntent(intentOf([record("1")], { records: 3 }))).toThrow(
      faultOf("MALFORMED"),
    );
  });
});

describe("checkIntent", () => {
  const ours = [record("1"), record("2"), record("3")];
  const theirs = [record("4", { organization_id: "11" }), record("5", { organization_id: "11" })];
  const intent = intentOf([...ours, ...theirs]);
  const unattested = (id: string) => [{ fault: faultOf("UNATTESTED"), id }];

  it("takes the groups that the reader has, each whole", () => {
    expect(checkIntent(intent, [...ours, ...theirs])).toEqual([]);
    expect(checkIntent(intent, ours)).toEqual([]);
    expect(checkIntent(intent, theirs)).toEqual([]);
    expect(checkIntent(intent, [])).toEqual([]);
  });

  it("finds records that were altered, added, taken away or moved to other readers", () => {
    const altered = [record("1"), record("2", { leafHash: leafHash("x") }), record("3")];
    expect(checkIntent(intent, altered)).toEqual(unattested("1"));
    expect(checkIntent(intent, [...ours, record("6")])).toEqual(unattested("1"));
    expect(checkIntent(intent, ours.slice(1))).toEqual(unattested("2"));
    const moved = [record("7", { organization_id: "12" })];
    expect(checkIntent(intent, [...ours, ...moved])).toEqual(unattested("7"));
  });

  it.each([
    ["actor_id", { actor_id: "person:2" }],
    ["actor_role", { actor_role: "operator" }],
    ["request_id", { request_id: undefined }],
    ["job_id", { job_id: "job-1" }],
    ["action", { action: "APPROVE" }],
  ])("finds another %s than the signed one", (field, fields) => {
    const other = [record("1", fields)];
    const faults = checkIntent(intentOf(other), other);
    expect(faults).toEqual(unattested("1"));
    expect(faults[0]?.fault.message).toContain(field);
  });

  it("asks nothing of what says itself that it is out of band", () => {
    const outside = [record("1", { action: "OUT_OF_BAND", actor_id: undefined })];
    expect(checkIntent(intentOf([record("2")]), outside)).toEqual([]);
    const both = [...outside, record("2")];
    expect(checkIntent(intentOf(both), both)).toEqual([]);
    expect(checkIntent(intentOf([record("2")]), both)).toEqual(unattested("2"));
  });
});

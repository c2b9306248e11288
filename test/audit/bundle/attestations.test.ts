import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Attestations } from "../../../src/audit/bundle/attestations.ts";
import { viewOf } from "../../../src/audit/bundle/record-view.ts";
import { Findings } from "../../../src/audit/bundle/report.ts";
import { isRecord, parseEntry } from "../../../src/audit/entry.ts";
import type { Signer } from "../../../src/audit/note.ts";
import { leafHash } from "../../../src/audit/tree.ts";
import type { EntryFields } from "../entries.ts";
import { listed, newSigner } from "../signing.ts";
import { TestLog } from "./test-log.ts";

let worker: Signer;
beforeAll(async () => {
  worker = await newSigner("processo.example/worker");
});

/** What is found in these entries of a log, in this order. */
function found(entries: readonly (string | undefined)[]) {
  const findings = new Findings();
  const attestations = new Attestations([listed("intent", worker)], findings);
  for (const [index, text = ""] of entries.entries()) {
    const entry = parseEntry(text);
    if (!isRecord(entry)) attestations.intent(index, entry);
    else {
      const hash = Buffer.from(leafHash(text)).toString("latin1");
      attestations.record(index, viewOf(entry, undefined), hash);
    }
  }
  attestations.finish();
  const faults = findings.faults.map(({ code, where }) => [code, where.index]);
  return { attested: attestations.attested, faults, messages: findings.faults };
}

async function logOf(records: readonly EntryFields[]): Promise<string[]> {
  const log = new TestLog();
  await log.transaction("100", worker, records);
  return log.entries;
}

const THEIRS = { organization_id: "11" };

describe("Attestations", () => {
  it("takes the groups that the reader has, each whole", async () => {
    const entries = await logOf([{}, THEIRS, {}, THEIRS, { sensitivity: "SALARY" }]);
    const intent = entries.at(-1);
    expect(found(entries)).toMatchObject({ attested: 5, faults: [] });
    expect(found([entries[0], entries[2], intent])).toMatchObject({ attested: 2, faults: [] });
    expect(found([intent])).toMatchObject({ attested: 0, faults: [] });
  });

  it("finds records that were altered, added, taken away, moved to other readers or left without an intent", async () => {
    const [one, two, intent] = await logOf([{}, {}]);
    const [, , three] = await logOf([{}, {}, {}]);
    const faults = [["UNATTESTED", 0]];
    expect(found([one, two?.replace("SUBMIT", "REJECT"), intent])).toMatchObject({ faults });
    expect(found([one, two, three, intent])).toMatchObject({ faults });
    expect(found([two, intent])).toMatchObject({ faults });
    expect(found([one, two])).toMatchObject({ faults });
    const moved = two?.replace('"organization_id":"10"', '"organization_id":"12"');
    const both = [...faults, ["UNATTESTED", 1]];
    expect(found([one, moved, intent])).toMatchObject({ attested: 0, faults: both });
  });

  it.each([
    ["actor_id", { actor_id: "person:2" }],
    ["actor_role", { actor_role: "operator" }],
    ["request_id", { request_id: undefined }],
    ["job_id", { job_id: "job-1" }],
    ["reason", { reason: "Outro motivo" }],
  ])("finds another %s than the signed one, at each record", async (field, fields) => {
    const { faults, messages } = found(await logOf([{}, fields, fields]));
    expect(faults).toEqual([
      ["UNATTESTED", 1],
      ["UNATTESTED", 2],
    ]);
    expect(messages[0]?.message).toContain(field);
  });

  it.each([
    [
      "under a commitment",
      { reason: { commitment: "aYxfzQZ5gZ0EtH709tHpD8NmZn7OVKLYvyIVe01ttbo=" } },
    ],
    ["in words, as format 4 had it", { format: "blindagem-record-4", reason: "Conferido" }],
    ["in words, as format 5 once had it", { format: "blindagem-record-5", reason: "Conferido" }],
  ])(
    "takes a reason that somebody typed, %s: the intent has what was asked for",
    async (_, fields) => {
      expect(found(await logOf([{}, fields]))).toMatchObject({ attested: 2, faults: [] });
    },
  );

  it("asks nothing of what says itself that it is out of band", async () => {
    const outside = { action: "OUT_OF_BAND", actor_id: undefined };
    const entries = await logOf([outside, {}]);
    expect(found(entries)).toMatchObject({ attested: 1, faults: [] });
    expect(found(entries.slice(0, 1))).toMatchObject({ faults: [] });
    expect(found(entries.slice(0, 2))).toMatchObject({ faults: [["UNATTESTED", 1]] });
  });

  it("puts the records of a group in the order of their ids, as the intent did", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.bigInt({ min: 1n, max: 10n ** 18n }), { minLength: 1 }),
        async (ids) => {
          const entries = await logOf(
            ids.map((id) => ({ id: String(id), condominium_id: String(id % 3n) })),
          );
          expect(found(entries)).toMatchObject({ attested: ids.length, faults: [] });
        },
      ),
    );
  });
});

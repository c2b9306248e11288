import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BundledRecord } from "../../../src/audit/bundle/manifest.ts";
import type { FaultCode } from "../../../src/audit/fault.ts";
import { formatKeyList } from "../../../src/audit/key-list.ts";
import { splitLeafHashes } from "../../../src/audit/leaf-hashes.ts";
import { formatNote, parseNote, signNote } from "../../../src/audit/note.ts";
import { leafHash } from "../../../src/audit/tree.ts";
import { recordText } from "../entries.ts";
import { plainRoot } from "../merkle.ts";
import { listed, newSigner } from "../signing.ts";
import {
  editFile,
  editRecords,
  type TestBundle,
  testBundle,
  writeTestBundle,
} from "./test-bundle.ts";
import { TestLog } from "./test-log.ts";

/** A way to make a bundle wrong, and what every verifier has to say of it. */
export interface Tampering {
  name: string;
  codes: FaultCode[];
  /**
   * Writes the bundle.
   *
   * @returns text of the reader's own: a key list to trust, a checkpoint kept from before
   */
  write(directory: string): Promise<{ keys?: string; since?: string } | undefined>;
}

/** What somebody does to a bundle that was right. */
function ofBundle(
  name: string,
  codes: FaultCode[],
  tamper: (directory: string, bundle: TestBundle) => Promise<void>,
): Tampering {
  return {
    name,
    codes,
    async write(directory) {
      const bundle = await testBundle();
      await writeTestBundle(directory, bundle);
      await tamper(directory, bundle);
      return undefined;
    },
  };
}

/** What somebody with the database does to the log; it is sealed, signed and exported as if it were right. */
function ofLog(
  name: string,
  codes: FaultCode[],
  tamper: (bundle: TestBundle) => Promise<unknown>,
): Tampering {
  return {
    name,
    codes,
    async write(directory) {
      const bundle = await testBundle();
      await tamper(bundle);
      await writeTestBundle(directory, bundle);
      return undefined;
    },
  };
}

const UPDATE = { operation: "UPDATE", action: "UPDATE" };

/** An entry with that value in the place of "@", deeper than readers that call themselves can go. */
export function nested(entry: string, value: string): string {
  const depth = 20_000;
  return entry.replace('"@"', () => "[".repeat(depth) + value + "]".repeat(depth));
}

function lineOf(lines: BundledRecord[], text: string): BundledRecord {
  const line = lines.find(({ entry }) => entry.includes(text));
  if (line === undefined) throw new Error(`No entry has ${text}.`);
  return line;
}

function editedEntry(from: string, to: string) {
  return (lines: BundledRecord[]) => {
    const line = lineOf(lines, from);
    line.entry = line.entry.replace(from, to);
    return lines;
  };
}

/** The bytes with the first one changed. */
function flipped(text: string): string {
  return String.fromCharCode(text.charCodeAt(0) ^ 1) + text.slice(1);
}

const FOREIGN_TEXT = '"organization_id":"11"';

export const TAMPERINGS: Tampering[] = [
  ofBundle("no manifest", ["MISSING_FILE"], (directory) => rm(join(directory, "manifest.json"))),
  ofBundle("a manifest of another format", ["MALFORMED"], (directory) =>
    editFile(directory, "manifest.json", (text) => text.replace("bundle-1", "bundle-2")),
  ),
  ...[
    { createdAt: "2026-02-30T00:00:00Z" },
    { createdAt: "2026-12-02T24:00:00Z" },
    { createdAt: "2026-12-02T00:00Z" },
    { createdAt: "2026-12-02T00:00:00-03:00" },
    { organizations: [10] },
    { condominiums: ["020"] },
    { month: "２０２６-10" },
    { recordedIn: "2026-13" },
    { documents: "true" },
    { erasedDocuments: ["A".repeat(64)] },
    { treeSize: -1 },
    { elsewhere: [{ month: "2026-10", records: 0, root: Buffer.alloc(32).toString("base64") }] },
    { elsewhere: [{ month: "2026-10", records: 5, root: "x" }] },
  ].map((wrong) =>
    ofBundle(`a manifest with ${JSON.stringify(wrong)}`, ["MALFORMED"], (directory) =>
      editFile(directory, "manifest.json", (text) =>
        // As `editFile` has bytes.
        Buffer.from(JSON.stringify({ ...JSON.parse(text), ...wrong })).toString("latin1"),
      ),
    ),
  ),
  ofBundle("no keys", ["MISSING_FILE"], (directory) => rm(join(directory, "keys"))),
  ofBundle("a damaged key", ["MALFORMED"], (directory) =>
    editFile(directory, "keys", (text) => text.replace("registro.example", "registro.exempla")),
  ),
  ofBundle("no checkpoint", ["MISSING_FILE"], (directory) => rm(join(directory, "checkpoint"))),
  ofBundle("a checkpoint that is no note", ["MALFORMED"], (directory) =>
    writeFile(join(directory, "checkpoint"), "nonsense"),
  ),
  ofBundle(
    "a checkpoint with another size than it was signed with",
    ["FORGED"],
    (directory, { log }) =>
      editFile(directory, "checkpoint", (text) =>
        text.replace(`\n${log.entries.length}\n`, `\n${log.entries.length - 1}\n`),
      ),
  ),
  ofBundle("a manifest of another size than the checkpoint", ["MALFORMED"], (directory, { log }) =>
    editFile(directory, "manifest.json", (text) =>
      text.replace(`${log.entries.length}`, `${log.entries.length - 1}`),
    ),
  ),
  ofBundle(
    "a checkpoint signed by a stranger of the same name",
    ["UNSIGNED"],
    async (directory, bundle) => {
      const stranger = await newSigner(bundle.logSigner.key.name);
      await writeFile(join(directory, "checkpoint"), await bundle.log.checkpoint([stranger]));
    },
  ),
  ofBundle("a false cosignature of a known witness", ["FORGED"], async (directory, bundle) => {
    const { log, logSigner, witness } = bundle;
    const ours = parseNote(await log.checkpoint([logSigner], { witnesses: [witness] }));
    const other = parseNote(await log.checkpoint([logSigner], { witnesses: [witness], size: 5 }));
    const signatures = [...ours.signatures.slice(0, 1), ...other.signatures.slice(1)];
    await writeFile(join(directory, "checkpoint"), formatNote({ ...ours, signatures }));
  }),
  ofBundle(
    "a false cosignature of an earlier checkpoint",
    ["FORGED"],
    async (directory, bundle) => {
      const { log, logSigner, witness } = bundle;
      const ours = parseNote(await log.checkpoint([logSigner], { size: 256 }));
      const other = parseNote(await log.checkpoint([logSigner], { witnesses: [witness] }));
      const signatures = [...ours.signatures, ...other.signatures.slice(1)];
      await writeFile(join(directory, "checkpoints", "256"), formatNote({ ...ours, signatures }));
    },
  ),
  ofBundle("another log's checkpoint", ["WRONG_ORIGIN"], (directory) =>
    editFile(directory, "manifest.json", (text) =>
      text.replace("registro.example", "outro.example"),
    ).then(() => rm(join(directory, "checkpoints"), { recursive: true })),
  ),
  ofBundle("no records", ["MISSING_FILE"], (directory) => rm(join(directory, "records"))),
  ofBundle("a line that is no record", ["MALFORMED"], (directory) =>
    editFile(directory, "records", (text) => `${text}{"index": 1}\n`),
  ),
  ofBundle("a line that is no UTF-8", ["MALFORMED"], (directory) =>
    editFile(directory, "records", (text) => `${text}900 \xff\xfe\n`),
  ),
  ofBundle("an index with a zero before it", ["MALFORMED"], (directory) =>
    editFile(directory, "records", (text) => `0${text}`),
  ),
  ofBundle("a line without an entry", ["MALFORMED"], (directory) =>
    editFile(directory, "records", (text) => `${text}900`),
  ),
  ofBundle("an index that no reader counts to", ["MALFORMED"], (directory) =>
    editFile(directory, "records", (text) => `${text}9007199254740992 {}\n`),
  ),
  ofBundle("an index of thousands of digits", ["MALFORMED"], (directory) =>
    editFile(directory, "records", (text) => `${text}${"9".repeat(5000)} {}\n`),
  ),
  ofBundle("an earlier checkpoint of a size of thousands of digits", ["MALFORMED"], (directory) =>
    editFile(directory, "checkpoints/256", (text) =>
      text.replace("\n256\n", `\n${"9".repeat(5000)}\n`),
    ),
  ),
  ofBundle("values that belong to no record", ["MALFORMED"], (directory) =>
    editFile(directory, "personal.jsonl", (text) => `{"index":4}\n${text}{"index":900}\n`),
  ),
  ofBundle("values out of order, and a line that has none", ["MALFORMED"], (directory) =>
    editFile(directory, "personal.jsonl", (text) => `${text}${text.split("\n")[0]}\nnull\n`),
  ),
  ofBundle("a value by a name that objects have anyway", ["COMMITMENT_MISMATCH"], (directory) =>
    editFile(directory, "personal.jsonl", (text) =>
      text.replace('"values":{', '"values":{"__proto__":"1",'),
    ),
  ),
  ofBundle("a value by half a character", ["COMMITMENT_MISMATCH"], (directory) =>
    editFile(directory, "personal.jsonl", (text) =>
      text.replace('"values":{', '"values":{"new_state.\\ud800":"1",'),
    ),
  ),
  ofBundle("a bundle of a day that never was", ["MALFORMED"], (directory) =>
    editFile(directory, "manifest.json", (text) => text.replace("2026-12-02T", "2026-02-29T")),
  ),
  ofBundle("a tree that nobody can count through", ["MISSING_FILE"], async (directory) => {
    await editFile(directory, "manifest.json", (text) =>
      text.replace(/"treeSize": \d+/, '"treeSize": 9007199254740991'),
    );
    await rm(join(directory, "checkpoint"));
  }),
  ...[
    ['"salt":"', '"salt":"x'],
    ['"values":{"ip":"\\"203.0.113.9\\""', '"values":{"ip":5'],
    ["2026-12-01T00:00:00Z", "2026-11-31T00:00:00Z"],
    ["2026-12-01T00:00:00Z", "2026-12-01T00:00:00+24:00"],
    ['"erasureId":"1"', '"erasureId":1'],
  ].map(([was = "", becomes = ""]) =>
    ofBundle(`${becomes} beside a record`, ["MALFORMED"], (directory) =>
      editFile(directory, "personal.jsonl", (text) => {
        if (!text.includes(was)) throw new Error(`There is no ${was}.`);
        return text.replace(was, becomes);
      }),
    ),
  ),
  ofBundle("a personal value that cannot be printed", ["COMMITMENT_MISMATCH"], (directory) =>
    editFile(directory, "personal.jsonl", (text) => text.replace('"ip":"', '"ip":"\\ud800')),
  ),
  ofBundle("a missing leaf tile", ["MISSING_FILE"], (directory) =>
    rm(join(directory, "tile/0/000")),
  ),
  ofBundle("a missing upper tile", ["MISSING_FILE"], (directory) =>
    rm(join(directory, "tile/1/000.p/2")),
  ),
  ofBundle("a tile cut short", ["MALFORMED"], (directory) =>
    editFile(directory, "tile/0/001", (text) => text.slice(0, -32)),
  ),
  ofBundle("an altered leaf tile", ["TILE_MISMATCH"], (directory) =>
    editFile(directory, "tile/0/001", flipped),
  ),
  ofBundle(
    "altered tiles that fit one another",
    ["FORK", "LEAF_MISMATCH", "ROOT_MISMATCH"],
    async (directory) => {
      let hashes: Uint8Array[] = [];
      await editFile(directory, "tile/0/001", (text) => {
        const altered = Buffer.from(flipped(text), "latin1");
        hashes = splitLeafHashes(altered);
        return altered.toString("latin1");
      });
      await editFile(
        directory,
        "tile/1/000.p/2",
        (text) => text.slice(0, 32) + Buffer.from(plainRoot(hashes)).toString("latin1"),
      );
    },
  ),
  ofBundle("an edited entry", ["LEAF_MISMATCH", "UNATTESTED"], (directory) =>
    editRecords(directory, editedEntry('"action":"APPROVE"', '"action":"REJECT"')),
  ),
  ofBundle("an edited entry of before the intents", ["LEAF_MISMATCH"], (directory) =>
    editRecords(directory, editedEntry('"amount":"10.00"', '"amount":"99.00"')),
  ),
  ofBundle(
    "an edited entry with its leaf in the tile",
    ["TILE_MISMATCH", "UNATTESTED"],
    async (directory) => {
      let index = 0;
      let entry = "";
      await editRecords(directory, (lines) => {
        const line = lineOf(lines, '"entity_id":"9"');
        line.entry = line.entry.replace('"PENDING"', '"APPROVED"');
        ({ index, entry } = line);
        return lines;
      });
      await editFile(directory, "tile/0/000", (text) => {
        const hash = Buffer.from(leafHash(entry)).toString("latin1");
        return `${text.slice(0, index * 32)}${hash}${text.slice((index + 1) * 32)}`;
      });
    },
  ),
  ofBundle("two swapped leaves", ["LEAF_MISMATCH"], (directory) =>
    editRecords(directory, (lines) => {
      const [one, two] = lines;
      if (!one || !two) throw new Error("unreachable");
      [one.entry, two.entry] = [two.entry, one.entry];
      return lines;
    }),
  ),
  ofBundle("an index twice", ["DUPLICATE_INDEX"], (directory) =>
    editRecords(directory, (lines) =>
      lines.flatMap((line, at) => (at === 1 ? [line, line] : [line])),
    ),
  ),
  ofBundle("indexes that do not ascend", ["WRONG_ORDER"], (directory) =>
    editRecords(directory, (lines) =>
      lines.toSorted((one, other) => other.index - one.index).slice(-2),
    ),
  ),
  ofBundle("an index outside the tree", ["LEAF_MISMATCH"], (directory, { log }) =>
    editRecords(directory, (lines) => [...lines, { index: log.entries.length, entry: "{}" }]),
  ),
  ofBundle("a record left out of its group", ["UNATTESTED"], (directory) =>
    editRecords(directory, (lines) =>
      lines.filter((line) => line !== lineOf(lines, '"entity_id":"8","operation":"INSERT"')),
    ),
  ),
  ofBundle("an intent left out", ["UNATTESTED"], (directory) =>
    editRecords(directory, (lines) =>
      lines.filter((line) => line !== lineOf(lines, '"transaction_id":"101","note"')),
    ),
  ),
  ofBundle("a foreign record", ["FOREIGN_RECORD", "UNATTESTED"], (directory, { log }) =>
    editRecords(directory, (lines) => {
      const index = log.entries.findLastIndex((entry) => entry.includes(FOREIGN_TEXT));
      const entry = log.entries[index] ?? "";
      const copy = lines.filter((line) => line.index !== index + 1);
      return [...copy, { index, entry }].sort((one, other) => one.index - other.index);
    }),
  ),
  ofBundle("a foreign condominium's record", ["FOREIGN_RECORD"], (directory) =>
    editFile(directory, "manifest.json", (text) =>
      text.replace('"treeSize"', '"condominiums": ["21"], "treeSize"'),
    ),
  ),
  ofBundle("a personal value that was swapped", ["COMMITMENT_MISMATCH"], (directory) =>
    editFile(directory, "personal.jsonl", (text) => text.replace("203.0.113.9", "203.0.113.8")),
  ),
  ofBundle(
    "an earlier checkpoint of another history",
    ["FORK"],
    async (directory, { log, logSigner }) => {
      const other = new TestLog();
      other.entries.push("outra", ...log.entries.slice(1));
      const note = await other.checkpoint([logSigner], { size: 256 });
      await writeFile(join(directory, "checkpoints/256"), note);
    },
  ),
  ofBundle("a log that shrank", ["ROLLBACK"], async (directory, { log, logSigner }) => {
    const larger = new TestLog();
    larger.entries.push(...log.entries, "mais");
    await writeFile(join(directory, "checkpoints/900"), await larger.checkpoint([logSigner]));
  }),
  ofBundle("an earlier checkpoint that was altered", ["FORGED"], (directory) =>
    editFile(directory, "checkpoints/256", (text) => text.replace("\n256\n", "\n255\n")),
  ),
  {
    name: "a log that forgot what the reader kept",
    codes: ["ROLLBACK"],
    async write(directory) {
      const bundle = await testBundle();
      await writeTestBundle(directory, bundle);
      bundle.log.record();
      return { since: await bundle.log.checkpoint([bundle.logSigner]) };
    },
  },
  {
    name: "another history than the reader's",
    codes: ["FORK"],
    async write(directory) {
      const bundle = await testBundle();
      await writeTestBundle(directory, bundle);
      const other = new TestLog();
      other.entries.push(...bundle.log.entries.slice(0, 99), "outra");
      return { since: await other.checkpoint([bundle.logSigner]) };
    },
  },
  {
    name: "a whole log that somebody else signed",
    codes: ["UNSIGNED", "UNATTESTED"],
    async write(directory) {
      const ours = await testBundle();
      const theirs = await testBundle();
      await writeTestBundle(directory, theirs);
      return { keys: formatKeyList(ours.keys) };
    },
  },
  ofLog("a record that nobody signed", ["UNATTESTED"], async ({ log }) =>
    log.record({ transaction_id: "500" }),
  ),
  ofLog("a record with a forged intent", ["FORGED", "UNATTESTED"], async ({ log, worker }) => {
    const index = log.record({ transaction_id: "500" });
    await log.intent("500", worker, [index]);
    const forged = log.entries.pop() ?? "";
    log.append(forged.replace("Envio de despesas", "Outro motivo"));
  }),
  ofLog("a record with a stranger's intent", ["UNSIGNED", "UNATTESTED"], async ({ log, worker }) =>
    log.transaction("500", await newSigner(worker.key.name), [{}]),
  ),
  ofLog("an intent that is none", ["MALFORMED", "UNATTESTED"], async ({ log }) => {
    log.record({ transaction_id: "500" });
    log.append(log.intentText("500", "nonsense"));
  }),
  ofLog("signed intents of other shapes", ["MALFORMED", "UNATTESTED"], async ({ log, worker }) => {
    const right = { actor_id: "person:1", actions: ["INSERT"], records: 1, reason: "Envio" };
    const root = Buffer.alloc(32).toString("base64");
    const others = [
      { records: 2 },
      { records: "1" },
      { records: -1 },
      { actor_id: 1 },
      { actor_role: null },
      { actions: "INSERT" },
      { actions: [null] },
      { groups: {} },
      { groups: [{ records: "1", root }] },
      { groups: [{ records: 1 }] },
      { transaction_id: 600 },
    ];
    for (const [at, other] of others.entries()) {
      const transaction_id = String(600 + at);
      const groups = [{ records: 1, root }];
      const intent = JSON.stringify({ transaction_id, groups, ...right, ...other });
      log.record({ transaction_id });
      const note = await signNote(`blindagem/intent\n${intent}\n`, [worker]);
      log.append(log.intentText(transaction_id, note));
    }
  }),
  ofLog("a replayed intent on another row", ["INTENT_MISMATCH", "UNATTESTED"], async ({ log }) => {
    const entry = log.entries.find((each) => each.includes('"transaction_id":"101","note"')) ?? "";
    const { note } = JSON.parse(entry);
    log.record({ transaction_id: "501", action: "APPROVE" });
    log.append(log.intentText("501", note));
  }),
  ofLog("a replayed intent under its own transaction's id", ["UNATTESTED"], async ({ log }) => {
    const entry = log.entries.find((each) => each.includes('"transaction_id":"101","note"')) ?? "";
    const { note } = JSON.parse(entry);
    log.record({ transaction_id: "101", action: "APPROVE" });
    log.append(log.intentText("101", note));
  }),
  ofLog("a record slipped behind its transaction's intent", ["UNATTESTED"], async ({ log }) =>
    log.record({ transaction_id: "104" }),
  ),
  ofLog("a record of another actor than signed", ["UNATTESTED"], async ({ log, worker }) =>
    log.transaction("500", worker, [{ actor_id: "person:2" }]),
  ),
  ofLog("a record of another reason than signed", ["UNATTESTED"], async ({ log, worker }) =>
    log.transaction("300", worker, [{}, { reason: "Outro motivo" }]),
  ),
  ofLog("a record of another reason than signed among older ones", ["UNATTESTED"], async (bundle) =>
    bundle.log.transaction("300", bundle.worker, [
      { format: "blindagem-record-5", reason: "Conferido" },
      { format: "blindagem-record-6", reason: "Conferido" },
    ]),
  ),
  ofLog("a record of another job than signed", ["UNATTESTED"], async ({ log, worker }) =>
    log.transaction("300", worker, [{}, { job_id: "8" }]),
  ),
  ofLog("a record of an action that was not signed", ["UNATTESTED"], async ({ log, worker }) =>
    log.transaction("500", worker, [{ action: "APPROVE" }], { actions: ["SUBMIT"] }),
  ),
  ofLog("a stolen key after its rotation", ["KEY_OUT_OF_RANGE", "UNATTESTED"], async (bundle) => {
    const { log, keys, worker } = bundle;
    const next = await newSigner(worker.key.name);
    const rotated = keys.filter(({ role }) => role !== "intent");
    const until = log.entries.length + 2;
    bundle.keys = [
      ...rotated,
      listed("intent", worker, { until }),
      listed("intent", next, { from: until - 2 }),
    ];
    await log.transaction("500", next, [{}]);
    await log.transaction("501", worker, [{}]);
  }),
  ofLog("a log key past its range", ["KEY_OUT_OF_RANGE"], async (bundle) => {
    const others = bundle.keys.filter(({ role }) => role !== "log");
    bundle.keys = [listed("log", bundle.logSigner, { until: 500 }), ...others];
  }),
  ofLog("a record of a format that was left behind", ["OLD_FORMAT"], async ({ log }) =>
    log.record({ format: "blindagem-record-3" }),
  ),
  ofLog("a record of the first format behind later ones", ["OLD_FORMAT"], async ({ log }) =>
    log.record({ format: "blindagem-record-1", salt: undefined }),
  ),
  ofLog("a record of an unknown format", ["UNKNOWN_FORMAT"], async ({ log }) =>
    log.record({ format: "blindagem-record-9" }),
  ),
  ofLog("a record of a format that cannot be printed", ["UNKNOWN_FORMAT"], async ({ log }) =>
    log.record({ format: "\ud800" }),
  ),
  ofLog("a record of a time in digits of another script", ["MALFORMED"], async ({ log }) =>
    log.record({ recorded_at: "٢٠٢٦-11-24T12:00:00.000000Z", action: "OUT_OF_BAND" }),
  ),
  ofLog("a deep value changed with the triggers off", ["BROKEN_CHAIN"], async ({ log }) => {
    const row = { entity_id: "77", action: "OUT_OF_BAND" };
    log.append(
      nested(recordText({ ...row, id: "5000", new_state: { id: "77", value: "@" } }), "1"),
    );
    log.append(
      nested(
        recordText({
          ...row,
          id: "5001",
          operation: "UPDATE",
          previous_state: { value: "@" },
          new_state: { value: null },
        }),
        "2",
      ),
    );
  }),
  ofLog("records of one row with ids that no reader counts to", ["MALFORMED"], async ({ log }) => {
    for (const id of ["9".repeat(5000), `1${"0".repeat(19)}`]) {
      log.record({ id, entity_id: "77", action: "OUT_OF_BAND" });
    }
  }),
  ofLog("a record without what it needs", ["MALFORMED"], async ({ log }) =>
    log.append('{"format":"blindagem-record-4"}'),
  ),
  ofLog("a row changed with the triggers off", ["BROKEN_CHAIN"], async ({ log, worker }) =>
    log.transaction("500", worker, [
      {
        entity_id: "9",
        ...UPDATE,
        previous_state: { status: "REJECTED" },
        new_state: { status: "PENDING" },
      },
    ]),
  ),
  ofLog("an empty field filled with the triggers off", ["BROKEN_CHAIN"], async ({ log, worker }) =>
    log.transaction("500", worker, [
      { entity_id: "88", new_state: { id: "88", status: "PENDING" } },
      { entity_id: "88", ...UPDATE, previous_state: { note: "x" }, new_state: { note: null } },
    ]),
  ),
  ofLog("a row inserted twice", ["BROKEN_CHAIN"], async ({ log, worker }) =>
    log.transaction("500", worker, [{ entity_id: "9", new_state: { id: "9" } }]),
  ),
  ofLog("a row changed after it was deleted", ["BROKEN_CHAIN"], async ({ log, worker }) =>
    log.transaction("500", worker, [
      {
        entity_id: "7",
        ...UPDATE,
        previous_state: { status: "APPROVED" },
        new_state: { status: "x" },
      },
    ]),
  ),
  ofLog("a shown name changed with the triggers off", ["BROKEN_CHAIN"], async (bundle) => {
    const { log, worker } = bundle;
    await log.transaction("500", worker, [
      {
        entity_type: "people",
        entity_id: "5",
        ...UPDATE,
        previous_state: { name: "Maria" },
        new_state: { name: "M" },
      },
    ]);
  }),
  ofLog("a month closed on another tree", ["FORK"], async ({ log, worker }) =>
    log.transaction(
      "500",
      worker,
      [
        {
          entity_type: "closings",
          entity_id: "1",
          action: "CLOSE_PERIOD",
          new_state: { id: "1", tree_size: "9", root: Buffer.alloc(32).toString("base64") },
        },
      ],
      { actions: ["CLOSE_PERIOD"] },
    ),
  ),
  ofLog("a month closed on a tree that was not there yet", ["FORK"], async ({ log, worker }) =>
    log.transaction(
      "500",
      worker,
      [
        {
          entity_type: "closings",
          entity_id: "1",
          action: "CLOSE_PERIOD",
          new_state: { id: "1", tree_size: "9999999", root: Buffer.alloc(32).toString("base64") },
        },
      ],
      { actions: ["CLOSE_PERIOD"] },
    ),
  ),
  ofBundle("a document that no record names", ["DOCUMENT_MISMATCH"], async (directory) => {
    await mkdir(join(directory, "documents"));
    await writeFile(join(directory, "documents", "a".repeat(64)), "nota");
  }),
  ofBundle("a record left out that is none", ["MALFORMED"], (directory) =>
    writeFile(join(directory, "withheld.jsonl"), '{"index":4}\n'),
  ),
  ofBundle("a record left out of another condominium's", ["FOREIGN_RECORD"], (directory) =>
    writeFile(
      join(directory, "withheld.jsonl"),
      '{"index":5,"id":"6","transaction_id":"100","organization_id":"11","condominium_id":"31","sensitivity":"ORDINARY"}\n',
    ),
  ),
  ofLog("a table emptied before it was emptied the last time", ["WRONG_ORDER"], async (bundle) => {
    for (const id of ["5001", "5000"]) {
      bundle.log.record({
        ...{ id, entity_type: "payables", entity_id: "payables" },
        ...{ operation: "TRUNCATE", action: "OUT_OF_BAND" },
      });
    }
  }),
  ofLog("a row changed after its table was emptied", ["BROKEN_CHAIN"], async ({ log }) => {
    const of = { entity_type: "payables", action: "OUT_OF_BAND" };
    log.record({ ...of, id: "5000", entity_id: "1", new_state: { id: "1" } });
    log.record({ ...of, id: "5001", entity_id: "payables", operation: "TRUNCATE" });
    const states = { previous_state: { note: null }, new_state: { note: "x" } };
    log.record({ ...of, id: "5002", entity_id: "1", operation: "UPDATE", ...states });
  }),
  ofLog("a row's records in the wrong order", ["WRONG_ORDER"], async ({ log, worker }) =>
    log.transaction("500", worker, [
      { id: "5001", entity_id: "9", ...UPDATE, previous_state: {}, new_state: {} },
      { id: "5000", entity_id: "9", ...UPDATE, previous_state: {}, new_state: {} },
    ]),
  ),
];

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BundledRecord, Manifest, PersonalLine } from "../../../src/audit/bundle/manifest.ts";
import { writeBundle } from "../../../src/audit/bundle/write.ts";
import type { ListedKey } from "../../../src/audit/key-list.ts";
import type { Signer } from "../../../src/audit/note.ts";
import { listed, newSigner, newWitness } from "../signing.ts";
import { committed, ORIGIN, SALT, TestLog } from "./test-log.ts";

/** A log of two organizations, and the bundle of the first. */
export interface TestBundle {
  log: TestLog;
  logSigner: Signer;
  worker: Signer;
  witness: Signer;
  keys: ListedKey[];
  manifest: Manifest;
  /** Sizes of the earlier checkpoints. */
  earlier: number[];
  /** What the reader is shown beside the entries, by index. */
  shown: Map<number, Omit<PersonalLine, "index">>;
}

/** The foreign organization's records: in the tree, never in the bundle. */
const FOREIGN = { organization_id: "11", condominium_id: "31" };

export async function testBundle(): Promise<TestBundle> {
  const logSigner = await newSigner(ORIGIN);
  const worker = await newSigner("processo.example/worker");
  const witness = await newWitness("conselho.example");
  const log = new TestLog();
  const shown: TestBundle["shown"] = new Map();
  for (const entity_id of ["1", "2", "3"]) {
    const new_state = { id: entity_id, status: "PENDING", amount: "10.00" };
    log.record({ format: "blindagem-record-3", entity_id, new_state });
  }
  await log.transaction("100", worker, [
    { entity_id: "7", new_state: { id: "7", status: "PENDING", meta: { a: [1, 2.5] } } },
    { entity_id: "8", new_state: { id: "8", status: "PENDING" } },
    { ...FOREIGN },
    { entity_id: "9", sensitivity: "SALARY", new_state: { id: "9", status: "PENDING" } },
  ]);
  for (let transaction = 1000; transaction < 1150; transaction++) {
    await log.transaction(String(transaction), worker, [FOREIGN, FOREIGN]);
  }
  await log.transaction("101", worker, [
    {
      entity_id: "7",
      operation: "UPDATE",
      action: "APPROVE",
      previous_state: { status: "PENDING", note: null, meta: { a: [1, 2.5] } },
      new_state: { status: "APPROVED", note: "visto", meta: null },
    },
  ]);
  log.record({
    transaction_id: "102",
    entity_id: "8",
    operation: "UPDATE",
    action: "OUT_OF_BAND",
    actor_id: undefined,
    actor_role: undefined,
    request_id: undefined,
    previous_state: { status: "PENDING" },
    new_state: { status: "APPROVED" },
  });
  const [inserted = 0, updated = 0, erased = 0] = await log.transaction("103", worker, [
    {
      entity_type: "people",
      entity_id: "5",
      action: "INSERT",
      ip: committed("ip", "203.0.113.9"),
      new_state: { id: "5", name: committed("new_state.name", "José") },
    },
    {
      entity_type: "people",
      entity_id: "5",
      operation: "UPDATE",
      action: "UPDATE",
      previous_state: { name: committed("previous_state.name", "José") },
      new_state: { name: committed("new_state.name", "João") },
    },
    {
      entity_type: "people",
      entity_id: "6",
      action: "INSERT",
      new_state: { id: "6", name: committed("new_state.name", "Ana") },
    },
  ]);
  const salt = SALT;
  shown.set(inserted, {
    personal: { salt, values: { ip: '"203.0.113.9"', "new_state.name": '"José"' } },
  });
  shown.set(updated, {
    personal: { salt, values: { "previous_state.name": '"José"', "new_state.name": '"João"' } },
  });
  shown.set(erased, { erased: { erasedAt: "2026-12-01T00:00:00Z", erasureId: "1" } });
  for (let transaction = 2000; transaction < 2100; transaction++) {
    await log.transaction(String(transaction), worker, [FOREIGN]);
  }
  await log.transaction("104", worker, [
    {
      entity_id: "7",
      operation: "DELETE",
      action: "DELETE",
      previous_state: { id: "7", status: "APPROVED", note: "visto" },
    },
  ]);
  return {
    log,
    logSigner,
    worker,
    witness,
    keys: [listed("log", logSigner), listed("intent", worker), listed("witness", witness)],
    manifest: {
      format: "blindagem-bundle-1",
      origin: ORIGIN,
      createdAt: "2026-12-02T00:00:00Z",
      organizations: ["10"],
      treeSize: log.entries.length,
    },
    earlier: [3, 256, 400],
    shown,
  };
}

/** Writes the bundle of what the log is now. */
export async function writeTestBundle(directory: string, bundle: TestBundle): Promise<void> {
  const { log, logSigner, witness, keys } = bundle;
  await writeBundle(directory, {
    manifest: { ...bundle.manifest, treeSize: log.entries.length },
    checkpoint: await log.checkpoint([logSigner], { witnesses: [witness] }),
    checkpoints: await Promise.all(
      bundle.earlier.map(async (size) => ({
        name: String(size),
        note: await log.checkpoint([logSigner], { size }),
      })),
    ),
    keys,
    records: log.entries.flatMap((entry, index) =>
      isTheirs(entry) ? [] : [{ index, entry, ...bundle.shown.get(index) }],
    ),
    tiles: log.tiles(),
  });
}

/** Intents name no organization: they go with all bundles. */
function isTheirs(entry: string): boolean {
  return JSON.parse(entry).organization_id === FOREIGN.organization_id;
}

/** Changes a file of the bundle. */
export async function editFile(
  directory: string,
  path: string,
  edit: (text: string) => string,
): Promise<void> {
  const file = join(directory, path);
  const text = await readFile(file, "latin1");
  const edited = edit(text);
  if (edited === text) throw new Error(`Nothing was changed in ${path}.`);
  await writeFile(file, edited, "latin1");
}

/** Changes the bundle's records, and what stands beside them. */
export async function editRecords(
  directory: string,
  edit: (records: BundledRecord[]) => BundledRecord[],
): Promise<void> {
  const read = async (name: string) =>
    (await readFile(join(directory, name), "utf8")).trimEnd().split("\n");
  const write = (name: string, lines: string[]) =>
    writeFile(join(directory, name), lines.map((line) => `${line}\n`).join(""));
  const beside = new Map<number, PersonalLine>();
  for (const line of await read("personal.jsonl")) {
    const each: PersonalLine = JSON.parse(line);
    beside.set(each.index, each);
  }
  const records = (await read("records")).map((line) => {
    const space = line.indexOf(" ");
    const index = Number(line.slice(0, space));
    return { ...beside.get(index), index, entry: line.slice(space + 1) };
  });
  const edited = edit(records);
  await write(
    "records",
    edited.map(({ index, entry }) => `${index} ${entry}`),
  );
  await write(
    "personal.jsonl",
    edited.flatMap(({ entry: _, ...line }) =>
      line.personal || line.erased ? [JSON.stringify(line)] : [],
    ),
  );
}

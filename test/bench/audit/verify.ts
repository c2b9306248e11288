import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { EntityChains } from "../../../src/audit/bundle/chains.ts";
import { EntryScanner } from "../../../src/audit/bundle/entry-scanner.ts";
import { writeBundle } from "../../../src/audit/bundle/write.ts";
import { formatCheckpoint } from "../../../src/audit/checkpoint.ts";
import { openIntent } from "../../../src/audit/intent.ts";
import type { ListedKey } from "../../../src/audit/key-list.ts";
import { generateKey, loadSigner } from "../../../src/audit/keys.ts";
import { rootOfLeafHashes } from "../../../src/audit/leaf-hashes.ts";
import { signNote } from "../../../src/audit/note.ts";
import { appendLeaves, tilePath, tilesOf } from "../../../src/audit/tiles.ts";
import { CompactRange, HASH_SIZE, leafHash } from "../../../src/audit/tree.ts";
import { ED25519 } from "../../../src/audit/verifier-key.ts";
import { auditedBatches, ORGANIZATION } from "./audited-batches.ts";

const ORIGIN = "registro.example/condominios";

const figuresAlone = z.object({
  records: z.number(),
  intents: z.number(),
  recordsPerSecond: z.number(),
  /** Of one core: of processor time, in whichever thread. */
  recordsPerSecondPerCore: z.number(),
  peakMemoryMb: z.number(),
});

export interface VerifyRates extends z.infer<typeof figuresAlone> {
  bytesPerRecord: number;
  /** Each check alone, in microseconds a record; an intent's is for each intent. */
  microseconds: Record<string, number>;
  pythonRecordsPerSecond: number | string;
}

/** How fast a bundle of so many records is verified, by the platform's verifier and by the independent one. */
export async function measureVerify(records: number): Promise<VerifyRates> {
  const directory = await mkdtemp(path.join(tmpdir(), "blindagem-bench-verify-"));
  try {
    const bundle = path.join(directory, "bundle");
    const { entries, keys, bytes } = await makeBundle(bundle, records);
    const small = path.join(directory, "small");
    await makeBundle(small, Math.min(records, 40_000));
    const figures = await verifyAlone(small, bundle);
    return {
      ...figures,
      bytesPerRecord: Math.round(bytes / figures.records),
      microseconds: checksAlone(entries, keys),
      pythonRecordsPerSecond: await pythonRate(small),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function verifyAlone(small: string, bundle: string) {
  const program = new URL("verify-alone.ts", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [program, small, bundle]);
  return figuresAlone.parse(JSON.parse(stdout));
}

async function makeBundle(directory: string, records: number) {
  const logSigner = await loadSigner({ text: generateKey(ORIGIN, ED25519).text });
  const worker = await loadSigner({ text: generateKey("processo.example/worker", ED25519).text });
  const entries: string[] = [];
  for await (const entry of auditedBatches(records, worker)) entries.push(entry);
  const { range, pieces } = appendLeaves(
    new CompactRange(),
    entries.map((entry) => leafHash(entry)),
  );
  const hashes = new Map(pieces.map((piece) => [`${piece.level}/${piece.index}`, piece.hashes]));
  const text = formatCheckpoint({
    origin: ORIGIN,
    size: entries.length,
    root: range.root(),
    extensions: [],
  });
  const everywhere = { from: 0, until: Number.POSITIVE_INFINITY };
  const keys: ListedKey[] = [
    { role: "log", key: logSigner.key, ...everywhere },
    { role: "intent", key: worker.key, ...everywhere },
  ];
  await writeBundle(directory, {
    manifest: {
      format: "blindagem-bundle-1",
      origin: ORIGIN,
      createdAt: new Date().toISOString(),
      organizations: [ORGANIZATION],
      treeSize: entries.length,
    },
    checkpoint: await signNote(text, [logSigner]),
    checkpoints: [],
    keys,
    records: entries.map((entry, index) => ({ index, entry })),
    tiles: [...tilesOf(entries.length)].map((tile) => ({
      path: tilePath(tile),
      bytes: Buffer.concat(hashes.get(`${tile.level}/${tile.index}`) ?? []),
    })),
  });
  const { length } = await readFile(path.join(directory, "records"));
  return { entries, keys, bytes: length };
}

/** What each check costs by itself, over the first records. */
function checksAlone(entries: readonly string[], keys: readonly ListedKey[]) {
  const some = entries.slice(0, 50_000).map((entry) => Buffer.from(entry));
  const records = some.filter((bytes) => !bytes.includes("blindagem-intent"));
  const notes = entries
    .slice(0, 50_000)
    .filter((entry) => entry.includes("blindagem-intent"))
    .map((entry): string => JSON.parse(entry).note);
  const leaves = Buffer.alloc(records.length * HASH_SIZE);
  const scanner = new EntryScanner();
  const chained = new EntryScanner();
  const chains = new EntityChains();
  const scan = timed(records.length, () => {
    for (const bytes of records) scanner.scan(bytes, 0, bytes.length);
  });
  let index = 0;
  const withChains = timed(records.length, () => {
    for (const bytes of records) {
      const view = chained.scan(bytes, 0, bytes.length);
      if (view !== undefined) chains.record(index++, view);
    }
  });
  return {
    leafHash: timed(records.length, () => {
      for (const bytes of records) hash("sha256", bytes, "binary");
    }),
    scan,
    chains: round(withChains - scan),
    tileOrGroupRoot: timed(records.length, () => rootOfLeafHashes(leaves)),
    parseInstead: timed(records.length, () => {
      for (const bytes of records) JSON.parse(bytes.toString());
    }),
    intent: timed(notes.length, () => {
      for (const note of notes) openIntent(note, keys, 0);
    }),
  };
}

function timed(count: number, run: () => void): number {
  const started = performance.now();
  run();
  return round(((performance.now() - started) * 1000) / count);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Of the independent verifier; its start is in it, which a bundle of this size makes little of. */
async function pythonRate(bundle: string): Promise<number | string> {
  const program = new URL("../../../verifier/blindagem_verify.py", import.meta.url).pathname;
  const started = performance.now();
  try {
    const { stdout } = await promisify(execFile)("python3", [program, "bundle", bundle, "--json"]);
    const { counts } = JSON.parse(stdout);
    return Math.round((counts.records / (performance.now() - started)) * 1000);
  } catch (error) {
    return `not measured: ${error instanceof Error ? error.message.split("\n").at(-2) : error}`;
  }
}

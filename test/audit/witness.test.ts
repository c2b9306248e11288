import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { verifyCosignatures } from "../../src/audit/cosignature.ts";
import type { ListedKey } from "../../src/audit/key-list.ts";
import { type LogSource, logSource } from "../../src/audit/log-source.ts";
import { formatSignature, parseNote, type Signer } from "../../src/audit/note.ts";
import { type CosignRequest, cosignCheckpoint } from "../../src/audit/witness.ts";
import { TestLog } from "./bundle/test-log.ts";
import { faultOf } from "./expect-fault.ts";
import { listed, newSigner, newWitness } from "./signing.ts";

const NOW = new Date("2026-11-24T12:00:00Z");

let directory: string;
let state: string;
let log: TestLog;
let signer: Signer;
let witness: Signer;
let keys: ListedKey[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "blindagem-witness-"));
  state = join(directory, "state");
  log = grown(new TestLog(), 300);
  signer = await newSigner("registro.example");
  witness = await newWitness("conselho.example");
  keys = [listed("log", signer)];
});
afterEach(() => rm(directory, { recursive: true }));

function grown(of: TestLog, count: number): TestLog {
  for (let added = 0; added < count; added++) of.record();
  return of;
}

/** What that log publishes now. */
function published(of: TestLog): LogSource {
  const tiles = new Map(of.tiles().map(({ path, bytes }) => [path, bytes]));
  return async (path) => {
    const bytes = tiles.get(path);
    if (bytes === undefined) throw new Error(`${path} is not there`);
    return bytes;
  };
}

async function cosign(of = log, fields: Partial<CosignRequest> = {}) {
  const checkpoint = await of.checkpoint([signer]);
  const source = published(of);
  return cosignCheckpoint({
    checkpoint,
    keys,
    source,
    signer: witness,
    state,
    now: NOW,
    ...fields,
  });
}

describe("cosignCheckpoint", () => {
  it("takes the log as it finds it, then only what continues it", async () => {
    const first = await cosign();
    expect(first).toMatchObject({ previous: undefined, checkpoint: { size: 300 } });
    const cosigned = parseNote((await log.checkpoint([signer])) + first.line);
    const [cosignature] = verifyCosignatures(cosigned, [witness.key]);
    expect(cosignature).toMatchObject({ key: witness.key, timestamp: NOW.getTime() / 1000 });
    expect(await cosign()).toMatchObject({ previous: { size: 300 }, checkpoint: { size: 300 } });
    grown(log, 500);
    expect(await cosign()).toMatchObject({ previous: { size: 300 }, checkpoint: { size: 800 } });
    const kept = parseNote(await readFile(state));
    expect(verifyCosignatures(kept, [witness.key])).toHaveLength(1);
  });

  it("leaves one line of its own under a checkpoint that has one of it already, and those of others", async () => {
    const other = await newWitness("sindico.example");
    const checkpoint = await log.checkpoint([signer], { witnesses: [other, witness] });
    const now = new Date("2026-11-25T12:00:00Z");
    const { note } = await cosign(log, { checkpoint, now });
    expect(await readFile(state, "utf8")).toBe(note);
    const found = verifyCosignatures(parseNote(note), [witness.key, other.key]);
    expect(found).toMatchObject([
      { key: other.key, timestamp: NOW.getTime() / 1000 },
      { key: witness.key, timestamp: now.getTime() / 1000 },
    ]);
  });

  it("goes on also from a checkpoint with as many signatures as a note can have", async () => {
    const lines = Array.from({ length: 63 }, (_, at) =>
      formatSignature({ name: `outro-${at}`, keyId: at, bytes: Buffer.alloc(72) }),
    );
    const checkpoint = (await log.checkpoint([signer])) + lines.join("");
    const { note } = await cosign(log, { checkpoint });
    expect(parseNote(note).signatures.map(({ name }) => name)).toEqual([
      signer.key.name,
      witness.key.name,
    ]);
    expect(await cosign()).toMatchObject({ previous: { size: 300 } });
  });

  it("goes on from an empty log", async () => {
    const empty = new TestLog();
    expect(await cosign(empty)).toMatchObject({ checkpoint: { size: 0 } });
    expect(await cosign(grown(empty, 3))).toMatchObject({ previous: { size: 0 } });
  });

  it("refuses a log that shrank or was rewritten, and remembers what it saw", async () => {
    await cosign();
    const kept = await readFile(state, "utf8");
    const shorter = new TestLog();
    shorter.entries.push(...log.entries.slice(0, 299));
    await expect(cosign(shorter)).rejects.toThrow(faultOf("ROLLBACK"));
    const rewritten = new TestLog();
    rewritten.entries.push(...log.entries.slice(0, 299), "outra");
    await expect(cosign(rewritten)).rejects.toThrow(faultOf("FORK"));
    await expect(cosign(grown(rewritten, 20))).rejects.toThrow(faultOf("FORK"));
    expect(await readFile(state, "utf8")).toBe(kept);
    expect(await cosign(grown(log, 1))).toMatchObject({ previous: { size: 300 } });
  });

  it("refuses what the log did not sign, other logs, and tiles of another tree", async () => {
    const stranger = await newSigner("registro.example");
    const checkpoint = await log.checkpoint([stranger]);
    await expect(cosign(log, { checkpoint })).rejects.toThrow(faultOf("UNSIGNED"));
    const source = published(grown(new TestLog(), 300));
    log.entries[3] = "outra";
    await expect(cosign(log, { source })).rejects.toThrow(faultOf("ROOT_MISMATCH"));
    await cosign();
    const kept = await readFile(state, "utf8");
    await writeFile(state, kept.replace("registro.example", "outro.example"));
    await expect(cosign()).rejects.toThrow(faultOf("WRONG_ORIGIN"));
  });

  it("does not begin anew when its state is damaged, nor beside another run", async () => {
    await writeFile(state, "nonsense");
    await expect(cosign()).rejects.toThrow(faultOf("MALFORMED"));
    await rm(state);
    await writeFile(`${state}.lock`, "");
    await expect(cosign()).rejects.toThrow(`${state}.lock`);
    await rm(`${state}.lock`);
    const ends = await Promise.allSettled([cosign(), cosign(), cosign()]);
    const cosigned = ends.filter(({ status }) => status === "fulfilled");
    expect(cosigned.length).toBeGreaterThanOrEqual(1);
    await expect(readFile(`${state}.lock`)).rejects.toThrow("ENOENT");
  });

  it("reads the log over HTTP", async () => {
    const files = published(log);
    const server = createServer((request, response) => {
      files((request.url ?? "").replace("/log/", "")).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const address = server.address();
      if (typeof address !== "object" || address === null) throw new Error("unreachable");
      const source = logSource(`http://127.0.0.1:${address.port}/log`);
      expect(await cosign(log, { source })).toMatchObject({ checkpoint: { size: 300 } });
      await expect(source("nothing")).rejects.toThrow("404");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

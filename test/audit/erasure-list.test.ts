import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { pino } from "pino";
import { formatCheckpoint } from "../../src/audit/checkpoint.ts";
import { ErasureList, erasureListFile, readErasures } from "../../src/audit/erasure-list.ts";
import { loadSigner } from "../../src/audit/keys.ts";
import { signNote } from "../../src/audit/note.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { createTenant } from "../database/world.ts";
import { waitFor } from "../wait-for.ts";
import { rememberedInMemory, startTestSealing } from "./start-sealing.ts";
import { LOG_KEY } from "./test-keys.ts";

let database: TestDatabase;
let organizationId: string;
let sealer: pg.PoolClient;
beforeAll(async () => {
  database = await createTestDatabase();
  ({ organizationId } = await createTenant(database));
  sealer = await database.pool("sealer").connect();
});
afterAll(async () => {
  sealer?.release();
  await database.drop();
});

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-erasures-"));
  file = erasureListFile(directory);
});
afterEach(() => rm(directory, { recursive: true }));

async function erase(client: pg.ClientBase | pg.Pool): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into blindagem.erasures (organization_id, reason, subject, counts, kept, targets, record_ids, documents)
     values ($1, 'Pedido do titular', 'PAYEE', '{}', '[]', '[]', '{}', '{}') returning id::text`,
    [organizationId],
  );
  return rows[0]?.id ?? "";
}

const listedIds = async () => (await readErasures(file)).map(({ id }) => id);

/** A line of an erasure that this database never had. */
const unknown = (id: string) =>
  `${JSON.stringify({
    id,
    organizationId,
    requestedAt: "2026-11-01 10:00:00+00",
    subject: "PAYEE",
    personId: null,
    targets: [],
    records: [],
    documents: [],
    kept: [],
  })}\n`;

describe("ErasureList", () => {
  it("adds an erasure that commits after one with a higher id", async () => {
    const owner = database.pool("migrator");
    const list = new ErasureList(file);
    const slow = await owner.connect();
    try {
      await slow.query("begin");
      const late = await erase(slow);
      const early = await erase(owner);
      expect(await list.keep(sealer)).toEqual({ added: 1, missing: 0 });
      expect(await listedIds()).toEqual([early]);
      expect(await list.keep(sealer)).toEqual({ added: 0, missing: 0 });
      await slow.query("commit");
      expect(await list.keep(sealer)).toEqual({ added: 1, missing: 0 });
      expect(await listedIds()).toEqual([early, late]);
    } finally {
      slow.release();
    }
  });

  it("adds what could not be written as soon as it can be", async () => {
    const list = new ErasureList(path.join(file, "within-a-file"));
    await writeFile(file, "");
    await expect(list.keep(sealer)).rejects.toThrow("ENOTDIR");
    await rm(file);
    expect((await list.keep(sealer)).added).toBeGreaterThan(0);
  });

  it("tells what the database does not have, without adding anything", async () => {
    const list = new ErasureList(file);
    await erase(database.pool("migrator"));
    await writeFile(file, unknown("900001"));
    expect(await list.missing(sealer)).toBe(1);
    expect(await listedIds()).toEqual(["900001"]);
    expect(await list.keep(sealer)).toMatchObject({ missing: 1 });
    // Nothing was erased since: what was found still counts.
    expect(await list.keep(sealer)).toEqual({ added: 0, missing: 1 });
    await appendFile(file, unknown("900002"));
    await erase(database.pool("migrator"));
    expect(await list.keep(sealer)).toEqual({ added: 1, missing: 2 });
  });
});

describe("sealing with a list of erasures", () => {
  const sealing = async (remembered?: string) => {
    const lines: string[] = [];
    const missing: number[] = [];
    const refused: boolean[] = [];
    const process = await startTestSealing({
      databaseUrl: database.url("sealer"),
      directory: rememberedInMemory(remembered),
      logger: pino({ level: "error" }, { write: (line: string) => void lines.push(line) }),
      erasures: new ErasureList(file),
      onErasuresMissing: (count) => void missing.push(count),
      onRefused: (value) => void refused.push(value),
    });
    return { process, lines, missing, refused };
  };

  it("tells of erasures that a restored database lost, although it refuses to seal it", async () => {
    await writeFile(file, unknown("900001"));
    const ahead = await signNote(
      formatCheckpoint({
        origin: "teste/blindagem",
        size: 1_000_000,
        root: new Uint8Array(32),
        extensions: [],
      }),
      [await loadSigner({ text: LOG_KEY })],
    );
    const { process, lines, missing, refused } = await sealing(ahead);
    await waitFor("the refusal", () => refused.includes(true));
    await process.stop();
    expect(missing[0]).toBe(1);
    expect(lines.map((line) => JSON.parse(line).msg).slice(0, 2)).toEqual([
      "erasures of the list are not in the database: run `blindagem erase replay`",
      "sealing is refused",
    ]);
  });

  it("keeps the list as soon as the erasure is signed for", async () => {
    const id = await erase(database.pool("migrator"));
    const { process, missing } = await sealing();
    await waitFor("the list", async () => (await listedIds()).includes(id));
    await process.stop();
    expect(missing).toContain(0);
  });
});

import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { pino } from "pino";
import { formatCheckpoint } from "../../src/audit/checkpoint.ts";
import { cutOffFile, erasureListFile, readErasureFile } from "../../src/audit/erasure-file.ts";
import { ErasureList, type ErasureListState } from "../../src/audit/erasure-list.ts";
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

const listedIds = async () => (await readErasureFile(file)).erasures.map(({ id }) => id);

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

/** What keeping a list that nothing is wrong with says. */
const sound = { missing: 0, damaged: [], mended: false };

/** An erasure whose line a crash has cut off after so many bytes. */
async function cutOff(after: number): Promise<{ id: string; before: string[]; rest: string }> {
  const id = await erase(database.pool("migrator"));
  await new ErasureList(file).keep(sealer);
  const text = await readFile(file, "utf8");
  const begin = text.lastIndexOf("\n", text.length - 2) + 1;
  await truncate(file, begin + after);
  return { id, before: await listedIds(), rest: text.slice(begin, begin + after) };
}

describe("ErasureList", () => {
  it("adds an erasure that commits after one with a higher id", async () => {
    const owner = database.pool("migrator");
    const list = new ErasureList(file);
    const slow = await owner.connect();
    try {
      await slow.query("begin");
      const late = await erase(slow);
      const early = await erase(owner);
      expect(await list.keep(sealer)).toEqual({ ...sound, added: 1 });
      expect(await listedIds()).toEqual([early]);
      expect(await list.keep(sealer)).toEqual({ ...sound, added: 0 });
      await slow.query("commit");
      expect(await list.keep(sealer)).toEqual({ ...sound, added: 1 });
      expect(await listedIds()).toEqual([early, late]);
    } finally {
      slow.release();
    }
  });

  it("lists an erasure once, whatever zone the session has that looks", async () => {
    await erase(database.pool("migrator"));
    expect((await new ErasureList(file).keep(sealer)).added).toBeGreaterThan(0);
    await writeFile(file, (await readFile(file, "utf8")).replaceAll('+00"', '+00:00"'));
    await sealer.query("set timezone = 'America/Sao_Paulo'");
    try {
      expect(await new ErasureList(file).keep(sealer)).toEqual({ ...sound, added: 0 });
      const id = await erase(database.pool("migrator"));
      await new ErasureList(file).keep(sealer);
      const { erasures } = await readErasureFile(file);
      expect(erasures.at(-1)).toMatchObject({ id, requestedAt: expect.stringMatching(/\+00$/) });
    } finally {
      await sealer.query("reset timezone");
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
    expect(await list.state(sealer)).toEqual({ missing: 1, damaged: [] });
    expect(await listedIds()).toEqual(["900001"]);
    expect(await list.keep(sealer)).toMatchObject({ missing: 1 });
    // Nothing was erased since: what was found still counts.
    expect(await list.keep(sealer)).toEqual({ ...sound, added: 0, missing: 1 });
    await appendFile(file, unknown("900002"));
    await erase(database.pool("migrator"));
    expect(await list.keep(sealer)).toEqual({ ...sound, added: 1, missing: 2 });
  });
});

describe("a list whose last line a crash cut off", () => {
  it.each([1, 40])("after %i bytes is mended: the database has the erasure", async (after) => {
    const { id, before, rest } = await cutOff(after);
    expect(before).not.toContain(id);
    expect(await new ErasureList(file).state(sealer)).toEqual({ missing: 0, damaged: [] });
    const list = new ErasureList(file);
    expect(await list.keep(sealer)).toEqual({ ...sound, added: 1, mended: true });
    expect(await listedIds()).toEqual([...before, id]);
    expect(await readFile(cutOffFile(file), "utf8")).toBe(`${rest}\n`);
    await erase(database.pool("migrator"));
    expect(await list.keep(sealer)).toEqual({ ...sound, added: 1 });
    expect((await readErasureFile(file)).damaged).toEqual([]);
  });

  it("only by its end is whole", async () => {
    await erase(database.pool("migrator"));
    await new ErasureList(file).keep(sealer);
    const text = await readFile(file, "utf8");
    await truncate(file, Buffer.byteLength(text) - 1);
    expect(await new ErasureList(file).keep(sealer)).toEqual({ ...sound, added: 0 });
    await erase(database.pool("migrator"));
    const kept = await new ErasureList(file).keep(sealer);
    expect(kept).toEqual({ ...sound, added: 1 });
    expect((await readFile(file, "utf8")).startsWith(text)).toBe(true);
  });

  it("of a database that was restored meanwhile is mended, and has nothing to add", async () => {
    await new ErasureList(file).keep(sealer);
    await appendFile(file, unknown("900003").slice(0, 30));
    expect(await new ErasureList(file).keep(sealer)).toEqual({ ...sound, added: 0, mended: true });
    expect(await readFile(cutOffFile(file), "utf8")).toBe(`${unknown("900003").slice(0, 30)}\n`);
  });
});

describe("a list with a damaged line", () => {
  it("keeps it for a person to look at, and has its erasure anew", async () => {
    await erase(database.pool("migrator"));
    await erase(database.pool("migrator"));
    await new ErasureList(file).keep(sealer);
    const ids = await listedIds();
    const lines = (await readFile(file, "utf8")).split("\n");
    const sane = lines[1] ?? "";
    // Bytes that are no UTF-8, as a disk leaves them.
    const damaged = Buffer.concat([Buffer.from(`${lines[0]}\n`), Buffer.of(0x7b, 0xff, 0x00)]);
    await writeFile(file, Buffer.concat([damaged, Buffer.from(`\n${lines.slice(2).join("\n")}`)]));
    const list = new ErasureList(file);
    expect(await list.state(sealer)).toEqual({ missing: 0, damaged: [2] });
    expect(await list.keep(sealer)).toEqual({ ...sound, added: 1, damaged: [2] });
    expect(await list.keep(sealer)).toEqual({ ...sound, added: 0, damaged: [2] });
    expect((await listedIds()).toSorted()).toEqual(ids.toSorted());
    const kept = await readFile(file);
    expect(kept.subarray(0, damaged.length)).toEqual(damaged);
    // Put right by a person: it is noticed without a new erasure.
    await writeFile(
      file,
      Buffer.concat([Buffer.from(`${lines[0]}\n${sane}`), kept.subarray(damaged.length)]),
    );
    expect(await list.keep(sealer)).toEqual({ ...sound, added: 0 });
  });
});

describe("sealing with a list of erasures", () => {
  const sealing = async (remembered?: string) => {
    const lines: string[] = [];
    const states: ErasureListState[] = [];
    const refused: boolean[] = [];
    const process = await startTestSealing({
      databaseUrl: database.url("sealer"),
      directory: rememberedInMemory(remembered),
      logger: pino({ level: "error" }, { write: (line: string) => void lines.push(line) }),
      erasures: new ErasureList(file),
      onErasures: (state) => void states.push(state),
      onRefused: (value) => void refused.push(value),
    });
    return { process, lines, states, refused };
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
    const { process, lines, states, refused } = await sealing(ahead);
    await waitFor("the refusal", () => refused.includes(true));
    await process.stop();
    expect(states[0]?.missing).toBe(1);
    expect(lines.map((line) => JSON.parse(line).msg).slice(0, 2)).toEqual([
      "erasures of the list are not in the database: run `blindagem erase replay`",
      "sealing is refused",
    ]);
  });

  it("keeps the list as soon as the erasure is signed for", async () => {
    const id = await erase(database.pool("migrator"));
    const { process, states } = await sealing();
    await waitFor("the list", async () => (await listedIds()).includes(id));
    await process.stop();
    expect(states).toContainEqual({ missing: 0, damaged: [] });
  });

  it("goes on, and tells of lines that it cannot read and of one that was cut off", async () => {
    await erase(database.pool("migrator"));
    await new ErasureList(file).keep(sealer);
    const text = await readFile(file, "utf8");
    await writeFile(file, `{}\n${text}{"id":"12`);
    const id = await erase(database.pool("migrator"));
    const { process, lines, states } = await sealing();
    await waitFor("the list", async () => (await listedIds()).includes(id));
    await waitFor("what is told", () => states.length > 1);
    await process.stop();
    const told = lines.map((line) => JSON.parse(line));
    expect(told).toEqual([
      expect.objectContaining({ msg: expect.stringMatching(/cannot be read/), file, lines: [1] }),
      expect.objectContaining({
        msg: expect.stringMatching(/cut off: .* was added anew/),
        keptIn: cutOffFile(file),
        added: 1,
      }),
    ]);
    expect(states).toContainEqual({ missing: 0, damaged: [1] });
    const { rows } = await database
      .pool("migrator")
      .query("select from blindagem_audit.pending_records");
    expect(rows).toEqual([]);
  });
});

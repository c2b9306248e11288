import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { formatCheckpoint, openCheckpoint } from "../../src/audit/checkpoint.ts";
import { loadSigner } from "../../src/audit/keys.ts";
import { signNote } from "../../src/audit/note.ts";
import { BATCH, type Sealing } from "../../src/audit/sealing-process.ts";
import { sealingFault, sealingState } from "../../src/audit/sealing-state.ts";
import { createCheckpointSigner } from "../../src/audit/sign-checkpoint.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";
import { newSigner } from "./signing.ts";
import { rememberedInMemory, startTestSealing } from "./start-sealing.ts";
import { checkpointSigner, LOG_KEY, testKeys } from "./test-keys.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** A sealing process whose batches can be awaited. */
interface Watched extends Sealing {
  /** Resolves when, counted from its start, so many records are sealed. */
  hasSealed(count: number): Promise<void>;
}

async function start(): Promise<Watched> {
  const waiting: { count: number; done: () => void }[] = [];
  const sealing = await startTestSealing({
    databaseUrl: database.url("sealer"),
    onSealed: () => settle(),
  });
  const settle = () => {
    for (const { count, done } of waiting) if (sealing.sealed() >= count) done();
  };
  return {
    ...sealing,
    hasSealed: (count) =>
      new Promise((done) => {
        waiting.push({ count, done });
        settle();
      }),
  };
}

async function addPerson(): Promise<void> {
  await database
    .pool("migrator")
    .query("insert into blindagem.people (subject, name) values (gen_random_uuid(), 'Pessoa')");
}

/** Records that wait; the table holds a row for each statement. */
async function pending(): Promise<number> {
  const { rows } = await database
    .pool("migrator")
    .query<{ records: number }>(
      "select coalesce(sum(cardinality(record_ids)), 0)::int as records from blindagem_audit.pending_records",
    );
  return rows[0]?.records ?? Number.NaN;
}

/** The sealer's login may end its own sessions, as a restart of the database would. */
async function endSessions(): Promise<void> {
  await database.pool("sealer").query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'blindagem seal'`,
  );
}

describe("startSealing", () => {
  it("seals what waits, and what comes later", async () => {
    const before = await pending();
    const sealing = await start();
    await sealing.hasSealed(before);
    await addPerson();
    await sealing.hasSealed(before + 1);
    await sealing.stop();
    expect(await pending()).toBe(0);
  });

  it("seals what commits late, although it has gone on long since", async () => {
    const late = await database.pool("migrator").connect();
    const sealing = await start();
    try {
      await late.query("begin");
      await late.query(
        "insert into blindagem.people (subject, name) values (gen_random_uuid(), 'Tarde')",
      );
      for (const round of [1, 2, 3]) {
        await addPerson();
        await sealing.hasSealed(round);
      }
      await late.query("commit");
      await sealing.hasSealed(4);
    } finally {
      late.release();
      await sealing.stop();
    }
    expect(await pending()).toBe(0);
  });

  it("seals nothing after its stop", async () => {
    const sealing = await start();
    await sealing.stop();
    await addPerson();
    expect(await pending()).toBe(1);
    expect(sealing.active()).toBe(false);
  });

  it("survives the loss of its session", async () => {
    const sealing = await start();
    await addPerson();
    await sealing.hasSealed(1);
    await endSessions();
    const before = sealing.sealed();
    await addPerson();
    await sealing.hasSealed(before + 1);
    await sealing.stop();
  });

  it("stands by while another seals, and takes over when that one ends", async () => {
    const first = await start();
    await addPerson();
    await first.hasSealed(1);
    const second = await start();
    const before = first.sealed();
    await addPerson();
    await first.hasSealed(before + 1);
    expect([first.active(), second.active(), second.sealed()]).toEqual([true, false, 0]);
    await first.stop();
    await addPerson();
    await second.hasSealed(1);
    expect(second.active()).toBe(true);
    await second.stop();
  });

  it("refuses to start with a wrong password, and with a poll above a second", async () => {
    const wrong = new URL(database.url("sealer"));
    wrong.password = "wrong";
    await expect(startTestSealing({ databaseUrl: wrong.href })).rejects.toMatchObject({
      code: "28P01",
    });
    await expect(
      startTestSealing({ databaseUrl: database.url("sealer"), pollMs: 1001 }),
    ).rejects.toThrow(RangeError);
  });
});

describe("the checkpoints of a sealing process", () => {
  /** Its memory, its log, and what it thinks of the database. */
  async function observed(directory = rememberedInMemory()) {
    const lines: string[] = [];
    let refused: boolean | undefined;
    const signed: number[] = [];
    const sealing = await startTestSealing({
      databaseUrl: database.url("sealer"),
      directory,
      logger: pino({ level: "error" }, { write: (line: string) => void lines.push(line) }),
      onSigned: (size) => void signed.push(size),
      onRefused: (is) => {
        refused = is;
      },
    });
    return { sealing, signed, log: () => lines.join(""), refused: () => refused };
  }
  const newest = async () =>
    (
      await database
        .pool("sealer")
        .query("select * from blindagem_audit.checkpoints order by tree_size desc limit 1")
    ).rows[0];

  it("are signed for all that is sealed, kept in the database and in its own memory", async () => {
    const directory = rememberedInMemory();
    await addPerson();
    const { sealing, signed } = await observed(directory);
    await waitFor("a checkpoint", async () => (await pending()) === 0 && signed.length > 0);
    await sealing.stop();
    const { tree_size, root, note } = await newest();
    const { origin, keys } = await checkpointSigner();
    const opened = openCheckpoint(note, keys, origin);
    expect([String(opened.size), Buffer.from(opened.root)]).toEqual([tree_size, root]);
    expect(signed.at(-1)).toBe(opened.size);
    expect(await directory.newest()).toBe(note);
    const { rows } = await database
      .pool("sealer")
      .query("select sum(cardinality(record_ids))::int as leaves from blindagem_audit.sealed_runs");
    expect(rows[0]?.leaves).toBe(opened.size);
  });

  it("are signed when a transaction of more than a batch is in the tree as a whole", async () => {
    const { sealing, signed } = await observed(rememberedInMemory((await newest()).note));
    await waitFor("what waited", async () => (await pending()) === 0 && signed.length > 0);
    const before = Number(signed.at(-1));
    const statement = `insert into blindagem.people (subject, name)
      select gen_random_uuid(), 'Pessoa' from generate_series(1, ${BATCH / 2 + 1})`;
    const owner = await database.pool("migrator").connect();
    await owner.query("begin");
    for (let count = 0; count < 3; count += 1) await owner.query(statement);
    await owner.query("commit");
    owner.release();
    const whole = before + 3 * (BATCH / 2 + 1);
    await waitFor("its checkpoint", async () => Number(signed.at(-1)) >= whole);
    await sealing.stop();
    expect(signed.filter((size) => size > before && size < whole)).toEqual([]);
  });

  /** Signs what is not so, as the log's own key. */
  const signs = async (size: number, root: Uint8Array) =>
    signNote(formatCheckpoint({ origin: "teste/blindagem", size, root, extensions: [] }), [
      await loadSigner({ text: LOG_KEY }),
    ]);

  it.each([
    [
      "ROLLBACK",
      "a database that was restored from an older copy",
      async () => signs(1_000_000, randomBytes(32)),
    ],
    ["FORK", "a log that was altered below what was signed", async () => signs(1, randomBytes(32))],
    [
      "UNSIGNED",
      "a memory that somebody else wrote",
      async () =>
        signNote(
          formatCheckpoint({
            origin: "teste/blindagem",
            size: 1,
            root: randomBytes(32),
            extensions: [],
          }),
          [await newSigner("estranho")],
        ),
    ],
  ])("end with a %s: %s", async (code, _, remembered) => {
    const { sealing, log, refused } = await observed(rememberedInMemory(await remembered()));
    await addPerson();
    await waitFor("the refusal", () => refused() === true);
    await sealing.stop();
    expect(log()).toContain(`"code":"${code}"`);
    expect(await pending()).toBeGreaterThan(0);
    expect(sealing.sealed()).toBe(0);
  });

  it("go on under a new name of the log, if it is the same log", async () => {
    const signed: number[] = [];
    const sealing = await startTestSealing({
      databaseUrl: database.url("sealer"),
      directory: rememberedInMemory((await newest()).note),
      signer: createCheckpointSigner(
        [await loadSigner({ text: LOG_KEY })],
        testKeys,
        "teste/novo-nome",
      ),
      onSigned: (size) => void signed.push(size),
    });
    await addPerson();
    await waitFor("a checkpoint", async () => (await pending()) === 0 && signed.length > 0);
    await sealing.stop();
    expect((await newest()).note).toMatch(/^teste\/novo-nome\n/);
  });

  it("go on where another process left off", async () => {
    const { sealing, signed } = await observed(rememberedInMemory((await newest()).note));
    await waitFor("a checkpoint", async () => (await pending()) === 0 && signed.length > 0);
    await sealing.stop();
    expect(signed[0]).toBeGreaterThan(Number((await newest()).tree_size) - 100);
  });
});

describe("the database's clock", () => {
  it("is told when it stands before the sealing process's beat before: somebody has set it back", async () => {
    const lines: string[] = [];
    const logger = pino({ level: "error" }, { write: (line: string) => void lines.push(line) });
    const url = database.url("sealer");
    await (await startTestSealing({ databaseUrl: url, logger })).stop();
    expect(lines).toEqual([]);
    // What the process finds when the clock was an hour ahead of now at its last beat.
    await database
      .pool("sealer")
      .query("update blindagem_audit.sealer_heartbeat set beat_at = clock_timestamp() + '1 hour'");
    let told = 0;
    const onClockSetBack = () => void told++;
    const sealing = await startTestSealing({ databaseUrl: url, logger, onClockSetBack });
    await waitFor("the telling", () => lines.length > 0);
    await sealing.stop();
    expect(told).toBe(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      msg: "the database's clock was set back",
      seconds: 3600,
    });
    expect(lines).toHaveLength(1);
  });
});

describe("sealingState", () => {
  it("is told to the worker: signs of life, and since when a record waits", async () => {
    const worker = await database.pool("worker").connect();
    try {
      const sealing = await start();
      await addPerson();
      await sealing.hasSealed(1);
      await sealing.stop();
      const alive = await sealingState(worker);
      expect(alive.secondsSinceBeat).toBeLessThan(30);
      expect(alive.oldestPendingSeconds).toBeNull();
      await addPerson();
      expect((await sealingState(worker)).oldestPendingSeconds).toBeGreaterThanOrEqual(0);
    } finally {
      worker.release();
    }
  });

  it.each([
    [{ secondsSinceBeat: 1, oldestPendingSeconds: null }, undefined],
    [{ secondsSinceBeat: 1, oldestPendingSeconds: 2 }, undefined],
    [{ secondsSinceBeat: null, oldestPendingSeconds: null }, "never run"],
    [{ secondsSinceBeat: 61, oldestPendingSeconds: null }, "no sign of life for 61 s"],
    [{ secondsSinceBeat: 1, oldestPendingSeconds: 90.4 }, "waited for its seal for 90 s"],
  ])("%j", (state, fault) => {
    const found = sealingFault(state);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(fault);
  });
});

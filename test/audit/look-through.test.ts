import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type pg from "pg";
import { z } from "zod";
import { beat, lastMark } from "../../src/audit/heartbeat.ts";
import { LookThrough } from "../../src/audit/look-through.ts";
import { FROM_THE_FIRST, type LowWaterMark } from "../../src/audit/low-water-mark.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

let database: TestDatabase;
let sealer: pg.PoolClient;
let given: bigint;
beforeAll(async () => {
  database = await createTestDatabase();
  sealer = await database.pool("sealer").connect();
  await sealer.query("delete from blindagem_audit.pending_records");
  await database.pool("migrator").query("select setval('blindagem_audit.record_id', 200000000000)");
  ({ given } = await beat(sealer));
});
afterAll(async () => {
  sealer.release();
  await database.drop();
});

/** The statement that looks through a part, with the ids between which that lies. */
const part = z.object({ values: z.tuple([z.bigint(), z.bigint()]) });

/** A row that is put in by hand. */
async function putIn(recordId: bigint): Promise<void> {
  const client = await database.pool("migrator").connect();
  try {
    await client.query("begin");
    await client.query(`set local role ${database.prefix}_audit_owner`);
    await client.query(
      "insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at) values ($1, array[$1::bigint], now())",
      [recordId],
    );
    await client.query("commit");
  } finally {
    client.release();
  }
}

describe("LookThrough", () => {
  const running = new Map([[7n, 3n]]);

  it("comes through all that lies below the mark, part by part, and begins anew", async () => {
    const below = new LookThrough();
    const mark: LowWaterMark = { recordId: given, running };
    const stray = given - 5n;
    let found = mark;
    for (let part = 0; part < 60; part += 1) found = await below.step(sealer, found);
    expect(found).toBe(mark);
    await putIn(stray);
    await putIn(given + 1n);
    for (let part = 0; part < 60 && found === mark; part += 1) {
      found = await below.step(sealer, mark);
    }
    expect(found).toEqual({ recordId: stray - 1n, running });
  });

  it("looks through half as much when that took too long, however little there was before", async () => {
    let now = 0;
    let tookMs = 0;
    const timed = new LookThrough(() => {
      now += tookMs;
      return now;
    });
    const mark: LowWaterMark = { recordId: 1_000_000n, running: new Map() };
    for (let step = 0; step < 200; step += 1) await timed.step(sealer, mark);
    tookMs = 300;
    const query = jest.spyOn(sealer, "query");
    for (let step = 0; step < 3; step += 1) await timed.step(sealer, mark);
    const [first = 0n, second = 0n, third = 0n] = query.mock.calls.map(([statement]) => {
      const [after, to] = part.parse(statement).values;
      return to - after;
    });
    query.mockRestore();
    expect(second).toBeLessThanOrEqual(first / 2n);
    expect(third).toBeLessThanOrEqual(first / 4n);
  });

  it("has nothing to look through before there is a mark", async () => {
    expect(await new LookThrough().step(sealer, FROM_THE_FIRST)).toBe(FROM_THE_FIRST);
  });
});

describe("lastMark", () => {
  it("is the first row where what ran then cannot be known here: of another cluster", async () => {
    await beat(sealer, { recordId: 40n, running: new Map([[2n ** 60n, 12n]]) });
    expect(await lastMark(sealer)).toEqual(FROM_THE_FIRST);
  });

  it("is where the process before had come to, and looks once from the first row when what ran then has ended", async () => {
    await beat(sealer, { recordId: 40n, running: new Map([[9n, 12n]]) });
    expect(await lastMark(sealer)).toEqual({ recordId: 40n, running: new Map([[9n, 0n]]) });
  });

  it("is the first row where that cannot be: no id has come so far", async () => {
    await beat(sealer, { recordId: given * 2n, running: new Map() });
    expect(await lastMark(sealer)).toEqual(FROM_THE_FIRST);
  });
});

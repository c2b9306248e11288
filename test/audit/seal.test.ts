import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { leafHash } from "../../src/audit/leaf.ts";
import { sealPending } from "../../src/audit/seal.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

let database: TestDatabase;
let owner: pg.Pool;
let sealer: pg.PoolClient;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = database.pool("migrator");
  sealer = await database.pool("sealer").connect();
});
afterAll(async () => {
  sealer.release();
  await database.drop();
});
afterEach(async () => {
  while ((await sealPending(sealer, 1000)) > 0);
});

interface Leaf {
  index: string;
  record_id: string;
  entry: Buffer;
  hash: Buffer;
}

async function leaves(): Promise<Leaf[]> {
  const { rows } = await sealer.query<Leaf>(
    "select index, record_id, entry, hash from blindagem_audit.leaves order by index",
  );
  return rows;
}

async function addPeople(client: pg.ClientBase | pg.Pool, ...subjects: string[]): Promise<void> {
  await client.query(
    "insert into blindagem.people (subject, name) select subject, 'Pessoa ' || subject from unnest($1::text[]) as subject",
    [subjects],
  );
}

async function recordOf(subject: string): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    "select id from blindagem_audit.audit_log_immutable where new_state->>'subject' = $1",
    [subject],
  );
  return rows[0]?.id ?? "none";
}

describe("sealPending", () => {
  it("gives dense indexes in the order of the records, batch by batch, until nothing waits", async () => {
    await addPeople(owner, "a", "b", "c", "d", "e");
    const { rows } = await owner.query("select record_id from blindagem_audit.pending_records");
    const before = (await leaves()).length;
    expect(await sealPending(sealer, rows.length - 2)).toBe(rows.length - 2);
    expect(await sealPending(sealer, 1000)).toBe(2);
    expect(await sealPending(sealer, 1000)).toBe(0);
    const all = await leaves();
    expect(all.map(({ index }) => Number(index))).toEqual(all.map((_, index) => index));
    const ids = all.slice(before).map(({ record_id }) => BigInt(record_id));
    expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
    expect((await owner.query("select from blindagem_audit.pending_records")).rowCount).toBe(0);
  });

  it("stores the bytes that were hashed, which tell the record", async () => {
    await addPeople(owner, "João d'Água");
    await sealPending(sealer, 1000);
    const id = await recordOf("João d'Água");
    const leaf = (await leaves()).find(({ record_id }) => record_id === id);
    expect(leaf?.hash).toEqual(leafHash(leaf?.entry ?? Buffer.alloc(0)));
    expect(JSON.parse(leaf?.entry.toString("utf8") ?? "null")).toMatchObject({
      id,
      entity_type: "people",
      operation: "INSERT",
      action: "OUT_OF_BAND",
      previous_state: null,
      new_state: { subject: "João d'Água", email: null },
      recorded_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    });
  });

  it("does not depend on the settings of the sealer's session", async () => {
    await addPeople(owner, "zone");
    await sealer.query(
      "set timezone = 'Asia/Tokyo'; set datestyle = 'German'; set bytea_output = 'escape'",
    );
    await sealPending(sealer, 1000);
    await sealer.query("reset all");
    const id = await recordOf("zone");
    const leaf = (await leaves()).find(({ record_id }) => record_id === id);
    const { rows } = await owner.query<{ at: string }>(
      `select to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
       from blindagem_audit.audit_log_immutable where id = $1`,
      [id],
    );
    expect(JSON.parse(leaf?.entry.toString("utf8") ?? "null")).toMatchObject({
      recorded_at: rows[0]?.at,
    });
  });

  it("neither skips nor waits for a transaction that took its id earlier and commits later", async () => {
    const slow = await owner.connect();
    try {
      await slow.query("begin");
      await addPeople(slow, "slow");
      await addPeople(owner, "quick");
      expect(await sealPending(sealer, 1000)).toBe(1);
      await slow.query("commit");
      expect(await sealPending(sealer, 1000)).toBe(1);
      const [quick, slowRecord] = (await leaves()).slice(-2).map(({ record_id }) => record_id);
      expect(quick).toBe(await recordOf("quick"));
      expect(slowRecord).toBe(await recordOf("slow"));
    } finally {
      slow.release();
    }
  });

  it("seals nothing of a transaction that was rolled back, and leaves no hole", async () => {
    const client = await owner.connect();
    await client.query("begin");
    await addPeople(client, "never");
    await client.query("rollback");
    client.release();
    await addPeople(owner, "after");
    await sealPending(sealer, 1000);
    const all = await leaves();
    expect(all.at(-1)?.index).toBe(String(all.length - 1));
    expect(all.some(({ entry }) => entry.includes("never"))).toBe(false);
  });

  it("stops at a record that waits and is not in the log, and seals nothing", async () => {
    const auditor = await owner.connect();
    try {
      await auditor.query(`set role ${database.prefix}_audit_owner`);
      await auditor.query("insert into blindagem_audit.pending_records values (999999, now())");
      await expect(sealPending(sealer, 1000)).rejects.toThrow("Record 999999 waits for its seal");
      await auditor.query("delete from blindagem_audit.pending_records where record_id = 999999");
    } finally {
      await auditor.query("reset role");
      auditor.release();
    }
  });
});

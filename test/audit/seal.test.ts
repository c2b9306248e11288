import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
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

describe("leaf_hash", () => {
  // Leaf hashes of the reference tree of certificate-transparency-go (merkle tree test inputs), RFC 6962.
  it.each([
    ["", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
    ["00", "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"],
    ["10", "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7"],
    ["2021", "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7"],
  ])("of %j", async (hex, expected) => {
    const { rows } = await sealer.query("select blindagem_audit.leaf_hash($1) as hash", [
      Buffer.from(hex, "hex"),
    ]);
    expect(rows[0]?.hash.toString("hex")).toBe(expected);
  });
});

describe("entry_of", () => {
  const fields = {
    id: "17",
    recorded_at: "2026-11-05T03:00:00.123456+00:00",
    organization_id: "1",
    condominium_id: "2",
    sensitivity: "ORDINARY",
    entity_type: "expenses",
    entity_id: '2/"9\\',
    operation: "UPDATE",
    action: "APPROVE",
    actor_id: "system:validate_expenses",
    actor_role: "worker",
    on_behalf_of: "api-key",
    previous_state: { status: "PENDING", gross_amount: "100.00" },
    new_state: { status: "APPROVED", gross_amount: "100.10" },
    reason: 'Validação\n"automática"',
    ip: "192.0.2.1",
    user_agent: "curl",
    request_id: "r-1",
    job_id: "5",
    session_login: "blindagem_worker",
    application_name: "blindagem worker",
    client_address: "127.0.0.1",
    transaction_id: "771",
    intent: "\\xab",
  };
  const entryOf = async (record: Record<string, unknown>): Promise<string> => {
    const { rows } = await sealer.query<{ entry: Buffer }>(
      `select blindagem_audit.entry_of(jsonb_populate_record(null::blindagem_audit.audit_log_immutable, $1)) as entry`,
      [JSON.stringify(record)],
    );
    return rows[0]?.entry.toString("utf8") ?? "";
  };

  it("is a JSON object of the record's fields, exactly", async () => {
    expect(JSON.parse(await entryOf(fields))).toEqual({
      ...fields,
      format: "blindagem-record-2",
      recorded_at: "2026-11-05T03:00:00.123456Z",
      intent: "ab",
    });
  });

  it("changes with every field, also when it is missing", async () => {
    const entries = [await entryOf(fields)];
    const required = ["id", "recorded_at"];
    for (const field of Object.keys(fields).filter((name) => !required.includes(name))) {
      entries.push(await entryOf({ ...fields, [field]: null }));
    }
    expect(new Set(entries).size).toBe(entries.length);
  });
});

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
    const hashed = Buffer.concat([Buffer.of(0x00), leaf?.entry ?? Buffer.alloc(0)]);
    expect(leaf?.hash).toEqual(createHash("sha256").update(hashed).digest());
    expect(JSON.parse(leaf?.entry.toString("utf8") ?? "null")).toMatchObject({
      id,
      entity_type: "people",
      operation: "INSERT",
      action: "OUT_OF_BAND",
      new_state: { id: expect.stringMatching(/^\d+$/), subject: "João d'Água", email: null },
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

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { transaction } from "../../src/database/actor.ts";
import { attest } from "../audit/test-keys.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { ask, createTenant, type Tenant } from "./world.ts";

let database: TestDatabase;
let owner: pg.Pool;
let tenant: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = database.pool("migrator");
  tenant = await createTenant(database);
});
afterAll(() => database.drop());

interface Recorded {
  entity_type: string;
  entity_id: string;
  operation: string;
  action: string;
  actor_id: string | null;
  previous_state: Record<string, unknown> | null;
  new_state: Record<string, unknown> | null;
  [column: string]: unknown;
}

/** The records that `use` left behind, oldest first. */
async function recordsOf(use: () => Promise<unknown>): Promise<Recorded[]> {
  const { rows: before } = await owner.query<{ id: string }>(
    "select coalesce(max(id), 0) as id from blindagem_audit.records",
  );
  await use();
  const { rows } = await owner.query<Recorded>(
    "select *, host(ip) as ip from blindagem_audit.records where id > $1 order by id",
    [before[0]?.id],
  );
  return rows;
}

/** A change as a task makes it. */
function asTask(reason: string, statement: string, values: unknown[] = []): Promise<unknown> {
  return inWorker((client) =>
    transaction(
      client,
      attest,
      { id: "system:test", role: "worker", reason, jobId: "77", requestId: "r-1" },
      (inside) => inside.query(statement, values),
    ),
  );
}

async function inWorker<T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await database.pool("worker").connect();
  try {
    return await use(client);
  } finally {
    client.release();
  }
}

describe("a record", () => {
  it("holds who, what, why and from where, of an insertion by a request", async () => {
    const { admin } = tenant.askers;
    const asker = {
      ...admin,
      settings: {
        ...admin.settings,
        reason: "Nova política",
        ip: "203.0.113.7",
        user_agent: "Firefox",
        request_id: "req-9",
      },
    };
    const [record, ...more] = await recordsOf(() =>
      ask(database, asker, "select blindagem.set_setting('stale_bank_hours', 24, 'Nova política')"),
    );
    expect(more).toEqual([]);
    expect(record).toMatchObject({
      organization_id: tenant.organizationId,
      condominium_id: null,
      entity_type: "settings",
      entity_id: `${tenant.organizationId}/stale_bank_hours`,
      operation: "INSERT",
      action: "INSERT",
      actor_id: admin.settings.actor_id,
      actor_role: "admin",
      previous_state: null,
      new_state: {
        organization_id: tenant.organizationId,
        name: "stale_bank_hours",
        value: "24",
      },
      reason: "Nova política",
      ip: "203.0.113.7",
      user_agent: "Firefox",
      request_id: "req-9",
      session_login: `${database.prefix}_authenticator`,
      client_address: "127.0.0.1",
    });
  });

  it("holds the changed fields before and after, of an update by a task", async () => {
    const records = await recordsOf(() =>
      asTask(
        "Validação automática",
        "update blindagem.expenses set status = 'APPROVED', decided_at = '2026-11-05T03:00:00Z' where id = $1",
        [tenant.expenseId],
      ),
    );
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      entity_type: "expenses",
      entity_id: `${tenant.condominiumId}/${tenant.expenseId}`,
      condominium_id: tenant.condominiumId,
      organization_id: tenant.organizationId,
      operation: "UPDATE",
      action: "APPROVE",
      actor_id: "system:test",
      actor_role: "worker",
      job_id: "77",
      request_id: "r-1",
      reason: "Validação automática",
    });
    expect(records[0]?.previous_state).toEqual({ status: "PENDING", decided_at: null });
    expect(records[0]?.new_state).toEqual({
      status: "APPROVED",
      decided_at: "2026-11-05T03:00:00+00:00",
    });
  });

  it("is not made of an update that changes nothing", async () => {
    const records = await recordsOf(() =>
      asTask("Nada", "update blindagem.expenses set status = status where id = $1", [
        tenant.expenseId,
      ]),
    );
    expect(records).toEqual([]);
  });

  it("holds the whole row of a deletion", async () => {
    const records = await recordsOf(() =>
      asTask("Desfeito", "delete from blindagem.refunds where debit_id = $1", [tenant.debitId]),
    );
    expect(records).toMatchObject([
      {
        entity_type: "refunds",
        operation: "DELETE",
        action: "UNDO_REFUND",
        new_state: null,
        previous_state: { debit_id: tenant.debitId, amount: "250.00" },
      },
    ]);
  });

  it("tells of a truncate", async () => {
    const records = await recordsOf(() => owner.query("truncate blindagem.bank_statements"));
    expect(records).toMatchObject([
      {
        entity_type: "bank_statements",
        entity_id: "bank_statements",
        operation: "TRUNCATE",
        action: "OUT_OF_BAND",
      },
    ]);
  });

  it("is made for each row of a statement, and waits for its seal", async () => {
    const records = await recordsOf(() =>
      asTask(
        "Todas",
        "update blindagem.payables set payment_status = 'PAID' where condominium_id = $1",
        [tenant.condominiumId],
      ),
    );
    expect(records).toHaveLength(4);
    expect(new Set(records.map(({ entity_id }) => entity_id)).size).toBe(4);
    const { rows } = await owner.query(
      "select from blindagem_audit.pending_records cross join unnest(record_ids) as record_id where record_id = any ($1)",
      [records.map(({ id }) => id)],
    );
    expect(rows).toHaveLength(4);
  });

  it("goes away with the transaction that is rolled back", async () => {
    const records = await recordsOf(async () => {
      const client = await owner.connect();
      await client.query("begin");
      await client.query("update blindagem.organizations set name = 'Outro nome'");
      await client.query("rollback");
      client.release();
    });
    expect(records).toEqual([]);
  });

  it("writes times in UTC, whatever the session's zone and formats", async () => {
    const records = await recordsOf(() =>
      inWorker(async (client) => {
        await client.query("set timezone = 'Asia/Tokyo'; set datestyle = 'German, DMY'");
        await transaction(
          client,
          attest,
          { id: "system:test", role: "worker", reason: "Fuso" },
          (inside) =>
            inside.query(
              "update blindagem.bank_connections set known_until = '2026-11-05T23:30:00-03:00' where condominium_id = $1",
              [tenant.condominiumId],
            ),
        );
        await client.query("reset all");
      }),
    );
    expect(records[0]?.new_state).toEqual({ known_until: "2026-11-06T02:30:00+00:00" });
  });
});

describe("the action", () => {
  it.each([
    ["update blindagem.expenses set status = 'MANUAL_REVIEW' where id = $1", "SEND_TO_REVIEW"],
    [
      "update blindagem.expenses set status = 'AWAITING_SECOND_APPROVAL' where id = $1",
      "REQUEST_SECOND_APPROVAL",
    ],
    ["update blindagem.expenses set status = 'CANCELLED' where id = $1", "CANCEL"],
    ["update blindagem.expenses set payment_status = 'PAID' where id = $1", "UPDATE"],
  ])("of %s is %s", async (statement, action) => {
    const records = await recordsOf(() => asTask("Ação", statement, [tenant.salaryId]));
    expect(records.map((record) => record.action)).toEqual([action]);
  });

  it("of a submission is SUBMIT, and its parts are of the salaries' sensitivity where it is", async () => {
    const { rows } = await owner.query<Recorded>(
      `select * from blindagem_audit.records
       where condominium_id = $1 and (entity_type = 'expenses' and entity_id = $2 or new_state->>'expense_id' = $3) and operation = 'INSERT'`,
      [tenant.condominiumId, `${tenant.condominiumId}/${tenant.salaryId}`, tenant.salaryId],
    );
    const types = ["expense_documents", "expenses", "payables", "retentions", "reviews"];
    expect([...new Set(rows.map(({ entity_type }) => entity_type))].sort()).toEqual(types);
    expect(new Set(rows.map(({ sensitivity }) => sensitivity))).toEqual(new Set(["SALARY"]));
    expect(rows.find(({ entity_type }) => entity_type === "expenses")?.action).toBe("SUBMIT");
  });
});

describe("an entry", () => {
  it("says what the columns beside it say, in every record", async () => {
    const { rows } = await owner.query<Record<string, string | null> & { entry: string }>(
      `select id::text, to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at,
         organization_id::text, condominium_id::text, sensitivity, entity_type, entity_id, action, actor_id, entry
       from blindagem_audit.records`,
    );
    expect(rows.length).toBeGreaterThan(30);
    for (const { entry, ...columns } of rows) {
      const told = JSON.parse(entry);
      expect(told.format).toBe("blindagem-record-6");
      for (const [column, value] of Object.entries(columns)) {
        expect({ [column]: told[column] ?? null }).toEqual({ [column]: value });
      }
    }
  });

  it("has a salt of its own, so that its hash cannot be guessed", async () => {
    const { rows } = await owner.query<{ records: string; salts: string; shortest: number }>(
      `select count(*) as records, count(distinct entry::json->>'salt') as salts,
         min(length(entry::json->>'salt')) as shortest
       from blindagem_audit.records`,
    );
    expect(rows[0]?.salts).toBe(rows[0]?.records);
    expect(rows[0]?.shortest).toBe(32);
  });

  it("leaves the empty columns of a whole row out, and tells a change to and from nothing", async () => {
    const [inserted] = await recordsOf(() =>
      owner.query("insert into blindagem.people (subject, name) values ('vazio', 'Sem e-mail')"),
    );
    expect(inserted?.new_state).not.toHaveProperty("email");
    const [updated] = await recordsOf(() =>
      owner.query("update blindagem.people set email = 'a@example.com' where subject = 'vazio'"),
    );
    expect(updated).toMatchObject({
      previous_state: { email: null },
      new_state: { email: "a@example.com" },
    });
  });

  it("does not depend on the session's settings", async () => {
    const client = await owner.connect();
    await client.query(
      "set timezone = 'Asia/Tokyo'; set datestyle = 'German'; set bytea_output = 'escape'; set intervalstyle = 'sql_standard'",
    );
    const [record] = await recordsOf(() =>
      client.query(
        "update blindagem.managements set valid_to = '2031-02-03' where condominium_id = $1",
        [tenant.condominiumId],
      ),
    );
    await client.query(
      "update blindagem.managements set valid_to = null where condominium_id = $1",
      [tenant.condominiumId],
    );
    await client.query("reset all");
    client.release();
    expect(record?.new_state).toEqual({ valid_to: "2031-02-03" });
    expect(record?.entry).toMatch(/"recorded_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"/);
  });
});

describe("a change by hand", () => {
  it("is OUT_OF_BAND, with the session's user, address and application", async () => {
    const client = await owner.connect();
    await client.query("set application_name = 'psql'");
    const records = await recordsOf(() =>
      client.query("update blindagem.organizations set name = 'À mão' where id = $1", [
        tenant.organizationId,
      ]),
    );
    await client.query("reset application_name");
    client.release();
    const { rows } = await owner.query<{ login: string }>("select session_user as login");
    expect(records).toMatchObject([
      {
        action: "OUT_OF_BAND",
        actor_id: null,
        application_name: "psql",
        session_login: rows[0]?.login,
        client_address: "127.0.0.1",
      },
    ]);
  });

  it("is OUT_OF_BAND even if it claims an actor, under a login that is not the platform's", async () => {
    const client = await owner.connect();
    const records = await recordsOf(() =>
      transaction(
        client,
        attest,
        { id: "person:1", role: "admin", reason: "Nada a ver" },
        (inside) =>
          inside.query("update blindagem.organizations set name = 'Forjado' where id = $1", [
            tenant.organizationId,
          ]),
      ),
    );
    client.release();
    expect(records).toMatchObject([{ action: "OUT_OF_BAND", actor_id: "person:1" }]);
  });

  it.each([
    ["no actor", { actor_id: "", reason: "Um motivo" }],
    ["no reason", { actor_id: "system:test", reason: "" }],
  ])("is refused under the platform's logins with %s", async (_, settings) => {
    const records = await recordsOf(() =>
      inWorker(async (client) => {
        await client.query("begin");
        await client.query(
          "select set_config('blindagem.' || key, value, true) from jsonb_each_text($1) as s (key, value)",
          [settings],
        );
        const change = client.query(
          "update blindagem.bank_connections set state = 'STALE' where condominium_id = $1",
          [tenant.condominiumId],
        );
        await expect(change).rejects.toMatchObject({ code: "BLD08" });
        await client.query("rollback");
      }),
    );
    expect(records).toEqual([]);
  });
});

describe("the view audit_log", () => {
  it("shows a record with its reason and address in metadata", async () => {
    const rows = await ask<{ metadata: Record<string, string> }>(
      database,
      tenant.askers.auditor,
      `select metadata from blindagem.audit_log
       where entity_type = 'settings' and new_state->>'name' = 'stale_bank_hours'`,
    );
    expect(rows).toMatchObject([
      { metadata: { reason: "Nova política", ip: "203.0.113.7", requestId: "req-9" } },
    ]);
  });
});

describe("the ids of records", () => {
  it("are given one by one, to transactions that have asked for their xid before", async () => {
    const { rows: sequence } = await owner.query(
      "select seqcache, seqincrement from pg_sequence where seqrelid = 'blindagem_audit.record_id'::regclass",
    );
    expect(sequence).toEqual([{ seqcache: "1", seqincrement: "1" }]);
    const { rows } = await owner.query<{ name: string; xid: number; id: number }>(
      `select proname as name, strpos(prosrc, 'nextval(''blindagem_audit.record_id'')') as id,
         greatest(strpos(prosrc, 'xid8 := pg_current_xact_id();'),
           strpos(prosrc, 'shared text := blindagem_audit.context_entry(who, at, context_salt);')) as xid
       from pg_proc
       where pronamespace in ('blindagem_audit'::regnamespace, 'blindagem_private'::regnamespace, 'blindagem'::regnamespace)
         and prosrc like '%blindagem_audit.record_id%' and proname <> 'capture_source'`,
    );
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter(({ xid, id }) => !(0 < xid && xid < id))).toEqual([]);
  });
});

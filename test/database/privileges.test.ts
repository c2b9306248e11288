import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { appendRun } from "../../src/audit/append-run.ts";
import { REQUEST_ROLES } from "../../src/database/role-names.ts";
import { createTestDatabase, type Login, type TestDatabase } from "./test-database.ts";
import { ask, createTenant, type Tenant } from "./world.ts";

let database: TestDatabase;
let tenant: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
  const sealer = await database.pool("sealer").connect();
  await appendRun(sealer, 1);
  sealer.release();
});
afterAll(() => database.drop());

const DENIED = { code: "42501" };

/** What a role may do to which tables of our schemas, as "update blindagem.expenses". */
async function writable(role: string): Promise<string[]> {
  const { rows } = await database.pool("migrator").query<{ right: string }>(
    `select lower(privilege) || ' ' || c.oid::regclass as right
     from pg_class c
     cross join unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) as privilege
     where relnamespace::regnamespace::text in ('blindagem', 'blindagem_private', 'blindagem_audit')
       and relkind in ('r', 'p', 'v')
       and case when privilege in ('DELETE', 'TRUNCATE', 'TRIGGER') then has_table_privilege($1, c.oid, privilege)
         else has_any_column_privilege($1, c.oid, privilege) end
     order by 1`,
    [`${database.prefix}_${role}`],
  );
  return rows.map(({ right }) => right);
}

describe("request roles", () => {
  it.each(REQUEST_ROLES)("%s can write no table directly", async (role) => {
    expect(await writable(role)).toEqual([]);
  });

  it("are refused when they try", async () => {
    const { admin, sindico, auditor } = tenant.askers;
    for (const asker of [admin, sindico, auditor]) {
      for (const statement of [
        "update blindagem.expenses set status = 'APPROVED'",
        "delete from blindagem.reviews",
        "insert into blindagem.people (subject, name) values ('x', 'Xis')",
        "truncate blindagem.expenses",
        "insert into blindagem_audit.pending_records values (1, '{1}', now())",
        "select graphile_worker.add_job('reconcile')",
        "select * from blindagem_private.company_answers",
        "select key_hash from blindagem.api_keys",
      ]) {
        await expect(ask(database, asker, statement)).rejects.toMatchObject(DENIED);
      }
    }
  });
});

describe("the API's login", () => {
  it("can do nothing by itself but find out who signs in, and take webhooks and cosignatures", async () => {
    expect(await writable("authenticator")).toEqual([]);
    const pool = database.pool("authenticator");
    for (const table of [
      "blindagem.expenses",
      "blindagem.rules",
      "blindagem_private.job_records",
      "graphile_worker.jobs",
      "blindagem_audit.cosignatures",
    ]) {
      await expect(pool.query(`select from ${table}`)).rejects.toMatchObject(DENIED);
    }
    const { rows } = await pool.query<{ name: string }>(
      `select p.oid::regproc::text as name from pg_proc p
       where pronamespace::regnamespace::text in ('blindagem', 'blindagem_private', 'blindagem_audit')
         and prosecdef and has_function_privilege(p.oid, 'execute') order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      "blindagem_audit.kept_cosignatures",
      "blindagem_audit.store_cosignatures",
      "blindagem_private.receive_webhook",
      "blindagem_private.sign_in",
      "blindagem_private.sign_in_with_key",
    ]);
  });

  it.each(["owner", "audit_owner", "queue", "worker", "sealer"])(
    "cannot become %s",
    async (role) => {
      await expect(
        database.pool("authenticator").query(`set role ${database.prefix}_${role}`),
      ).rejects.toMatchObject(DENIED);
    },
  );
});

describe("the worker's login", () => {
  it("writes what tasks write, and nothing of the log", async () => {
    const inBusiness = (await writable("worker")).filter((right) => right.includes(" blindagem."));
    expect(inBusiness).toEqual([
      "delete blindagem.movement_verdicts",
      "delete blindagem.payments",
      "delete blindagem.refunds",
      "insert blindagem.bank_accounts",
      "insert blindagem.bank_statements",
      "insert blindagem.bank_transactions",
      "insert blindagem.companies",
      "insert blindagem.decisions",
      "insert blindagem.document_identifiers",
      "insert blindagem.document_readings",
      "insert blindagem.documents",
      "insert blindagem.movement_verdicts",
      "insert blindagem.payments",
      "insert blindagem.pool_doubts",
      "insert blindagem.refunds",
      "insert blindagem.reviews",
      "insert blindagem.statement_doubts",
      "insert blindagem.statement_exceptions",
      "update blindagem.bank_accounts",
      "update blindagem.bank_connections",
      "update blindagem.bank_statements",
      "update blindagem.bank_transactions",
      "update blindagem.companies",
      "update blindagem.expenses",
      "update blindagem.movement_verdicts",
      "update blindagem.payables",
      "update blindagem.payments",
      "update blindagem.pool_doubts",
      "update blindagem.refunds",
      "update blindagem.reviews",
      "update blindagem.statement_exceptions",
    ]);
    const ofTheLog = (await writable("worker")).filter((right) =>
      right.includes("blindagem_audit."),
    );
    expect(ofTheLog).toEqual([]);
  });

  it("changes nothing of what an expense says, or of what is to be paid for it", async () => {
    for (const change of [
      "expenses set gross_amount = gross_amount",
      "expenses set document_kind = 'BOLETO'",
      "expenses set payee_document = null, payee_kind = 'NONE'",
      "expenses set sensitivity = 'ORDINARY'",
      "payables set amount = amount",
      "payables set payee_document = null",
    ]) {
      await expect(
        database.pool("worker").query(`update blindagem.${change}`),
      ).rejects.toMatchObject(DENIED);
    }
  });
});

describe("the sealer's login", () => {
  it("takes from what waits and appends leaves, and writes nothing else", async () => {
    expect(await writable("sealer")).toEqual([
      "delete blindagem_audit.pending_records",
      "delete blindagem_audit.split_transactions",
      "insert blindagem_audit.checkpoints",
      "insert blindagem_audit.divergences",
      "insert blindagem_audit.sealed_runs",
      "insert blindagem_audit.sealer_heartbeat",
      "insert blindagem_audit.split_transactions",
      "insert blindagem_audit.tiles",
      "insert blindagem_audit.unattested_records",
      "update blindagem_audit.divergences",
      "update blindagem_audit.sealer_heartbeat",
      "update blindagem_audit.split_transactions",
      "update blindagem_audit.tiles",
    ]);
  });

  it("sees how far the ids of records have come, and takes none", async () => {
    const sealer = database.pool("sealer");
    await sealer.query("select last_value from blindagem_audit.record_id");
    for (const take of [
      "nextval('blindagem_audit.record_id')",
      "setval('blindagem_audit.record_id', 1)",
    ]) {
      await expect(sealer.query(`select ${take}`)).rejects.toMatchObject(DENIED);
    }
  });

  it("reads the audited tables, to compare them with the log, the facts of decisions, and nothing else of the business", async () => {
    const { rows } = await database.pool("migrator").query<{ name: string }>(
      `select relname as name from pg_class
       where relnamespace in ('blindagem'::regnamespace, 'blindagem_private'::regnamespace) and relkind in ('r', 'p', 'v')
         and has_any_column_privilege($1, oid, 'select')
         and not (relnamespace = 'blindagem'::regnamespace and relkind <> 'v' and relname <> all (blindagem_audit.unaudited_tables()))`,
      [`${database.prefix}_sealer`],
    );
    expect(rows).toEqual([{ name: "decisions" }]);
    for (const denied of [
      "select from blindagem.companies",
      "select reasons from blindagem.decisions",
    ]) {
      await expect(database.pool("sealer").query(denied)).rejects.toMatchObject(DENIED);
    }
  });
});

describe("the audit log", () => {
  const changesOf = (table: string) => [
    `update ${table} set actor_id = 'somebody else'`,
    `delete from ${table}`,
    `truncate ${table}`,
    `insert into ${table} (id, recorded_at, sensitivity, entity_type, entity_id, action, entry)
     values (1, now(), 'ORDINARY', 'expenses', '1', 'SUBMIT', '{}')`,
  ];

  it.each(["authenticator", "worker", "sealer"] as const)(
    "is closed to %s",
    async (login: Login) => {
      const log = "blindagem_audit.audit_log_immutable";
      for (const statement of [
        ...changesOf(log),
        "select blindagem_audit.define_capture('blindagem.expenses')",
        "alter table blindagem_audit.audit_log_immutable disable trigger all",
        "drop table blindagem_audit.audit_log_default",
      ]) {
        await expect(database.pool(login).query(statement)).rejects.toMatchObject(DENIED);
      }
    },
  );

  it("cannot be written by its owner either: each partition, the leaves and cosignatures have their guards", async () => {
    const client = await database.pool("migrator").connect();
    try {
      const { rows } = await client.query<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits
         where inhparent = 'blindagem_audit.audit_log_immutable'::regclass`,
      );
      expect(rows.length).toBeGreaterThanOrEqual(5);
      for (const table of [
        "blindagem_audit.audit_log_immutable",
        ...rows.map(({ name }) => name),
      ]) {
        for (const statement of changesOf(table)) await isRefusedToOwner(client, statement);
      }
      for (const statement of [
        "update blindagem_audit.sealed_runs set leaf_hashes = leaf_hashes",
        "delete from blindagem_audit.sealed_runs",
        "truncate blindagem_audit.sealed_runs",
        "update blindagem_audit.cosignatures set signature = signature",
        "delete from blindagem_audit.cosignatures",
        "truncate blindagem_audit.cosignatures",
      ]) {
        await isRefusedToOwner(client, statement);
      }
    } finally {
      client.release();
    }
  });

  it("keeps its guards when triggers are told to play replica", async () => {
    const client = await database.pool("migrator").connect();
    try {
      // Of a view they cannot be told so: without its trigger an insertion into one fails.
      const { rows } = await client.query<{ enabled: string }>(
        `select distinct tgenabled as enabled from pg_trigger t join pg_class c on c.oid = t.tgrelid
         where relnamespace = 'blindagem_audit'::regnamespace and relkind <> 'v'`,
      );
      expect(rows).toEqual([{ enabled: "A" }]);
    } finally {
      client.release();
    }
  });
});

async function isRefusedToOwner(client: pg.PoolClient, statement: string): Promise<void> {
  await client.query("begin");
  await client.query(`set local role ${database.prefix}_audit_owner`);
  await expect(client.query(statement)).rejects.toMatchObject({ code: "BLD06" });
  await client.query("rollback");
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from "@jest/globals";
import type pg from "pg";
import { archiveMonth } from "../../src/audit/bundle/archive.ts";
import { exportBundle } from "../../src/audit/bundle/export.ts";
import { requireMonthIn } from "../../src/audit/bundle/month-bundle.ts";
import { verifyBundle } from "../../src/audit/bundle/verify.ts";
import { parseCheckpoint } from "../../src/audit/checkpoint.ts";
import { storedCheckpoint } from "../../src/audit/comparing/compare-tree.ts";
import { tileReader } from "../../src/audit/log-tree.ts";
import { parseNote } from "../../src/audit/note.ts";
import { formatProof, parseProof, verifyProof } from "../../src/audit/proof.ts";
import { proveRecord } from "../../src/audit/prove-record.ts";
import { leafHash } from "../../src/audit/tree.ts";
import { idBytes } from "../../src/audit/verifier-key.ts";
import { nameActor, transaction } from "../../src/database/actor.ts";
import { itWithSuperuser } from "../database/superuser.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { createTenant, type Tenant } from "../database/world.ts";
import { verifierReport } from "../verifier/run-verifier.ts";
import { monthBefore, moveToMonth } from "./aged-log.ts";
import { asSuperuser, findDivergences, placesOf, sealAll } from "./comparing/compare.ts";
import { newestOf } from "./cosigning.ts";
import { listed, newWitness } from "./signing.ts";
import { attest, testKeys } from "./test-keys.ts";

// Each test has a database with everything a customer has.
jest.setTimeout(60_000);

const MONTH = monthBefore(70);
const NEXT = monthBefore(69);
const PARTITION = `audit_log_${MONTH.replace("-", "_")}`;
const EVERYTHING = "true";
const KEYS_FILE = fileURLToPath(new URL("../fixtures/audit/keys", import.meta.url));
/** The tenant's rows were written without intents. */
const KNOWN = ["UNATTESTED"] as const;

let sealed: TestDatabase;
let database: TestDatabase;
let directory: string;
let tenant: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
  await forgetClosings();
  await sealAll(database);
  sealed = database;
});
beforeEach(async () => {
  database = await sealed.copy();
  directory = await mkdtemp(join(tmpdir(), "blindagem-month-"));
});
afterEach(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});
afterAll(() => sealed.drop());

async function tablesOfLog(): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(
    `select 'blindagem_audit.audit_log_immutable' as name union all
     select inhrelid::regclass::text from pg_inherits where inhparent = 'blindagem_audit.audit_log_immutable'::regclass`,
  );
  return rows.map(({ name }) => name);
}

/** The tenant's closing is on a tree that never was, which every bundle of it would tell. */
async function forgetClosings(): Promise<void> {
  const tables = ["blindagem.closings", ...(await tablesOfLog())];
  for (const table of tables) await rowsOf(`alter table ${table} disable trigger user`);
  await rowsOf("delete from blindagem.closings");
  await rowsOf(
    `with gone as (
       delete from blindagem_audit.audit_log_immutable where entity_type = 'closings' returning id)
     delete from blindagem_audit.pending_records p using gone where p.record_ids = array[gone.id]`,
  );
  for (const table of tables) {
    const triggers = await rowsOf<{ name: string }>(
      "select tgname as name from pg_trigger where tgrelid = $1::regclass and not tgisinternal",
      table,
    );
    for (const { name } of triggers) {
      await rowsOf(`alter table ${table} enable always trigger ${name}`);
    }
  }
}

const found = async () => placesOf(await findDivergences(database));

async function asSealer<T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await database.pool("sealer").connect();
  try {
    await client.query("begin isolation level repeatable read");
    return await use(client);
  } finally {
    await client.query("rollback");
    client.release();
  }
}

async function archived(month = MONTH, name = month): Promise<string> {
  const bundle = join(directory, name);
  await asSealer((client) =>
    archiveMonth(client, { directory: bundle, month, keys: testKeys, now: new Date() }),
  );
  return bundle;
}

/** As the command does. @returns the records that stay */
async function detach(month = MONTH, bundle?: string): Promise<string[]> {
  const source = bundle ?? (await archived(month));
  const { records, root } = await asSealer((client) =>
    requireMonthIn(client, source, month, testKeys, KNOWN),
  );
  return detachAs(month, records, root);
}

async function detachAs(month: string, records: number, root: string): Promise<string[]> {
  const settings = { actor_id: "command:test", reason: "Prazo de guarda" };
  return database.asRequest("operator", settings, async (client) => {
    const actor = { id: "command:test", role: "operator", reason: "Prazo de guarda" };
    await nameActor(client, actor);
    const { rows } = await client.query<{ kept: string[] }>(
      "select blindagem_audit.detach_month(to_date($1, 'YYYY-MM'), $2, $3, '/arquivo/mes') as kept",
      [month, records, root],
    );
    await attest(client, actor);
    return rows[0]?.kept ?? [];
  });
}

async function rowsOf<T extends object>(statement: string, ...values: unknown[]): Promise<T[]> {
  return (await database.pool("migrator").query<T>(statement, values)).rows;
}

async function rename(name: string): Promise<void> {
  const client = await database.pool("worker").connect();
  try {
    const actor = { id: "system:test", role: "worker", reason: "Teste", jobId: "7" };
    await transaction(client, attest, actor, () =>
      client.query("update blindagem.bank_connections set state_cause = $1", [name]),
    );
  } finally {
    client.release();
  }
}

describe("a month that was taken out of the log", () => {
  it("is in a bundle that verifies, and its detachment in the log, with who and why", async () => {
    await moveToMonth(database, MONTH, EVERYTHING);
    const bundle = await archived();
    const { faultCounts } = await verifyBundle(bundle, { trustedKeys: testKeys });
    expect(Object.keys(faultCounts)).toEqual(KNOWN);
    await expect(
      asSealer((client) => requireMonthIn(client, bundle, MONTH, testKeys)),
    ).rejects.toThrow("não confere: UNATTESTED");
    const [before] = await rowsOf<{ count: number }>(
      "select count(*)::int as count from blindagem_audit.audit_log_immutable",
    );
    expect(await detach(MONTH, bundle)).toEqual([]);
    const records = await rowsOf(
      "select action, actor_id, actor_role, reason, new_state->>'month' as month, new_state->>'records' as records, new_state ? 'root' as has_root from blindagem_audit.records",
    );
    expect(records).toEqual([
      {
        action: "INSERT",
        actor_id: "command:test",
        actor_role: "operator",
        reason: "Prazo de guarda",
        month: `${MONTH}-01`,
        records: String(before?.count),
        has_root: true,
      },
    ]);
    const kept = await rowsOf(`select count(*)::int as count from blindagem_archive.${PARTITION}`);
    expect(kept).toEqual([before]);
  });

  it("leaves tables, log, tree and definitions in agreement, also after later changes", async () => {
    await moveToMonth(database, MONTH, EVERYTHING);
    expect(await found()).toEqual([]);
    await detach();
    await sealAll(database);
    expect(await found()).toEqual([]);
    await rename("later");
    await rowsOf("update blindagem.organizations set name = 'Outra'");
    await rowsOf("delete from blindagem.refunds");
    await rowsOf("truncate blindagem.movement_verdicts");
    await sealAll(database);
    expect(await found()).toEqual([]);
  });

  it("still shows what is changed behind the log's back, in rows that only its records told of", async () => {
    await moveToMonth(database, MONTH, EVERYTHING);
    await detach();
    await sealAll(database);
    await rowsOf("alter table blindagem.organizations disable trigger user");
    await rowsOf("alter table blindagem.refunds disable trigger user");
    await rowsOf(
      "update blindagem.organizations set name = 'Outra' where id = $1",
      tenant.organizationId,
    );
    await rowsOf("delete from blindagem.refunds");
    const places = await found();
    expect(places).toContain(`ROW_CHANGED organizations ${tenant.organizationId}: name`);
    expect(places.join("\n")).toContain("ROW_MISSING refunds");
  });

  it("takes no proof away: those from before hold, and later records have theirs", async () => {
    const organization_id = tenant.organizationId;
    const prove = (id: string) =>
      database.asRequest("admin", { organization_id, actor_id: "command:test" }, (client) =>
        proveRecord(client, id, testKeys),
      );
    const idOf = async () =>
      (
        await rowsOf<{ id: string }>(
          "select max(id) as id from blindagem_audit.audit_log_immutable where organization_id = $1 and condominium_id is null",
          organization_id,
        )
      )[0]?.id ?? "";
    const old = formatProof(await prove(await idOf()));
    const checkpoint = await asSealer(storedCheckpoint);
    await moveToMonth(database, MONTH, EVERYTHING);
    await detach();
    await rowsOf(
      "update blindagem.organizations set name = 'Outra' where id = $1",
      organization_id,
    );
    await sealAll(database);
    for (const text of [old, formatProof(await prove(await idOf()))]) {
      const proof = parseProof(text);
      expect(() => verifyProof(proof, leafHash(proof.extra ?? ""), testKeys)).not.toThrow();
    }
    const root = await asSealer(async (client) =>
      tileReader(client, (await storedCheckpoint(client))?.size ?? 0).root(checkpoint?.size),
    );
    expect(Buffer.from(root)).toEqual(checkpoint?.root);
  });

  it("is told by later bundles, which verify and miss nothing else", async () => {
    await rename("before");
    await sealAll(database);
    await moveToMonth(database, MONTH, EVERYTHING);
    const [before] = await rowsOf<{ count: number }>(
      "select count(*)::int as count from blindagem_audit.audit_log_immutable",
    );
    await detach();
    await rename("after");
    await sealAll(database);
    const organizationId = tenant.organizationId;
    const bundle = join(directory, "later");
    const exported = await database.asRequest(
      "admin",
      { organization_id: organizationId, actor_id: "command:test" },
      (client) =>
        exportBundle(client, {
          directory: bundle,
          organizationId,
          keys: testKeys,
          now: new Date(),
        }),
    );
    expect(exported.lost).toBe(0);
    const report = await verifyBundle(bundle, { trustedKeys: testKeys });
    expect(report.faults).toEqual([]);
    expect(report.notices).toContainEqual(
      expect.objectContaining({ code: "ELSEWHERE", count: before?.count }),
    );
    const independent = await verifierReport("bundle", bundle, "--keys", KEYS_FILE);
    expect(independent.notices).toEqual(
      Object.fromEntries(report.notices.map(({ code, count }) => [code, count])),
    );
  });

  it("keeps the records of transactions whose intent is of the next month, and so does each bundle", async () => {
    await rename("over midnight");
    await sealAll(database);
    const [intent] = await rowsOf<{ id: string; transaction_id: string }>(
      "select id, entity_id as transaction_id from blindagem_audit.audit_log_immutable where entity_type = 'intents' order by id desc limit 1",
    );
    await moveToMonth(database, NEXT, `r.id = ${intent?.id}`);
    await moveToMonth(database, MONTH, "r.recorded_at > now() - interval '1 day'");
    const kept = await detach();
    expect(kept.length).toBeGreaterThan(0);
    await sealAll(database);
    expect(await found()).toEqual([]);
    const next = await archived(NEXT);
    const report = await verifyBundle(next, { trustedKeys: testKeys });
    expect(report.faults).toEqual([]);
    expect(report.counts).toMatchObject({ intents: 1, attested: kept.length });
    await detach(NEXT, next);
    await sealAll(database);
    expect(await found()).toEqual([]);
  });

  it("leaves also when somebody put a false signature in a witness's name, which is told", async () => {
    await moveToMonth(database, MONTH, EVERYTHING);
    const council = await newWitness("conselho.example");
    const keys = [...testKeys, listed("witness", council)];
    const note = parseNote(await newestOf(database));
    const { size } = parseCheckpoint(note.text);
    await database
      .pool("authenticator")
      .query("select blindagem_audit.store_cosignatures($1, $2, $3, $4, $5)", [
        note.text,
        size,
        [council.key.name],
        [idBytes(council.key)],
        [Buffer.alloc(72)],
      ]);
    const bundle = await archived();
    const report = await verifyBundle(bundle, { trustedKeys: keys });
    expect(report.faultCounts).toMatchObject({ FORGED: 1 });
    const { records, root, forgedWitnesses } = await asSealer((client) =>
      requireMonthIn(client, bundle, MONTH, keys, KNOWN),
    );
    expect(forgedWitnesses).toEqual([{ name: council.key.name, size }]);
    await detachAs(MONTH, records, root);
  });

  it("can lie in the default partition, where a quarter without cron has left it", async () => {
    await moveToMonth(database, MONTH, EVERYTHING, false);
    await detach();
    expect(await rowsOf("select from blindagem_audit.audit_log_default")).toEqual([]);
    await sealAll(database);
    expect(await found()).toEqual([]);
  });

  it("can itself hold the detachment of an older one, and the definitions", async () => {
    await moveToMonth(database, MONTH, EVERYTHING);
    await detach();
    await rename("later");
    await sealAll(database);
    await moveToMonth(database, NEXT, EVERYTHING);
    await detach(NEXT);
    await sealAll(database);
    expect(await found()).toEqual([]);
  });
});

describe("a month stays in the log", () => {
  it("when a record of it waits for its seal, or the bundle lacks one", async () => {
    await moveToMonth(database, MONTH, EVERYTHING);
    const bundle = await archived();
    await rowsOf("update blindagem.organizations set name = 'Outra'");
    await moveToMonth(database, MONTH, "r.recorded_at > now() - interval '1 day'");
    await expect(detachAs(MONTH, 1, "")).rejects.toMatchObject({ code: "BLD04" });
    const { records, root } = await asSealer((client) =>
      requireMonthIn(client, bundle, MONTH, testKeys, KNOWN),
    );
    await expect(detachAs(MONTH, records, root)).rejects.toThrow("o pacote tem");
  });

  it("when the bundle is of another one, or was altered", async () => {
    await rename("next month");
    await sealAll(database);
    await moveToMonth(database, NEXT, "r.entity_type in ('bank_connections', 'intents')");
    await moveToMonth(database, MONTH, "r.recorded_at > now() - interval '1 day'");
    const other = await archived(NEXT);
    await expect(detach(MONTH, other)).rejects.toThrow("O pacote não tem o registro do índice");
    const bundle = await archived();
    await rm(join(bundle, "tile/0"), { recursive: true });
    await expect(detach(MONTH, bundle)).rejects.toThrow("não confere: MISSING_FILE");
  });

  it("when it is not over, or an older one is there still", async () => {
    await expect(detachAs(monthBefore(0), 1, "")).rejects.toThrow("não é um mês que já terminou");
    await moveToMonth(database, NEXT, "r.entity_type = 'people'");
    await moveToMonth(database, MONTH, "r.recorded_at > now() - interval '1 day'");
    await expect(detach(NEXT)).rejects.toThrow("os meses saem em ordem");
  });
});

describe("a comparison", () => {
  it("reports a month that somebody has detached by hand, and wrote into the list", async () => {
    await moveToMonth(database, MONTH, EVERYTHING);
    const [record] = await rowsOf<{ id: string }>(
      "select min(id) as id from blindagem_audit.audit_log_immutable",
    );
    await rowsOf(
      `insert into blindagem.log_detachments (month, records, record_ids, kept_ids, root, carried_digest)
       values ('${MONTH}-01', 1, '{[1,1000000)}', '{}', 'x', repeat('0', 64))`,
    );
    await rowsOf(
      `alter table blindagem_audit.audit_log_immutable detach partition blindagem_audit.${PARTITION}`,
    );
    expect(await found()).toContain(`RECORD_MISSING records ${record?.id}`);
  });

  itWithSuperuser("reports records that are gone beside those of the month", async () => {
    await moveToMonth(database, MONTH, "r.entity_type <> 'people'");
    await detach();
    await sealAll(database);
    const [gone] = await rowsOf<{ id: string }>(
      "select min(id) as id from blindagem_audit.audit_log_immutable where entity_type = 'people'",
    );
    await asSuperuser(
      database,
      ...(await tablesOfLog()).map((name) => `alter table ${name} disable trigger user`),
      `delete from blindagem_audit.audit_log_immutable where id = ${gone?.id}`,
    );
    expect(await found()).toContain(`RECORD_MISSING records ${gone?.id}`);
  });

  it("reports what was carried over, when it was altered", async () => {
    await moveToMonth(database, MONTH, EVERYTHING);
    await detach();
    await sealAll(database);
    await rowsOf("alter table blindagem_audit.carried_states disable trigger user");
    await rowsOf(
      'update blindagem_audit.carried_states set told = told || \'{"name":["1","Outra"]}\' where entity_type = \'people\'',
    );
    expect(await found()).toContain(`RECORD_ALTERED carried_states ${MONTH}`);
  });
});

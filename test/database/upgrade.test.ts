import { createHash, hash, randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it, jest } from "@jest/globals";
import pg from "pg";
import { compareAll } from "../../src/audit/comparing/compare-all.ts";
import type { Divergence } from "../../src/audit/comparing/divergence.ts";
import { snapshotsOn } from "../../src/audit/comparing/snapshot.ts";
import { openTree } from "../../src/audit/log-tree.ts";
import { sealBatch } from "../../src/audit/seal-batch.ts";
import { transaction } from "../../src/database/actor.ts";
import { migrate } from "../../src/database/migrate.ts";
import { roleName } from "../../src/database/role-names.ts";
import { canonicalJson } from "../../src/validation/canonical-json.ts";
import { attest, testKeys } from "../audit/test-keys.ts";
import { administer, type Cluster, cluster, urlOf, withDatabase } from "./cluster.ts";
import { cnpjOf } from "./world.ts";

// All migrations run, on a machine that does other things too.
jest.setTimeout(120_000);

const COMMITTED = fileURLToPath(new URL("../../sql/committed", import.meta.url));

let shared: Cluster;
let name: string;
let url: string;
let owner: pg.Client;
let folder: string;
beforeEach(async () => {
  shared = cluster.parse(JSON.parse(process.env.BLINDAGEM_TEST_CLUSTER ?? "null"));
  name = `${shared.prefix}_${randomBytes(5).toString("hex")}`;
  await administer(shared.migratorUrl, `create database ${name}`);
  url = withDatabase(shared.migratorUrl, name);
  folder = await mkdtemp(path.join(tmpdir(), "blindagem-upgrade-"));
  owner = new pg.Client({ connectionString: url });
  await owner.connect();
});
afterEach(async () => {
  await owner?.end();
  await rm(folder, { recursive: true });
  await administer(shared.migratorUrl, `drop database ${name}`);
});

/** Brings the database to the version of that migration. */
async function migrateTo(last: string): Promise<void> {
  await cp(COMMITTED, path.join(folder, "committed"), { recursive: true });
  for (const file of await readdir(path.join(folder, "committed"))) {
    if (file.slice(0, 6) > last) await rm(path.join(folder, "committed", file));
  }
  await migrate(url, shared.prefix, shared.passwords, { folder });
}

const addPerson = (subject: string) =>
  owner.query("insert into blindagem.people (subject, name) values ($1::text, $1::text)", [
    subject,
  ]);

/** An expense that was decided in version 19, whose facts were not kept as the text that is hashed. */
async function addDecidedExpense(): Promise<void> {
  const facts = { b: "1.00", a: [1, null], asOf: "2026-03-01T12:00:00.000Z" };
  await owner.query(
    `with organization as (
       insert into blindagem.organizations (name, cnpj) values ('Alfa', '${cnpjOf(1)}') returning id
     ), person as (
       insert into blindagem.people (subject, name) values ('ana', 'Ana') returning id
     ), condominium as (
       insert into blindagem.condominiums (name) values ('Horizonte') returning id
     ), batch as (
       insert into blindagem.expense_batches (organization_id, content_hash, row_count, submitted_by)
       select o.id, repeat('c', 64), 1, p.id from organization o, person p returning id
     )
     select o.id as organization, p.id as person, c.id as condominium, b.id as batch
     into temporary made from organization o, person p, condominium c, batch b`,
  );
  await owner.query(
    `begin;
     insert into blindagem.categories (code, name) values ('LIMPEZA', 'Limpeza');
     insert into blindagem.expenses (condominium_id, organization_id, batch_id, external_id, category, document_kind, competence,
       gross_amount, payee_kind, due_date, submitted_by, fact_deadline, status, decided_at, facts_hash)
     select condominium, organization, batch, 'E-1', 'LIMPEZA', 'RECEIPT', '2026-03-01', 10, 'NONE', '2026-03-10', person, now(),
       'APPROVED', now(), '${hash("sha256", canonicalJson(facts), "hex")}' from made;
     insert into blindagem.payables (condominium_id, expense_id, kind, amount, due_date)
     select condominium_id, id, 'SUPPLIER', gross_amount, due_date from blindagem.expenses;
     insert into blindagem_private.rule_sets (hash, rules) values (repeat('d', 64), '[]');
     insert into blindagem.decisions (condominium_id, expense_id, status, reasons, rule_version, thresholds, facts_hash, rule_set, facts)
     select condominium_id, id, status, '[]', '1.0', '{}', facts_hash, repeat('d', 64), '${JSON.stringify(facts)}' from blindagem.expenses;
     commit`,
  );
}

/** Look-ups, each put off to a slot of its own, as jobs were that had reserved theirs hours ahead. */
async function addPutOffLookUps(): Promise<void> {
  const made = await owner.query<{ organization: string }>("select organization from made");
  await owner.query(`set role ${roleName(shared.prefix, "queue")}`);
  await owner.query(
    `insert into blindagem_private.provider_buckets (provider, credential, interval_ms, burst, next_slot, daily_quota, quota_day, quota_used)
     values ('CNPJWS', 'public', 20000, 1, now() + interval '3 days', 500, current_date + 3, 9)`,
  );
  await owner.query(
    `select blindagem_private.enqueue_jobs(jsonb_agg(jsonb_build_object(
       'task', 'cnpj_lookup', 'organizationId', $1::text, 'runAt', slot,
       'payload', jsonb_build_object('cnpj', 'supplier ' || n, 'slotAt', slot))))
     from generate_series(1, 3) as n, lateral (select now() + (4 - n) * interval '1 day' as slot) as s`,
    [made.rows[0]?.organization],
  );
  await owner.query("reset role");
}

it("from version 19 keeps every record of the log, the bytes that were sealed, and what waits", async () => {
  await migrateTo("000019");
  await addDecidedExpense();
  await addPutOffLookUps();
  await addPerson("sealed 1");
  await addPerson("sealed 2");
  await owner.query(`set role ${roleName(shared.prefix, "audit_owner")}`);
  await owner.query(
    `with taken as (delete from blindagem_audit.pending_records returning record_id)
     insert into blindagem_audit.leaves (index, record_id, entry, hash)
     select row_number() over (order by r.id) - 1, r.id, blindagem_audit.entry_of(r),
       blindagem_audit.leaf_hash(blindagem_audit.entry_of(r))
     from taken join blindagem_audit.audit_log_immutable r on r.id = taken.record_id`,
  );
  const sealed = await owner.query<{ index: number; id: string; entry: string; hash: string }>(
    `select index::int, record_id::text as id, convert_from(entry, 'UTF8') as entry, encode(hash, 'hex') as hash
     from blindagem_audit.leaves order by index`,
  );
  await owner.query("reset role");
  await addPerson("waiting");
  const former = await owner.query(
    `select id, recorded_at, organization_id, sensitivity, entity_type, entity_id, action, new_state
     from blindagem_audit.audit_log_immutable order by id`,
  );

  await migrateTo("999999");
  const after = await owner.query(
    `select id, recorded_at, organization_id, sensitivity, entity_type, entity_id, action, new_state
     from blindagem_audit.records where entity_type <> 'definitions' order by id`,
  );
  expect(after.rows).toEqual(former.rows);
  const kept = await owner.query<{ index: number; id: string; entry: string; hash: string }>(
    `select (run.first_index + place - 1)::int as index, r.id::text, r.entry,
       encode(substr(run.leaf_hashes, 32 * (place - 1)::int + 1, 32), 'hex') as hash
     from blindagem_audit.sealed_runs run
     cross join unnest(run.record_ids) with ordinality as s (id, place)
     join blindagem_audit.audit_log_immutable r on r.id = s.id order by 1`,
  );
  expect(kept.rows.length).toBeGreaterThanOrEqual(2);
  expect(kept.rows).toEqual(sealed.rows);
  for (const { entry, hash } of kept.rows) {
    expect(createHash("sha256").update(`\0${entry}`, "utf8").digest("hex")).toBe(hash);
  }
  const waiting = await owner.query(
    `select r.new_state->>'subject' as subject from blindagem_audit.pending_records p
     join blindagem_audit.records r on r.id = any (p.record_ids) where r.entity_type <> 'definitions'`,
  );
  expect(waiting.rows).toEqual([{ subject: "waiting" }]);
  await addPerson("later");
  const { rows } = await owner.query<{ later: boolean }>(
    `select bool_and(id > $1) as later from blindagem_audit.records where new_state->>'subject' = 'later'`,
    [after.rows.at(-1)?.id],
  );
  expect(rows).toEqual([{ later: true }]);

  // Slots are no longer reserved far ahead: their jobs stand in line.
  await owner.query(`set role ${roleName(shared.prefix, "queue")}`);
  const places = await owner.query(
    `select p.subject, p.position::int, p.expected_at = r.run_at as expected, p.graphile_job_id = j.id as known, l.waiting
     from blindagem_private.provider_places p
     join blindagem_private.provider_lines l using (provider, credential, organization_id)
     join blindagem_private.job_records r on r.id = p.id and r.organization_id = p.organization_id
     join graphile_worker._private_jobs j on j.payload->'envelope'->>'jobId' = p.id::text
     order by p.position`,
  );
  expect(places.rows).toEqual(
    [3, 2, 1].map((supplier, position) => ({
      subject: `supplier ${supplier}`,
      position,
      expected: true,
      known: true,
      waiting: 3,
    })),
  );
  // Of a quota that was given away for days ahead, today's may be spent: nobody knows.
  const buckets = await owner.query(
    `select next_slot < now() + interval '21 s' as free, quota_day = blindagem_private.brasilia_day(now()) as today, quota_used
     from blindagem_private.provider_buckets`,
  );
  expect(buckets.rows).toEqual([{ free: true, today: true, quota_used: 500 }]);
  // Workers of the version before, which run on until they are restarted, do not come with what was given back.
  const reserved = await owner.query(
    "select from graphile_worker._private_jobs where payload->>'slotAt' is not null",
  );
  expect(reserved.rows).toEqual([]);
  await owner.query("reset role");

  // Of what is older than the log, or was written in its former formats, no divergence is told.
  const sealer = new pg.Client({ connectionString: urlOf(shared, "sealer", name) });
  await sealer.connect();
  const found: Divergence[] = [];
  const options = { rolePrefix: shared.prefix, slice: 1000 };
  for await (const step of compareAll(snapshotsOn(sealer), options)) {
    found.push(...step.divergences);
  }
  await sealer.end();
  expect(found).toEqual([]);
});

it("from version 74, which nobody signed for, signs for what it writes; what was changed by hand is told", async () => {
  await migrateTo("000074");
  const sealer = new pg.Client({ connectionString: urlOf(shared, "sealer", name) });
  await sealer.connect();
  const seal = async () => sealBatch(sealer, await openTree(sealer), testKeys, 20_000);
  expect(await seal()).toMatchObject({ sealed: 1, installed: 1, outOfBand: 0 });
  await addPerson("by hand");
  await migrate(url, shared.prefix, shared.passwords, { attest });
  expect(await seal()).toMatchObject({ installed: 0, outOfBand: 1, unattested: 0 });
  const { rows } = await owner.query(
    `select entity_type, array_agg(distinct actor_id) as actors, array_agg(distinct action) as actions
     from blindagem_audit.audit_log_immutable
     where id > (select id from blindagem_audit.audit_log_immutable where entity_type = 'people') and entity_type <> 'intents'
     group by entity_type order by entity_type`,
  );
  const signed = { actors: ["system:migrate"], actions: ["INSERT"] };
  expect(rows).toEqual(
    ["categories", "definitions", "reader_thresholds", "rules"].map((table) => ({
      entity_type: table,
      ...signed,
    })),
  );
  await sealer.end();
});

it("from version 46 seals a record whose typed reason stood in words, and does not say that its intent contradicts it", async () => {
  await migrateTo("000046");
  await owner.query(
    `with organization as (
       insert into blindagem.organizations (name, cnpj) values ('Alfa', '${cnpjOf(1)}') returning id
     )
     insert into blindagem.bank_connections (organization_id, provider_item_id) select id, 'item' from organization`,
  );
  const worker = new pg.Client({ connectionString: urlOf(shared, "worker", name) });
  await worker.connect();
  const typed = { id: "system:test", role: "worker", reason: "mutation closePeriod" };
  await transaction(worker, attest, typed, async (client) => {
    // As require_reason did.
    await client.query("select set_config('blindagem.reason', 'Conferido', true)");
    await client.query("update blindagem.bank_connections set state_cause = 'x'");
  });
  await worker.end();

  await migrateTo("999999");
  const sealer = new pg.Client({ connectionString: urlOf(shared, "sealer", name) });
  await sealer.connect();
  await sealBatch(sealer, await openTree(sealer), testKeys, 1000);
  const { rows } = await sealer.query(
    `select r.entry::json->>'format' as format, r.entry::json->>'reason' as reason, u.cause
     from blindagem_audit.audit_log_immutable r
     left join blindagem_audit.unattested_records u on u.record_id = r.id
     where r.actor_id = 'system:test' and r.entity_type = 'bank_connections'`,
  );
  await sealer.end();
  expect(rows).toEqual([{ format: "blindagem-record-5", reason: "Conferido", cause: null }]);
});

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type pg from "pg";
import { z } from "zod";
import { storeCheckpoint } from "../../../src/audit/checkpoint-store.ts";
import { generateKey, loadSigner } from "../../../src/audit/keys.ts";
import { growTree } from "../../../src/audit/log-tree.ts";
import { createCheckpointSigner } from "../../../src/audit/sign-checkpoint.ts";
import { CompactRange } from "../../../src/audit/tree.ts";
import { roleName } from "../../../src/database/role-names.ts";
import type { Installation } from "../installation.ts";
import { KINDS } from "./kinds-of-records.ts";

/** A log of that size, of an installation of that size, spread over the months before now. */
export interface LogSize {
  records: number;
  organizations: number;
  condominiums: number;
  months: number;
}

const loadedLog = z.object({
  /** The administradoras of the loaded installation, the largest first. */
  organizations: z.array(z.object({ id: z.string(), condominiumIds: z.array(z.string()) })),
  /** Ids of the first and the last record. */
  firstId: z.number(),
  lastId: z.number(),
  /** When the first of them was recorded, and the last. */
  from: z.coerce.date(),
  to: z.coerce.date(),
});
/** What was loaded. */
export type LoadedLog = z.infer<typeof loadedLog>;

const RECORDS_PER_INSERT = 50_000;
/** As the sealing process makes them. */
const RECORDS_PER_RUN = 5_000;

/** The log that an installation was loaded with when it was kept; else one is loaded. */
export async function loadedOnce(
  installation: Installation,
  size: LogSize,
  now: Date,
): Promise<LoadedLog> {
  const note = path.join(installation.directory, "loaded-log.json");
  const known = await readFile(note, "utf8").catch(() => undefined);
  if (known !== undefined) return loadedLog.parse(JSON.parse(known));
  const log = await loadLog(installation, size, now);
  await writeFile(note, JSON.stringify(log));
  return log;
}

/**
 * Writes a log as years of use would leave it, the same for the same size: straight into the table, whose guards are
 * switched off for it, since the throw-away installation is the loader's own. The leaves are hashed and sealed.
 */
async function loadLog(installation: Installation, size: LogSize, now: Date): Promise<LoadedLog> {
  const client = await installation.connect("migrator");
  // Captured, they would be of no condominium, out of band and of today: a fault of the loader's in the log to be asked.
  await switchCapture(client, "disable");
  const organizations = await loadTenants(client, size);
  await switchCapture(client, "enable always");
  await client.query(`set role ${roleName(installation.prefix, "audit_owner")}`);
  await preparePartitions(client, size.months, now);
  await client.query("reset role");
  await client.query(
    "alter table blindagem_audit.audit_log_immutable disable trigger guard_insert",
  );
  await loadKinds(client);
  const from = new Date(now);
  from.setUTCMonth(from.getUTCMonth() - size.months);
  const { rows } = await client.query<{ id: string }>(
    "select nextval('blindagem_audit.record_id') as id",
  );
  const firstId = Number(rows[0]?.id);
  for (let first = 0; first < size.records; first += RECORDS_PER_INSERT) {
    const last = Math.min(first + RECORDS_PER_INSERT, size.records) - 1;
    await client.query(INSERT_RECORDS, [first, last, firstId, size.records, from, now]);
  }
  await client.query("select setval('blindagem_audit.record_id', $1)", [firstId + size.records]);
  await client.query(
    "alter table blindagem_audit.audit_log_immutable enable always trigger guard_insert",
  );
  await sealAll(client, firstId, size.records);
  // Of each fifty resolved reviews the sealing process found one without a valid intent.
  await client.query(
    `insert into blindagem_audit.unattested_records (record_id, cause, scope)
     select id, 'NO_INTENT', coalesce(condominium_id, organization_id) from blindagem_audit.audit_log_immutable
     where action = 'RESOLVE_REVIEW' and id >= $1 and id % 50 = 0`,
    [firstId],
  );
  const superuser = await installation.connect("superuser");
  await superuser.query("vacuum (analyze)");
  return { organizations, firstId, lastId: firstId + size.records - 1, from, to: now };
}

async function switchCapture(client: pg.Client, to: "disable" | "enable always"): Promise<void> {
  const { rows } = await client.query<{ table: string }>(
    `select tgrelid::regclass::text as table from pg_trigger
     where tgname = 'audit_insert' and tgparentid = 0 and not tgisinternal and tgrelid::regclass::text like 'blindagem.%'`,
  );
  for (const { table } of rows) {
    await client.query(`alter table ${table} ${to} trigger audit_insert`);
  }
}

/** Administradoras whose portfolios follow Zipf's law, each with an admin, an auditor and a conselho fiscal. */
async function loadTenants(client: pg.Client, size: LogSize): Promise<LoadedLog["organizations"]> {
  await client.query(
    `insert into blindagem.organizations (name)
     select 'Administradora ' || n from generate_series(1, $1) as n`,
    [size.organizations],
  );
  await client.query(
    `insert into blindagem.condominiums (name) select 'Edifício ' || n from generate_series(1, $1) as n`,
    [size.condominiums],
  );
  await client.query(
    `insert into blindagem.managements (organization_id, condominium_id, code, valid_from)
     with weights as (
       select n, sum(1.0 / n) over (order by n) / sum(1.0 / n) over () as upper
       from generate_series(1, $1::int) as n)
     select o.id, c.id, c.id, '2020-01-01'
     from (select id, row_number() over (order by id) as n from blindagem.condominiums) as c
     join lateral (
       select w.n from weights w where w.upper * $2 >= c.n - 0.5 order by w.n limit 1) as w on true
     join (select id, row_number() over (order by id) as n from blindagem.organizations) as o on o.n = w.n`,
    [size.organizations, size.condominiums],
  );
  await client.query(
    `insert into blindagem.people (subject, name)
     select kind || '-' || o.id, kind || ' ' || o.id from blindagem.organizations o
     cross join unnest('{admin,auditor,conselho}'::text[]) as kind`,
  );
  await client.query(
    `insert into blindagem.members (organization_id, person_id, role)
     select o.id, p.id, 'admin' from blindagem.organizations o join blindagem.people p on p.subject = 'admin-' || o.id`,
  );
  await client.query(
    `insert into blindagem.grants (person_id, role, organization_id)
     select p.id, 'auditor', o.id from blindagem.organizations o join blindagem.people p on p.subject = 'auditor-' || o.id`,
  );
  await client.query(
    `insert into blindagem.grants (person_id, role, condominium_id)
     select p.id, 'auditor', (select min(m.condominium_id) from blindagem.managements m where m.organization_id = o.id)
     from blindagem.organizations o join blindagem.people p on p.subject = 'conselho-' || o.id
     where exists (select from blindagem.managements m where m.organization_id = o.id)`,
  );
  const { rows } = await client.query(
    `select organization_id::text as id, array_agg(condominium_id::text order by condominium_id) as "condominiumIds"
     from blindagem.managements group by organization_id order by count(*) desc, organization_id`,
  );
  return loadedLog.shape.organizations.parse(rows);
}

async function preparePartitions(client: pg.Client, months: number, now: Date): Promise<void> {
  for (let back = months; back >= 1; back -= 1) {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back));
    const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back + 1));
    const name = `blindagem_audit.audit_log_${month.toISOString().slice(0, 7).replace("-", "_")}`;
    await client.query(
      `create table ${name} partition of blindagem_audit.audit_log_immutable
       for values from ('${month.toISOString()}') to ('${next.toISOString()}')`,
    );
    await client.query(`select blindagem_audit.guard_partition('${name}')`);
  }
}

async function loadKinds(client: pg.Client): Promise<void> {
  await client.query(
    "create temp table kinds (lower int, upper int, entity_type text, action text, actor text, scope text)",
  );
  let lower = 0;
  for (const { entityType, action, actor, scope, share } of KINDS) {
    await client.query("insert into kinds values ($1, $2, $3, $4, $5, $6)", [
      ...[lower, lower + share, entityType, action, actor, scope],
    ]);
    lower += share;
  }
  await client.query(
    `create temp table tenants as
     select row_number() over (order by condominium_id) - 1 as place, condominium_id, organization_id
     from blindagem.managements`,
  );
  await client.query("create index on tenants (place)");
  await client.query("analyze kinds");
  await client.query("analyze tenants");
}

/** Chance by hashing: what the n-th record is depends on n alone. */
const chance = (seed: number, below: string) =>
  `(hashint8extended(n, ${seed}) & 4611686018427387903) % ${below}`;

/** Records $1 to $2 of $4, with ids from $3 on, between the instants $5 and $6. */
const INSERT_RECORDS = `
  insert into blindagem_audit.audit_log_immutable (
    id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
  select r.id, r.at, r.organization_id, r.condominium_id, r.sensitivity, r.entity_type, r.entity_id, r.action, r.actor_id,
    '{"format":"blindagem-record-4","id":"' || r.id || '","salt":"' || md5(r.id::text)::uuid || '"'
      || coalesce(',"organization_id":"' || r.organization_id || '"', '')
      || coalesce(',"condominium_id":"' || r.condominium_id || '"', '')
      || ',"sensitivity":"' || r.sensitivity || '","entity_type":"' || r.entity_type || '","entity_id":"' || r.entity_id
      || '","operation":"UPDATE","action":"' || r.action || '","new_state":{"status":"APPROVED","payment_status":"UNPAID","facts_hash":"'
      || md5(r.id::text || 'f') || md5(r.id::text || 'g') || '","decided_at":"2026-11-05T15:00:00+00:00","gross_amount":"'
      || r.id % 100000 || '.00","payee_name":"Fornecedor de Serviços Gerais do Brasil Ltda"},"previous_state":{"status":"PENDING","facts_hash":null},'
      || '"recorded_at":"' || to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
      || '","actor_id":"' || coalesce(r.actor_id, '') || '","actor_role":"worker","reason":"POST /batch-expenses","request_id":"'
      || md5(r.id::text || 'r')::uuid || '","session_login":"blindagem_worker","application_name":"blindagem worker","transaction_id":"'
      || r.id / 10 || '"}'
  from (
    select $3::bigint + n as id,
      $5::timestamptz + ($6::timestamptz - $5::timestamptz) * (n::float8 / $4) as at,
      case when k.scope = 'organization' or (k.scope = 'condominium' and k.entity_type = 'expenses') then t.organization_id end as organization_id,
      case when k.scope = 'condominium' then t.condominium_id end as condominium_id,
      case when k.scope = 'condominium' and ${chance(4, "50")} = 0 then 'SALARY' else 'ORDINARY' end as sensitivity,
      k.entity_type, k.action,
      case k.scope when 'condominium' then t.condominium_id || '/' || ${chance(3, "($4::bigint / (select count(*) from tenants) / 4 + 1)")}
        else t.organization_id || '/' || n end as entity_id,
      case k.actor when 'person' then 'person:' || (t.organization_id * 3 - 2 + ${chance(5, "3")})
        when 'api_key' then 'api_key:' || t.organization_id
        else k.actor end as actor_id
    from generate_series($1::bigint, $2::bigint) as n
    join kinds k on ${chance(2, "10000")} >= k.lower and ${chance(2, "10000")} < k.upper
    join tenants t on t.place = ${chance(1, "(select count(*) from tenants)")}
    order by n) as r`;

/** Leaves, tiles and one checkpoint over all records. */
async function sealAll(client: pg.Client, firstId: number, records: number): Promise<void> {
  let tree = new CompactRange();
  for (let first = 0; first < records; first += RECORDS_PER_RUN) {
    const { rows } = await client.query(
      `insert into blindagem_audit.sealed_runs (first_index, record_ids, leaf_hashes, first_record_id, last_record_id)
       select $1::bigint, array_agg(r.id order by r.id),
         string_agg(blindagem_audit.leaf_hash(convert_to(r.entry, 'UTF8')), '' order by r.id), min(r.id), max(r.id)
       from blindagem_audit.audit_log_immutable r
       where r.id >= $2::bigint and r.id < $2::bigint + $3::int
       returning leaf_hashes`,
      [first, firstId + first, Math.min(RECORDS_PER_RUN, records - first)],
    );
    const [run] = z.tuple([z.object({ leaf_hashes: z.instanceof(Buffer) })]).parse(rows);
    tree = await growTree(client, tree, run.leaf_hashes);
  }
  const signer = createCheckpointSigner(
    [await loadSigner({ text: generateKey("bench/blindagem").text })],
    [],
  );
  const note = await signer.sign(tree);
  await storeCheckpoint(client, { size: tree.size, root: tree.root(), note });
}

import type pg from "pg";
import { transaction } from "../../../src/database/actor.ts";
import { roleName } from "../../../src/database/role-names.ts";
import type { Installation } from "../installation.ts";

/** Transactions a second of each way of recording changes, at the same load. */
export interface CaptureCost {
  clients: number;
  secondsEach: number;
  /** One row a transaction. */
  singleRow: Rates;
  /** 250 rows a statement and transaction, as a chunk of a batch has them: of one administradora, 30 of each condominium. */
  setsOf250: Rates;
  /** 250 rows, three of each of 84 condominiums: every index of the log is entered in as many places. */
  setsScattered: Rates;
}

interface Rates {
  /** No trigger at all. */
  none: number;
  /** The leanest row-level trigger that keeps the old and the new row as jsonb. */
  rowJsonb: number;
  /** One that does all that supa_audit's does: it finds out what the table's key is, and names each row by it. */
  supaAudit: number;
  /** The platform's statement-level trigger. */
  ours: number;
  /** The same, and the intent that the acting process signs. */
  oursSigned: number;
  /** How much slower than none, in percent. */
  overheadPercent: number;
  /** How many times the rates of the row-level triggers. */
  timesRowJsonb: number;
  timesSupaAudit: number;
}

const ROWS = 20_000;
const CLIENTS = 8;
/** Each client has rows of its own, of an administradora of its own: what is measured is recording, not waiting for each other. */
const OWN_ROWS = ROWS / CLIENTS;
const OF_A_CONDOMINIUM = 30;
const ROUNDS = 4;
const SECONDS_A_ROUND = 3;
const ACTOR = { id: "system:bench", role: "worker", reason: "Medição" };

const WAYS = {
  none: { table: "bench_none", signs: false },
  rowJsonb: { table: "bench_row_jsonb", signs: false },
  supaAudit: { table: "bench_supa_audit", signs: false },
  ours: { table: "bench_ours", signs: false },
  oursSigned: { table: "bench_ours", signs: true },
} as const;
type Way = keyof typeof WAYS;
const TURNS: readonly Way[] = ["none", "rowJsonb", "supaAudit", "ours", "oursSigned"];

/** The ways take turns, so that what else happens on the machine hits all of them alike. */
export async function measureCapture(installation: Installation): Promise<CaptureCost> {
  await createTables(installation);
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => installation.connect("worker")),
  );
  return {
    clients: CLIENTS,
    secondsEach: ROUNDS * SECONDS_A_ROUND,
    singleRow: await rates(installation, clients, { rows: 1, stride: 1 }),
    setsOf250: await rates(installation, clients, { rows: 250, stride: 1 }),
    setsScattered: await rates(installation, clients, { rows: 250, stride: OWN_ROWS / 250 }),
  };
}

/** What a transaction changes: so many rows, each so many after the one before. */
interface Change {
  rows: number;
  stride: number;
}

async function rates(
  installation: Installation,
  clients: readonly pg.Client[],
  change: Change,
): Promise<Rates> {
  const done: Record<Way, number> = { none: 0, rowJsonb: 0, supaAudit: 0, ours: 0, oursSigned: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of TURNS) {
      done[way] += await load(installation, clients, way, change);
    }
  }
  const rate = (way: Way) => Math.round(done[way] / (ROUNDS * SECONDS_A_ROUND));
  const times = (way: Way) => Math.round((done.ours / done[way]) * 100) / 100;
  return {
    none: rate("none"),
    rowJsonb: rate("rowJsonb"),
    supaAudit: rate("supaAudit"),
    ours: rate("ours"),
    oursSigned: rate("oursSigned"),
    overheadPercent: Math.round((1 - done.ours / done.none) * 100),
    timesRowJsonb: times("rowJsonb"),
    timesSupaAudit: times("supaAudit"),
  };
}

/** @returns transactions that were committed */
async function load(
  { attest }: Installation,
  clients: readonly pg.Client[],
  way: Way,
  { rows, stride }: Change,
): Promise<number> {
  const { table, signs } = WAYS[way];
  const until = performance.now() + SECONDS_A_ROUND * 1000;
  let committed = 0;
  await Promise.all(
    clients.map(async (client, place) => {
      const span = rows * stride;
      for (let turn = 0; performance.now() < until; turn++) {
        const first =
          place * OWN_ROWS +
          1 +
          (stride > 1 ? turn % stride : (turn * rows) % (OWN_ROWS - span + 1));
        await transaction(client, signs ? attest : async () => undefined, ACTOR, (inside) =>
          inside.query({
            name: `bench ${table}`,
            text: `update blindagem.${table} set status = case status when 'PENDING' then 'APPROVED' else 'PENDING' end,
                       decided_at = now()
                   where id = any (array(select generate_series($1::bigint, $1::bigint + $2::int * ($3::int - 1), $2::int)))`,
            values: [first, stride, rows],
          }),
        );
        committed++;
      }
    }),
  );
  return committed;
}

/** Tables like that of the expenses, which differ in their triggers alone. */
async function createTables(installation: Installation): Promise<void> {
  const owner = await installation.connect("superuser");
  const { prefix } = installation;
  await owner.query(`set role ${roleName(prefix, "owner")}`);
  for (const table of ["bench_none", "bench_row_jsonb", "bench_supa_audit", "bench_ours"]) {
    await owner.query(
      `create table blindagem.${table} (
         id bigint primary key, organization_id bigint not null, condominium_id bigint not null, external_id text not null,
         category text not null, document_number text, gross_amount numeric(14, 2) not null, payee_document text,
         payee_name text, due_date date, status text not null, decided_at timestamptz, created_at timestamptz not null default now())`,
    );
    await owner.query(
      `insert into blindagem.${table}
       select n, (n - 1) / ${OWN_ROWS}, (n - 1) / ${OF_A_CONDOMINIUM}, 'lote-' || n, 'LIMPEZA', 'NF-' || n, 1234.56, '11222333000181', 'Limpa Bem Ltda', '2026-12-05', 'PENDING'
       from generate_series(1, ${ROWS}) as n`,
    );
    await owner.query(
      `grant select, update on blindagem.${table} to ${roleName(prefix, "worker")}`,
    );
  }
  await owner.query("reset role");
  await owner.query(ROW_VERSIONS);
  for (const [table, recorder] of Object.entries({
    bench_row_jsonb: "record_row",
    bench_supa_audit: "record_keyed_row",
  })) {
    await owner.query(
      `create trigger record_row after insert or update or delete on blindagem.${table}
       for each row execute function bench_audit.${recorder}()`,
    );
  }
  await owner.query(`set role ${roleName(prefix, "audit_owner")}`);
  await owner.query("select blindagem_audit.define_capture('blindagem.bench_ours')");
  await owner.query("reset role");
  await owner.query(`set role ${roleName(prefix, "owner")}`);
  await owner.query("select blindagem_private.attach_audit('blindagem.bench_ours')");
  await owner.query("reset role");
  await owner.query("vacuum analyze");
}

/**
 * The baselines: what the widespread approach does (github.com/supabase/supa_audit, 0.3.1): a row-level trigger, both rows as
 * jsonb, a key for each, the table's four indexes. Once in full, and once without what a trigger for a single table could do
 * without: the look into the catalog for the key's columns, UUIDs of version 5, checks.
 */
const ROW_VERSIONS = `
  create extension if not exists "uuid-ossp";
  create schema bench_audit;
  create table bench_audit.row_version (
    id bigint generated always as identity primary key,
    record_id uuid, old_record_id uuid,
    op text not null, ts timestamptz not null default now(),
    table_oid oid not null, table_schema name not null, table_name name not null,
    record jsonb, old_record jsonb);
  create index on bench_audit.row_version (record_id) where record_id is not null;
  create index on bench_audit.row_version (old_record_id) where old_record_id is not null;
  create index on bench_audit.row_version using brin (ts);
  create index on bench_audit.row_version (table_oid);
  create table bench_audit.keyed_row_version (like bench_audit.row_version including all);
  alter table bench_audit.keyed_row_version
    add check (num_nonnulls(record_id, old_record_id) > 0),
    add check ((op = 'DELETE') = (record_id is null)), add check ((op = 'DELETE') = (record is null)),
    add check ((op = 'INSERT') = (old_record_id is null)), add check ((op = 'INSERT') = (old_record is null));

  create function bench_audit.record_row() returns trigger language plpgsql security definer as $$
    declare
      is_new jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
      was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    begin
      insert into bench_audit.row_version (record_id, old_record_id, op, table_oid, table_schema, table_name, record, old_record)
      values (md5(tg_relid || ':' || (is_new->>'id'))::uuid, md5(tg_relid || ':' || (was->>'id'))::uuid, tg_op, tg_relid, tg_table_schema,
        tg_table_name, is_new, was);
      return coalesce(new, old);
    end
  $$;

  create function bench_audit.key_columns(of_table oid) returns text[] language sql stable security definer set search_path = '' as $$
    select coalesce(array_agg(a.attname::text order by a.attnum), '{}')
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = of_table and i.indisprimary
  $$;
  create function bench_audit.name_row(of_table oid, keys text[], state jsonb) returns uuid language sql stable as $$
    select case
      when state is null then null
      when cardinality(keys) = 0 then uuid_generate_v4()
      else (select uuid_generate_v5('6ba7b812-9dad-11d1-80b4-00c04fd430c8',
        (jsonb_build_array(to_jsonb(of_table)) || jsonb_agg(state->>key))::text) from unnest(keys) as key) end
  $$;
  create function bench_audit.record_keyed_row() returns trigger language plpgsql security definer as $$
    declare
      keys text[] := bench_audit.key_columns(tg_relid);
      is_new jsonb := to_jsonb(new);
      new_id uuid := bench_audit.name_row(tg_relid, keys, is_new);
      was jsonb := to_jsonb(old);
      old_id uuid := bench_audit.name_row(tg_relid, keys, was);
    begin
      insert into bench_audit.keyed_row_version (record_id, old_record_id, op, table_oid, table_schema, table_name, record, old_record)
      values (new_id, old_id, tg_op, tg_relid, tg_table_schema, tg_table_name, is_new, was);
      return coalesce(new, old);
    end
  $$`;

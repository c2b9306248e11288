import type pg from "pg";
import { z } from "zod";

/** Records of one transaction that share organization, condominium and sensitivity: what one root of an intent covers. */
export interface RecordGroup {
  transactionId: string;
  /** Of its records in the order of their ids: 32 bytes each, one after the other. */
  leafHashes: Buffer;
  /** The ids of those records that name an actor, and so need an intent. */
  claims: string[];
  /** What those records say of who made them, each saying once: format, action, and the entry's end behind `,"actor_id":"`. */
  sayings: string[];
}

/** Leaves that were appended together. */
export interface SealedRun {
  firstIndex: number;
  /** 32 bytes each, one after the other. */
  leafHashes: Buffer;
  /** Of the transactions that are in the tree with all their records: their groups, and their intents as they were noted, each with the index of its leaf. */
  groups: RecordGroup[];
  intents: { transactionId: string; note: string; index: number }[];
  /** How many of its records declare that no process of the platform made the change. */
  outOfBand: number;
}

/** A look at what waits. */
export interface Look {
  /** What it took; undefined when nothing waits. */
  run: SealedRun | undefined;
  /** The last row that it took, by its first record, when it left some; undefined when it took all. */
  takenTo: bigint | undefined;
}

/**
 * Makes waiting records leaves, in the running transaction: takes up to about `limit` of them (the records of a
 * statement stay together), gives them the next dense indexes in the order of their ids and stores their hashes, in rows
 * of LONGEST_RUN at most.
 *
 * What waits is what can be seen in the table that the audit triggers fill, never what follows the last id: ids are
 * given before commit, so a cursor over them skips whoever commits late. For one row, order is kept all the same: a
 * change takes its id while it holds the row's lock, so an earlier change is visible whenever a later one is.
 *
 * The caller must be the only one that seals (sealing-process.ts); two at once fail on the index's key.
 *
 * @param after what waits begins after that record (low-water-mark.ts); 0 for the first
 * @throws Error when a record that waits is not in the log: somebody has altered one of the two
 */
export async function appendRun(client: pg.ClientBase, limit: number, after = 0n): Promise<Look> {
  const { rows } = await client.query<Record<string, unknown>>(APPEND_RUN, [limit, after]);
  const run = appended.parse(rows[0]);
  if (run.missing !== null) {
    throw new Error(
      `Record ${run.missing} waits for its seal, but the audit log does not have it.`,
    );
  }
  const takenTo = run.taken_to ?? undefined;
  if (run.first_index === null || run.leaf_hashes === null) return { run: undefined, takenTo };
  const { first_index } = run;
  const split = run.split.length > 0 || run.rest.length > 0 ? await mergeSplit(client, run) : [];
  return {
    run: {
      firstIndex: first_index,
      leafHashes: run.leaf_hashes,
      groups: [...run.groups.map(groupOf), ...split],
      intents: run.intents.map(({ transaction_id, note, place }) => ({
        transactionId: transaction_id,
        note,
        index: first_index + place,
      })),
      outOfBand: run.out_of_band,
    },
    takenTo,
  };
}

const group = z.object({
  transaction_id: z.string(),
  leaf_hashes: z.base64(),
  claims: z.array(z.string()),
  sayings: z.array(z.string()),
});
const appended = z.object({
  missing: z.string().nullable(),
  taken_to: z.coerce.bigint().nullable(),
  first_index: z.coerce.number().nullable(),
  leaf_hashes: z.instanceof(Buffer).nullable(),
  groups: z.array(group),
  intents: z.array(z.object({ transaction_id: z.string(), note: z.string(), place: z.number() })),
  out_of_band: z.number(),
  split: z.array(z.object({ transaction_id: z.string(), record_ids: z.array(z.string()) })),
  rest: z.array(z.object({ transaction_id: z.string(), record_ids: z.array(z.string()) })),
});

const groupOf = (row: z.infer<typeof group>): RecordGroup => ({
  transactionId: row.transaction_id,
  leafHashes: Buffer.from(row.leaf_hashes, "base64"),
  claims: row.claims,
  sayings: row.sayings,
});

/** Leaves of a row: whoever looks for one of them reads it whole. */
const LONGEST_RUN = 5000;

/** The columns of a group, over rows (transaction_id, id, hash, organization_id, condominium_id, sensitivity, saying, is_claim). */
const GROUP_COLUMNS = `transaction_id::text,
  translate(encode(string_agg(hash, '' order by id), 'base64'), E'\\n', '') as leaf_hashes,
  coalesce(array_agg(id::text order by id) filter (where is_claim), '{}') as claims,
  coalesce(array_agg(distinct saying collate "C") filter (where is_claim), '{}') as sayings`;
const GROUPED = "group by transaction_id, organization_id, condominium_id, sensitivity";
/**
 * Of a record r. OUT_OF_BAND says so by itself. Records of before the first intent need none; whatever comes later and
 * names an actor does, in whatever form it is written. A transaction's records mostly have one end: to cut it off costs half
 * a microsecond, to parse the entry 20 times that.
 */
const RECORD_COLUMNS = `r.id, r.organization_id, r.condominium_id, r.sensitivity,
  blindagem_audit.leaf_hash(convert_to(r.entry, 'UTF8')) as hash,
  concat_ws(' ', substr(r.entry, 12, 18), r.action, split_part(r.entry, ',"actor_id":"', -1)) as saying,
  r.action <> 'OUT_OF_BAND' and r.entity_type <> 'intents' and (
    substr(r.entry, 12, 18) in ('blindagem-record-4', 'blindagem-record-5', 'blindagem-record-6') or r.id > coalesce((
      select min(i.id) from blindagem_audit.audit_log_immutable i where i.entity_type = 'intents'), r.id)) as is_claim`;

/** What the run has of these transactions. */
const partsOf = (transactions: "split" | "rest") =>
  `select transaction_id::text, coalesce(array_agg(id::text order by id) filter (where not is_intent), '{}') as record_ids
   from hashed where transaction_id in (select transaction_id from ${transactions}) group by transaction_id`;

/**
 * The look-ups are lateral, so that they go by key, that of a statement's records into one partition, whatever the planner's
 * statistics say: of pending rows they know nothing, and a merge join walked over all that were ever taken. A transaction of which something is left waiting (`split`), or was sealed before (`rest`), is grouped when it is whole.
 */
export const APPEND_RUN = `with oldest as materialized (
    select first_record_id, transaction_id,
      sum(record_count) over (order by first_record_id) - record_count as before
    from (
      select first_record_id, transaction_id, record_count from blindagem_audit.pending_records
      where first_record_id > $2 order by first_record_id limit $1) as waiting
  ), due as materialized (
    select first_record_id, transaction_id from oldest where before < $1
  ), split as (
    select distinct d.transaction_id
    from (select distinct transaction_id from due) as d
    cross join lateral (
      select p.first_record_id from blindagem_audit.pending_records p where p.transaction_id = d.transaction_id offset 0) as p
    where p.first_record_id > (select max(first_record_id) from due)
  ), rest as (
    select d.transaction_id from due d join blindagem_audit.split_transactions s on s.transaction_id = d.transaction_id
    where not exists (select from split where split.transaction_id = d.transaction_id)
    group by d.transaction_id
  ), taken as (
    delete from blindagem_audit.pending_records
    where first_record_id > $2 and first_record_id <= (select max(first_record_id) from due)
    returning record_ids, record_count, recorded_at, transaction_id
  ), hashed as materialized (
    select t.transaction_id, record.*
    from taken t cross join lateral (
      select ${RECORD_COLUMNS}, r.entity_type = 'intents' as is_intent, r.action = 'OUT_OF_BAND' as is_out_of_band,
        case when r.entity_type = 'intents' then r.entry::jsonb->>'note' end as note
      from blindagem_audit.audit_log_immutable r
      where r.id = any (t.record_ids) and r.recorded_at = t.recorded_at
      offset 0
    ) as record
    order by record.id
  ), appended as (
    insert into blindagem_audit.sealed_runs (first_index, record_ids, leaf_hashes, first_record_id, last_record_id)
    select coalesce((
        select first_index + cardinality(record_ids) from blindagem_audit.sealed_runs order by first_index desc limit 1), 0)
        + min(place),
      array_agg(id order by id), string_agg(hash, '' order by id), min(id), max(id)
    from (select id, hash, row_number() over (order by id) - 1 as place from hashed) as placed
    group by place / ${LONGEST_RUN}
    returning first_index, leaf_hashes
  ), whole as (
    select * from hashed h
    where not is_intent and not exists (select from split s where s.transaction_id = h.transaction_id)
      and not exists (select from rest where rest.transaction_id = h.transaction_id)
  )
  select (
      select max(first_record_id)::text from due
      having count(*) = $1 or count(*) < (select count(*) from oldest)) as taken_to,
    (select min(first_index)::text from appended) as first_index,
    (select string_agg(leaf_hashes, '' order by first_index) from appended) as leaf_hashes,
    (select coalesce(json_agg(g), '[]') from (select ${GROUP_COLUMNS} from whole ${GROUPED} having bool_or(is_claim)) as g) as groups,
    (select coalesce(json_agg(i), '[]') from (
      select transaction_id::text, note, place from (
        select transaction_id, note, is_intent, (row_number() over (order by id) - 1)::int as place from hashed) as placed
      where is_intent order by place) as i) as intents,
    (select count(*)::int from hashed where is_out_of_band) as out_of_band,
    (select coalesce(json_agg(p), '[]') from (${partsOf("split")}) as p) as split,
    (select coalesce(json_agg(p), '[]') from (${partsOf("rest")}) as p) as rest,
    case when (select sum(record_count) from taken) <> (select count(*) from hashed) then (
      select min(id)::text from taken t cross join unnest(t.record_ids) as waiting (id)
      where not exists (select from hashed h where h.id = waiting.id)) end as missing`;

/**
 * Groups transactions of which parts were sealed before. Lateral as above: a join took the whole log in the order of the
 * groups and held each record against the list of those that it looked for.
 */
export const GROUP_WHOLE = `with whole as (
    select transaction_id, record_ids from jsonb_to_recordset($1) as part (transaction_id xid8, record_ids bigint[])
  ), before as (
    delete from blindagem_audit.split_transactions where transaction_id in (select transaction_id from whole)
    returning transaction_id, record_ids
  ), record as (
    select ids.transaction_id, record.*
    from (select * from whole union all select * from before) as ids
    cross join lateral (
      select ${RECORD_COLUMNS} from blindagem_audit.audit_log_immutable r where r.id = any (ids.record_ids) offset 0
    ) as record
  )
  select ${GROUP_COLUMNS} from record ${GROUPED} having bool_or(is_claim)`;

/** Remembers what is sealed of transactions that are not whole yet; groups those that now are. */
async function mergeSplit(
  client: pg.ClientBase,
  { split, rest }: Pick<z.infer<typeof appended>, "split" | "rest">,
): Promise<RecordGroup[]> {
  await client.query(
    `insert into blindagem_audit.split_transactions as known (transaction_id, record_ids)
     select transaction_id, record_ids from jsonb_to_recordset($1) as part (transaction_id xid8, record_ids bigint[])
     on conflict (transaction_id) do update set record_ids = known.record_ids || excluded.record_ids`,
    [JSON.stringify(split)],
  );
  const { rows } = await client.query(GROUP_WHOLE, [JSON.stringify(rest)]);
  return z.array(group).parse(rows).map(groupOf);
}

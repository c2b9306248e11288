import type pg from "pg";
import { z } from "zod";
import { boundsOf, type Month } from "../month.ts";
import { besideSchema, withBeside } from "../personal-values.ts";
import type { BundledRecord } from "./manifest.ts";

/** A leaf of a month's record. */
export interface MonthLeaf {
  index: number;
  /** The leaf hash of what the log has now. */
  hash: Uint8Array;
}

/**
 * All records of a month by ascending index, whoever's they are, and those of other months whose transactions reach into
 * it: an intent can be checked against whole transactions alone.
 *
 * @param client of the sealer's login, in a transaction of one snapshot
 */
export async function* monthRecords(
  client: pg.ClientBase,
  month: Month,
): AsyncGenerator<BundledRecord> {
  const { from, until } = boundsOf(month);
  const transactions = await spanningTransactions(client, month);
  const reach = transactions.length > 0 ? 31 : 0;
  for await (const first of runsOf(client, month, reach)) {
    const { rows } = await client.query(
      // By ascending ids: a run has its leaves in their order.
      withBeside(
        `select leaf.index::text, r.id, r.recorded_at, r.entry
         from ${LEAVES_OF_RUN}
         join blindagem_audit.audit_log_immutable r on r.id = leaf.id
         where (r.recorded_at >= $2 and r.recorded_at < $3)
           or case r.entity_type when 'intents' then r.entity_id
             else substring(r.entry from '"transaction_id":"([0-9]+)"[}]$') end = any ($4)`,
      ),
      [first, from, until, transactions],
    );
    for (const { beside, ...record } of z.array(entryRow).parse(rows))
      yield { ...record, ...beside };
  }
}

/** The leaves of a month's records by ascending index. @throws Error for a record that is not sealed yet */
export async function* monthLeaves(client: pg.ClientBase, month: Month): AsyncGenerator<MonthLeaf> {
  const { from, until } = boundsOf(month);
  for await (const first of runsOf(client, month, 0)) {
    const { rows } = await client.query(
      `select leaf.index::text, blindagem_audit.leaf_hash(convert_to(r.entry, 'UTF8')) as hash
       from ${LEAVES_OF_RUN}
       join blindagem_audit.audit_log_immutable r on r.id = leaf.id
       where r.recorded_at >= $2 and r.recorded_at < $3
       order by leaf.index`,
      [first, from, until],
    );
    yield* z.array(leafRow).parse(rows);
  }
}

const entryRow = z.object({
  index: z.coerce.number(),
  entry: z.string(),
  beside: besideSchema.nullable(),
});
const leafRow = z.object({ index: z.coerce.number(), hash: z.instanceof(Buffer) });

const LEAVES_OF_RUN = `(
    select run.first_index + sealed.place - 1 as index, sealed.id
    from blindagem_audit.sealed_runs run
    cross join lateral unnest(run.record_ids) with ordinality as sealed (id, place)
    where run.first_index = $1) as leaf`;

/** The first indexes of the runs in which records of the month can be. @param reach in days, before and after it */
async function* runsOf(client: pg.ClientBase, month: Month, reach: number): AsyncGenerator<string> {
  const { from, until } = boundsOf(month);
  const { rows } = await client.query<{ first_index: string }>(
    `with ids as (
       select min(id) as least, max(id) as greatest from blindagem_audit.audit_log_immutable
       where recorded_at >= $1::timestamptz - $3 * interval '1 day' and recorded_at < $2::timestamptz + $3 * interval '1 day')
     select run.first_index::text from blindagem_audit.sealed_runs run, ids
     where int8range(run.first_record_id, run.last_record_id, '[]') && int8range(ids.least, ids.greatest, '[]')
       and ids.least is not null
     order by run.first_index`,
    [from, until, reach],
  );
  for (const { first_index } of rows) yield first_index;
}

/** Transactions with records in the month and before or after it. */
async function spanningTransactions(client: pg.ClientBase, month: Month): Promise<string[]> {
  const { from, until } = boundsOf(month);
  const { rows } = await client.query<{ id: string }>(
    `select transaction_id as id from blindagem_audit.open_transactions($1, $2)
     union
     select before.transaction_id from blindagem_audit.open_transactions($1::timestamptz - interval '31 days', $1) as before
     join blindagem_audit.audit_log_immutable r
       on r.entity_type = 'intents' and r.entity_id = before.transaction_id and r.recorded_at >= $1 and r.recorded_at < $2`,
    [from, until],
  );
  return rows.map(({ id }) => id);
}

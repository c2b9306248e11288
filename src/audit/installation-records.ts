import type pg from "pg";

/** What `blindagem migrate` inserts; each belongs to no administradora. */
const TABLES = ["categories", "definitions", "reader_thresholds", "rules"];

/** From the beginning of the text on: what a row holds cannot pass for it. */
const INSERTION =
  '^\\{"format":"blindagem-record-[0-9]+","id":"[0-9]+","salt":"[0-9a-f]+","sensitivity":"[A-Z]+","entity_type":"[a-z_]+","entity_id":"[^"]*","operation":"INSERT","action":"OUT_OF_BAND",';

/**
 * How many of the first records that were ever sealed are what an installation without the key of the intents begins with:
 * rows inserted into the tables that migrations fill, before there was a record of anything else. They are no news to
 * anybody: whoever could forge one of them could have installed something else. What comes behind any other record counts.
 *
 * @param client in the transaction that has sealed the first batch
 */
export async function installationRecords(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `with record as (
       select r.id, r.entity_type = any ($1) and r.entry ~ $2 as is_inserted
       from blindagem_audit.sealed_runs run
       cross join unnest(run.record_ids) as sealed (id)
       join blindagem_audit.audit_log_immutable r on r.id = sealed.id
     )
     select count(*)::int as count from record
     where is_inserted and coalesce(id < (select min(other.id) from record other where not other.is_inserted), true)`,
    [TABLES, INSERTION],
  );
  return rows[0]?.count ?? 0;
}

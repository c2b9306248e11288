import type pg from "pg";
import type { Month } from "../../src/audit/month.ts";
import type { TestDatabase } from "../database/test-database.ts";

/** The month that lies so many before the one that runs. */
export function monthBefore(months: number): Month {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months))
    .toISOString()
    .slice(0, 7);
}

/**
 * Makes records as old as if they had been written in that month, as its owner could: the clock of the database cannot be
 * set. What is hashed stays as it is.
 *
 * @param where of the records, as `r`; they must be sealed
 * @param isPrepared whether the month got a partition in time, or its records lie in the default one
 */
export async function moveToMonth(
  database: TestDatabase,
  month: Month,
  where: string,
  isPrepared = true,
): Promise<void> {
  const client = await database.pool("migrator").connect();
  try {
    await client.query(`set role ${database.prefix}_audit_owner; set timezone to 'UTC'`);
    if (isPrepared) await preparePartition(client, month);
    const partitions = await partitionsOf(client);
    for (const name of partitions) await client.query(`alter table ${name} disable trigger user`);
    await client.query(
      `update blindagem_audit.audit_log_immutable r
       set recorded_at = '${month}-15'::timestamptz + (r.recorded_at - now()) where ${where}`,
    );
    // What stands beside the records is found by their time.
    await client.query(
      `alter table blindagem_audit.personal_values disable trigger user;
       update blindagem_audit.personal_values v set recorded_at = r.recorded_at
       from blindagem_audit.audit_log_immutable r
       where r.id = v.record_ids[1] and r.recorded_at <> v.recorded_at`,
    );
    for (const guard of ["guard_change", "guard_insert", "guard_delete", "guard_truncate"]) {
      await client.query(
        `alter table blindagem_audit.personal_values enable always trigger ${guard}`,
      );
    }
    for (const name of partitions) {
      for (const guard of ["guard_change", "guard_insert", "guard_truncate"]) {
        await client.query(`alter table ${name} enable always trigger ${guard}`);
      }
    }
  } finally {
    await client.query("reset role; reset timezone");
    client.release();
  }
}

async function preparePartition(client: pg.ClientBase, month: Month): Promise<void> {
  const name = `blindagem_audit.audit_log_${month.replace("-", "_")}`;
  const { rows } = await client.query("select to_regclass($1) is not null as there", [name]);
  if (rows[0]?.there) return;
  await client.query(
    `create table ${name} partition of blindagem_audit.audit_log_immutable
       for values from ('${month}-01') to ('${month}-01'::timestamptz + interval '1 month')`,
  );
  await client.query(`select blindagem_audit.guard_partition('${name}')`);
}

async function partitionsOf(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select 'blindagem_audit.audit_log_immutable' as name union all
     select inhrelid::regclass::text from pg_inherits where inhparent = 'blindagem_audit.audit_log_immutable'::regclass`,
  );
  return rows.map(({ name }) => name);
}

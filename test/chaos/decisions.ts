import type { TestDatabase } from "../database/test-database.ts";

/** How many times the machine has decided each of those expenses, by the audit log, which sees every change. */
export async function decisionsOf(
  database: TestDatabase,
  expenses: readonly string[],
): Promise<number[]> {
  const { rows } = await database.pool("migrator").query<{ count: number }>(
    `with decided as materialized (
       select split_part(entity_id, '/', 2)::bigint as id, count(*)::int as count
       from blindagem_audit.records
       where entity_type = 'expenses' and operation = 'UPDATE' and new_state ? 'status'
       group by 1)
     select coalesce(decided.count, 0) as count
     from unnest($1::bigint[]) with ordinality as wanted (id, place)
     left join decided using (id)
     order by wanted.place`,
    [expenses],
  );
  return rows.map(({ count }) => count);
}

import type { TestDatabase } from "../database/test-database.ts";

/** How many times the machine has decided each of those expenses, by the audit log, which sees every change. */
export async function decisionsOf(
  database: TestDatabase,
  expenses: readonly string[],
): Promise<number[]> {
  const { rows } = await database.pool("migrator").query<{ count: number }>(
    `select (select count(*)::int from blindagem_audit.audit_log_immutable l
       where l.entity_type = 'expenses' and l.entity_id = e.condominium_id || '/' || e.id
         and l.operation = 'UPDATE' and l.new_state ? 'status') as count
     from unnest($1::bigint[]) with ordinality as wanted (id, place)
     join blindagem.expenses e on e.id = wanted.id
     order by wanted.place`,
    [expenses],
  );
  return rows.map(({ count }) => count);
}

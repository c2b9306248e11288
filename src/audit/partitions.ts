import type pg from "pg";

/** A quarter without cron costs nothing, and what no month holds goes to the default partition. */
const MONTHS_AHEAD = 3;

/** Makes the audit log's monthly partitions ahead, where they are missing. @returns how many were made */
export async function createPartitions(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ created: number }>(
    "select blindagem_audit.create_partitions($1) as created",
    [MONTHS_AHEAD],
  );
  return rows[0]?.created ?? 0;
}

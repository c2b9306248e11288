import type pg from "pg";
import { z } from "zod";

const intervention = z.object({
  action: z.enum(["RETRY", "CANCEL", "RESCHEDULE"]),
  reason: z.string(),
});
export type Intervention = z.infer<typeof intervention>;

/**
 * What an operator asked to be done to jobs, and why.
 *
 * @throws Error when there is no such intervention
 */
export async function loadIntervention(client: pg.ClientBase, id: string): Promise<Intervention> {
  const { rows } = await client.query(
    "select action, reason from blindagem.job_interventions where id = $1",
    [id],
  );
  if (rows.length === 0) throw new Error(`There is no intervention ${id}.`);
  return intervention.parse(rows[0]);
}

/** Does the next chunk, and tells whether that was the last. */
export async function continueIntervention(client: pg.ClientBase, id: string): Promise<boolean> {
  const { rows } = await client.query<{ finished: boolean }>(
    "select blindagem_private.continue_intervention($1) as finished",
    [id],
  );
  return rows[0]?.finished ?? true;
}

import type pg from "pg";

/** Who makes a change and why: what the audit log records of it. */
export interface Actor {
  /** "system:validate_expenses", "command:maria", "person:12". */
  id: string;
  /** The role's name: a request role, or "worker". */
  role: string;
  reason: string;
  requestId?: string | undefined;
  jobId?: string | undefined;
  /** The span within which it is made: the jobs that it enqueues are its children. */
  traceparent?: string | undefined;
}

/** Signs for what a transaction has written, as its last act: see src/audit/attest.ts. */
export type Attest = (client: pg.ClientBase, actor: Actor) => Promise<void>;

/**
 * Runs `use` in one transaction of which the audit log knows the actor, and signs for it; rolls back when it throws.
 *
 * @param name how the actor is named; another way where that statement does more (src/queue/fence.ts)
 */
export async function transaction<T>(
  client: pg.ClientBase,
  attest: Attest,
  actor: Actor,
  use: (client: pg.ClientBase) => Promise<T>,
  name: (client: pg.ClientBase, actor: Actor) => Promise<void> = nameActor,
): Promise<T> {
  await client.query("begin");
  try {
    await name(client, actor);
    const result = await use(client);
    await attest(client, actor);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

/** Tells the running transaction who acts. */
export async function nameActor(client: pg.ClientBase, actor: Actor): Promise<void> {
  await client.query(`select ${ACTOR_SETTINGS}`, actorValues(actor));
}

/** The select list that tells the running transaction who acts: $1 to $6, of `actorValues`. */
export const ACTOR_SETTINGS = `set_config('blindagem.actor_id', $1, true), set_config('blindagem.role', $2, true),
  set_config('blindagem.reason', $3, true), set_config('blindagem.request_id', $4, true),
  set_config('blindagem.job_id', $5, true), set_config('blindagem.traceparent', $6, true)`;

export function actorValues(actor: Actor): string[] {
  const { id, role, reason, requestId = "", jobId = "", traceparent = "" } = actor;
  return [id, role, reason, requestId, jobId, traceparent];
}

import type pg from "pg";
import { z } from "zod";
import type { Bucket, Slot } from "./provider-slot.ts";

/** Who asks for a turn: a job in whose organization's line it is to wait. */
export interface Asker {
  /** The logical job, by which its place is known again; undefined: one of the library's own. */
  jobId: string | undefined;
  /** Null or undefined: the platform's own jobs, which have a line, too. */
  organizationId?: string | null | undefined;
  /** What it asks for, where jobs of several organizations may need one answer. */
  subject?: string | undefined;
}

/** Slots of one job, which may make several requests: when the first is, and how many they are. */
export interface Turn extends Slot {
  requests: number;
  /** Under which the job is to be enqueued that waits for the turn (NewJob.place); null: it may go now. */
  place: string | null;
}

const turn = z.object({
  slot: z.date(),
  cause: z.enum(["LIMIT", "QUOTA", "DOWN"]).nullable(),
  requests: z.number(),
  place: z.string().nullable(),
});

/**
 * When a job may begin that makes so many requests: now, or later. Then it is put off until `at`, and stands in the line
 * of its organization meanwhile. Slots are given two seconds ahead, to the lines in turn (followProviderTurns); whoever
 * is given one is moved to it, so that a job runs at most twice while the workers keep up. `at` is when that will be if
 * nobody else comes. It takes all its slots together: with one at a time each job would begin, and at its next request
 * stand behind all that wait.
 *
 * A slot counts for nothing while the provider is paused, and when it was missed by more than two seconds: then the job
 * has its position in the line again, however often. (A job that was let through for having been late before made four
 * requests at once into a limit of three a minute, with ten look-ups and two standstills.)
 */
export async function takeTurn(
  client: pg.ClientBase,
  { provider, credential }: Bucket,
  now: Date,
  asker: Asker,
  requests: number,
): Promise<Turn> {
  const { rows } = await client.query(
    `select slot, cause, requests, place::text
     from blindagem_private.take_provider_turn($1, $2, $3, $4, $5, $6, $7)`,
    [
      provider,
      credential,
      now,
      asker.jobId ?? null,
      asker.organizationId ?? null,
      requests,
      asker.subject ?? null,
    ],
  );
  const { slot, ...taken } = turn.parse(rows[0]);
  return { at: slot, ...taken };
}

/**
 * Has the jobs that wait for other credentials of the provider wait for this one, each organization's in its order: they will ask
 * with what their worker has then, whatever they waited for.
 *
 * @returns how many requests
 */
export async function adoptLines(
  client: pg.ClientBase,
  { provider, credential }: Bucket,
): Promise<number> {
  const { rows } = await client.query<{ adopted: number }>(
    "select blindagem_private.adopt_provider_lines($1, $2) as adopted",
    [provider, credential],
  );
  return rows[0]?.adopted ?? 0;
}

import { z } from "zod";

/** What travels with every payload: the logical job, and the request that it comes from. */
export const envelope = z.object({
  /** blindagem_private.job_records.id */
  jobId: z.string(),
  organizationId: z.string().nullish(),
  batchId: z.string().nullish(),
  requestId: z.string().nullish(),
});
export type Envelope = z.infer<typeof envelope>;

const enveloped = z.looseObject({ envelope: envelope.optional(), _cron: z.unknown().optional() });

/**
 * Splits a job's payload into its envelope (absent for cron's jobs) and the task's own part.
 *
 * @throws Error when it is not an object, or the envelope is damaged
 */
export function openEnvelope(payload: unknown): {
  envelope: Envelope | undefined;
  content: Record<string, unknown>;
} {
  const { envelope: outer, _cron: _, ...content } = enveloped.parse(payload ?? {});
  return { envelope: outer, content };
}

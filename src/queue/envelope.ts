import { z } from "zod";
import { TRACEPARENT } from "../observability/traceparent.ts";

/** What travels with every payload: the logical job, and the request that it comes from. */
export const envelope = z.object({
  /** blindagem_private.job_records.id, a bigint. */
  jobId: z.string().regex(/^\d{1,18}$/),
  organizationId: z.string().nullish(),
  batchId: z.string().nullish(),
  requestId: z.string().nullish(),
  /** The job's place in the fair order between organizations (see virtual-clock.ts). */
  startTag: z.number().nullish(),
  /** The span that enqueued it, if that is traced. A damaged one costs the trace, not the job. */
  traceparent: z.string().regex(TRACEPARENT).optional().catch(undefined),
});
export type Envelope = z.infer<typeof envelope>;

const enveloped = z.looseObject({ envelope: envelope.optional(), _cron: z.unknown().optional() });

/**
 * Splits a job's payload into its envelope (absent for cron's jobs) and the task's own part.
 *
 * @throws Error when it is not an object, or the envelope is damaged; it names the fields, not their values
 */
export function openEnvelope(payload: unknown): {
  envelope: Envelope | undefined;
  content: Record<string, unknown>;
} {
  const parsed = enveloped.safeParse(payload ?? {});
  if (!parsed.success) {
    throw new Error(`The job's envelope does not fit: ${z.prettifyError(parsed.error)}`);
  }
  const { envelope: outer, _cron: _, ...content } = parsed.data;
  return { envelope: outer, content };
}

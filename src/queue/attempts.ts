import type { Job, WorkerEvents } from "graphile-worker";
import { z } from "zod";
import { JobBuried, JobTakenOver } from "./fence.ts";

/** Something that happened to an attempt at a job; DEAD: there is no further one. */
export interface AttemptEvent {
  kind: "STARTED" | "FINISHED" | "FAILED" | "DEAD";
  task: string;
  /** Null for the platform's own jobs. */
  organizationId: string | null;
  at: Date;
  /** STARTED: how long it had been due; FINISHED and FAILED: how long it ran. */
  ms: number | undefined;
}

const ofOrganization = z.looseObject({
  envelope: z.looseObject({ organizationId: z.string().regex(/^\d{1,18}$/) }),
});

/**
 * Tells of every attempt at a job that a runner's events tell of. How long it ran is measured by the process's own
 * clock that never jumps; how long it was due, by the database's (database-clock.ts).
 *
 * A last attempt that fails is FAILED, then DEAD, and so is one in which the job was buried. What another process has taken over
 * is the other's to tell.
 */
export function followAttempts(
  events: WorkerEvents,
  clock: () => Date,
  tell: (event: AttemptEvent) => void,
): void {
  const begun = new WeakMap<Job, number>();
  const ranFor = (job: Job) => {
    const since = begun.get(job);
    return since === undefined ? undefined : performance.now() - since;
  };
  const note = (kind: AttemptEvent["kind"], job: Job, at: Date, ms: number | undefined) => {
    const known = ofOrganization.safeParse(job.payload);
    const organizationId = known.success ? known.data.envelope.organizationId : null;
    tell({ kind, task: job.task_identifier, organizationId, at, ms });
  };
  events.on("job:start", ({ job }) => {
    begun.set(job, performance.now());
    const at = clock();
    note("STARTED", job, at, Math.max(0, at.getTime() - job.run_at.getTime()));
  });
  events.on("job:success", ({ job }) => note("FINISHED", job, clock(), ranFor(job)));
  events.on("job:error", ({ job, error }) => {
    const isBuried = error instanceof JobBuried;
    if (isBuried || !(error instanceof JobTakenOver)) note("FAILED", job, clock(), ranFor(job));
    if (isBuried) note("DEAD", job, clock(), undefined);
  });
  events.on("job:failed", ({ job, error }) => {
    if (!(error instanceof JobTakenOver)) note("DEAD", job, clock(), undefined);
  });
}

import type { Job, JobHelpers, Task } from "graphile-worker";
import type pg from "pg";
import type { Logger } from "pino";
import { z } from "zod";
import { transaction } from "../database/actor.ts";
import { storableText } from "../database/storable-json.ts";
import { inSpan, type Span, type SpanStart } from "../observability/tracing.ts";
import { type Services, services } from "../services.ts";
import { enqueueJobs, type NewJob } from "./enqueue.ts";
import { type Envelope, openEnvelope } from "./envelope.ts";
import {
  assertHeld,
  giveBack,
  JobBuried,
  JobTakenOver,
  lostItsSession,
  nameHolder,
  takeJob,
} from "./fence.ts";
import { laneOf } from "./lanes.ts";
import { LastChance } from "./last-chance.ts";
import { isSubmitting, SubmissionsFirst } from "./submissions-first.ts";
import { SuspectsApart } from "./suspects-apart.ts";

/** What a task works with. */
export interface TaskContext {
  services: Services;
  logger: Logger;
  envelope: Envelope | undefined;
  /** Fires when the worker is being stopped and the drain's time is up. */
  signal: AbortSignal;
  /** Which attempt at the job this is, from 1. */
  attempt: number;
  /** Whether the job is not tried again when it fails now. */
  isLastAttempt: boolean;
  /** How many workers died while they ran the job. */
  deaths: number;
  /** Whether the attempt before ended with its session: the database's process may have died of what the job asked of it. */
  hasLostSession: boolean;
  /**
   * One transaction on the worker's connection; the audit log knows the task as its actor. It commits only while this
   * runner holds the job. Everything that a task writes belongs into one, and the last one ends its work: with that
   * commit the job is done, and whoever deletes it then deletes what is done.
   */
  transaction<T>(reason: string, use: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  /**
   * Takes the job out of the queue, in the running transaction: for whoever enqueues another in its stead there. Else both
   * would run when the worker dies between that commit and the job's end.
   */
  leaveQueue(client: pg.ClientBase): Promise<void>;
  /** Ends the job by handing its work on to others, all in one transaction: whatever happens next, it is handed on once. */
  handOn(reason: string, jobs: readonly NewJob[]): Promise<void>;
  /** Makes the job a dead letter, as what workers died of (blindagem_private.bury_deadly_job). @throws JobBuried when it is done */
  bury(reason: string): Promise<never>;
}

/** After so long without a commit a task's end is no longer taken on trust: the process may have stood still. */
const TRUSTED_MS = 1_000;

const submissionsFirst = new SubmissionsFirst();
const suspectsApart = new SuspectsApart();
const lastChance = new LastChance();

const GIVEN_BACK_MS = 5_000;
const WAITS_FOR_ANOTHER =
  "processos terminaram durante esta tarefa; ela espera que outra assim termine";

/**
 * Makes a Graphile Worker task of a payload's schema and a function. A payload that does not fit fails the job with
 * a message that names the fields, not their values.
 *
 * The job is taken first (one round trip), each transaction locks its record (within the statement that names the
 * actor), and no task returns that has lost its job: see fence.ts.
 *
 * @param options `isBulk`: its jobs keep PostgreSQL busy, and give way to submissions (submissions-first.ts); one that may have
 *   killed a worker runs beside no other such (suspects-apart.ts); one of any lane that may have killed two, neither (last-chance.ts)
 */
export function defineTask<T>(
  name: string,
  schema: z.ZodType<T>,
  run: (payload: T, context: TaskContext) => Promise<void>,
  { isBulk = false }: { isBulk?: boolean } = {},
): Task {
  /** @returns false when it was not taken, since more workers have died of it */
  const work = async (
    envelope: Envelope | undefined,
    content: unknown,
    helpers: JobHelpers,
    span: Span | undefined,
    mostDeaths: number,
  ): Promise<boolean> => {
    const parsed = schema.safeParse(content);
    if (!parsed.success) {
      throw new Error(`The payload of ${name} does not fit: ${z.prettifyError(parsed.error)}`);
    }
    const shared = services();
    const jobId = envelope?.jobId ?? `graphile:${helpers.job.id}`;
    const hold = await helpers.withPgClient((client) =>
      takeJob(client, helpers.job, envelope?.jobId, mostDeaths),
    );
    if (!hold) return false;
    submissionsFirst.see(hold.isSubmitting);
    let heldAt = performance.now();
    let lost: JobTakenOver | undefined;
    const context: TaskContext = {
      services: shared,
      logger: shared.logger.child({
        task: name,
        jobId,
        ...(envelope?.batchId && { batchId: envelope.batchId }),
        ...(envelope?.requestId && { requestId: envelope.requestId }),
      }),
      envelope,
      signal: helpers.abortSignal,
      attempt: helpers.job.attempts,
      isLastAttempt: helpers.job.attempts >= helpers.job.max_attempts,
      deaths: hold.deaths,
      hasLostSession: lostItsSession(helpers.job.last_error),
      async transaction(reason, use) {
        const actor = {
          id: `system:${name}`,
          role: "worker",
          reason,
          jobId,
          requestId: envelope?.requestId ?? undefined,
          traceparent: span?.traceparent,
        };
        try {
          const result = await helpers.withPgClient((client) =>
            transaction(client, shared.attest, actor, use, () => nameHolder(client, actor, hold)),
          );
          heldAt = performance.now();
          return result;
        } catch (error) {
          if (error instanceof JobTakenOver) lost = error;
          throw error;
        }
      },
      async leaveQueue(client) {
        await client.query("delete from graphile_worker._private_jobs where id = $1", [
          hold.graphileJobId,
        ]);
      },
      async handOn(reason, jobs) {
        await context.transaction(reason, async (client) => {
          await enqueueJobs(client, jobs);
          await context.leaveQueue(client);
        });
      },
      async bury(reason) {
        await context.transaction(reason, (client) =>
          client.query("select blindagem_private.bury_deadly_job($1)", [hold.graphileJobId]),
        );
        throw new JobBuried(hold.graphileJobId);
      },
    };
    await run(parsed.data, context).catch((error: unknown) => {
      throw withStorableMessage(error);
    });
    if (lost) throw lost;
    if (performance.now() - heldAt > TRUSTED_MS) {
      await helpers.withPgClient((client) => assertHeld(client, hold));
    }
    return true;
  };
  return async (payload: unknown, helpers: JobHelpers) => {
    const { envelope, content } = openEnvelope(payload);
    const start = jobSpan(name, helpers.job, envelope, services().clock());
    const attempt = (span: Span | undefined) => (mostDeaths: number) =>
      work(envelope, content, helpers, span, mostDeaths);
    const putOff = () =>
      helpers.withPgClient((client) =>
        giveBack(client, helpers.job, envelope?.jobId, GIVEN_BACK_MS, WAITS_FOR_ANOTHER),
      );
    const run = (span: Span | undefined) => lastChance.run(attempt(span), putOff);
    if (!isBulk) {
      await inSpan(start, run);
      return;
    }
    await submissionsFirst.run(
      () =>
        inSpan(start, (span) =>
          suspectsApart.run((isApart) => (isApart ? run(span) : attempt(span)(0)), putOff),
        ),
      () => helpers.withPgClient(isSubmitting),
    );
  };
}

/** An attempt at a job, as the child of what enqueued it. */
function jobSpan(
  task: string,
  { attempts, max_attempts, run_at }: Job,
  envelope: Envelope | undefined,
  now: Date,
): SpanStart {
  return {
    name: `job ${task}`,
    kind: "CONSUMER",
    parent: envelope?.traceparent,
    attributes: {
      "blindagem.task": task,
      "blindagem.lane": laneOf(task),
      "blindagem.job_id": envelope?.jobId,
      "blindagem.attempt": attempts,
      "blindagem.max_attempts": max_attempts,
      "blindagem.wait_ms": Math.max(0, now.getTime() - run_at.getTime()),
      "blindagem.organization_id": envelope?.organizationId ?? undefined,
      "blindagem.batch_id": envelope?.batchId ?? undefined,
      "blindagem.request_id": envelope?.requestId ?? undefined,
    },
  };
}

/** The library ends the whole worker when PostgreSQL refuses an error's message, which may quote what came from outside. */
function withStorableMessage(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const message = storableText(error.message);
  return message === error.message ? error : new Error(message, { cause: error });
}

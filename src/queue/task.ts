import type { JobHelpers, Task } from "graphile-worker";
import type pg from "pg";
import type { Logger } from "pino";
import { z } from "zod";
import { transaction } from "../database/actor.ts";
import { storableText } from "../database/storable-json.ts";
import { type Services, services } from "../services.ts";
import { type Envelope, openEnvelope } from "./envelope.ts";

/** What a task works with. */
export interface TaskContext {
  services: Services;
  logger: Logger;
  envelope: Envelope | undefined;
  /** Fires when the worker is being stopped and the drain's time is up. */
  signal: AbortSignal;
  /** Whether the job is not tried again when it fails now. */
  isLastAttempt: boolean;
  /** One transaction on the worker's connection; the audit log knows the task as its actor. */
  transaction<T>(reason: string, use: (client: pg.ClientBase) => Promise<T>): Promise<T>;
}

/**
 * Makes a Graphile Worker task of a payload's schema and a function. A payload that does not fit fails the job with
 * a message that names the fields, not their values.
 */
export function defineTask<T>(
  name: string,
  schema: z.ZodType<T>,
  run: (payload: T, context: TaskContext) => Promise<void>,
): Task {
  return async (payload: unknown, helpers: JobHelpers) => {
    const { envelope, content } = openEnvelope(payload);
    const parsed = schema.safeParse(content);
    if (!parsed.success) {
      throw new Error(`The payload of ${name} does not fit: ${z.prettifyError(parsed.error)}`);
    }
    const shared = services();
    const jobId = envelope?.jobId ?? `graphile:${helpers.job.id}`;
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
      isLastAttempt: helpers.job.attempts >= helpers.job.max_attempts,
      transaction: (reason, use) =>
        helpers.withPgClient((client) =>
          transaction(
            client,
            {
              id: `system:${name}`,
              role: "worker",
              reason,
              jobId,
              requestId: envelope?.requestId ?? undefined,
            },
            use,
          ),
        ),
    };
    await run(parsed.data, context).catch((error: unknown) => {
      throw withStorableMessage(error);
    });
  };
}

/** The library ends the whole worker when PostgreSQL refuses an error's message, which may quote what came from outside. */
function withStorableMessage(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const message = storableText(error.message);
  return message === error.message ? error : new Error(message, { cause: error });
}

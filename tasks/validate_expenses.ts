import type pg from "pg";
import { z } from "zod";
import { isOfData } from "../src/database/data-error.ts";
import { countDecisions, countUndecidable } from "../src/observability/decision-metrics.ts";
import { claimAndEnqueue, enqueueJobs, type NewJob } from "../src/queue/enqueue.ts";
import { defineTask, type TaskContext } from "../src/queue/task.ts";
import { deadlyOf, smallerChunks } from "../src/validation/deadly.ts";
import { sendToPeople, untoldOf } from "../src/validation/send-to-people.ts";
import { causeOf, type Undecidable } from "../src/validation/undecidable.ts";
import { type ValidationResult, validateExpenses } from "../src/validation/validate.ts";
import { validateApart } from "../src/validation/validate-apart.ts";

const payload = z.object({ expenseIds: z.array(z.string().regex(/^\d+$/)).min(1).max(1000) });

/**
 * Attempts (a minute and a half) for which expenses that cannot be decided wait: it may be what is being deployed, and another
 * worker may be able to decide them. Then they go to people, however many they are: in a dead letter, all of them would stay
 * PENDING, and nobody who waits for a payment would see why.
 */
const PATIENT_ATTEMPTS = 4;

/**
 * Decides the expenses of a chunk from the facts known now, and asks for the suppliers and readings that are not. Also for
 * those that a job has been asked for already: its claim makes this transaction and the one that stores the answer wait
 * for each other, so that one of them sees what the other wrote.
 *
 * When the chunk fails of what it holds, those that cannot be decided are found and handed on as a job of their own, and the
 * others are decided; a job that holds nothing else is tried again, and then they go to people.
 * When a worker has died of it, or its session with the database has ended, it is handed on in smaller ones, until what kills
 * is alone; what becomes of that, whoever buries its job decides (blindagem_private.end_worker, bury_deadly_job).
 */
export default defineTask("validate_expenses", payload, validate, { isBulk: true });

async function validate(
  { expenseIds }: z.infer<typeof payload>,
  context: TaskContext,
): Promise<void> {
  if (context.deaths > 0 || context.hasLostSession) {
    const alive = await withoutDeadly(expenseIds, context);
    if (expenseIds.length > 1 || alive.length === 0) return handOnInPieces(alive, context);
    if (context.hasLostSession && context.attempt > PATIENT_ATTEMPTS) {
      return context.bury("Validação automática");
    }
  }
  const now = context.services.clock();
  const result = await context
    .transaction("Validação automática", async (client) => {
      const validation = await validateExpenses(client, expenseIds, now);
      await askForFacts(client, validation, context);
      return { ...validation, sent: [], handedOn: [] };
    })
    .catch((error: unknown) => {
      if (!isOfData(error)) throw error;
      return validateOthers(expenseIds, now, context);
    });
  countDecisions(result.statuses);
  tellOf(result.sent, context);
  const [waiting] = result.handedOn;
  if (waiting) {
    context.logger.warn(
      { expenses: result.handedOn.length, cause: causeOf(waiting.error) },
      "expenses that cannot be decided are tried again on their own",
    );
  }
  context.logger.info({ decided: result.decided, waiting: result.waiting }, "expenses validated");
}

/** Those that no other job has found out to be what workers die of. */
async function withoutDeadly(
  expenseIds: readonly string[],
  context: TaskContext,
): Promise<string[]> {
  const deadly = await context.transaction("Validação automática", (client) =>
    deadlyOf(client, expenseIds),
  );
  return expenseIds.filter((id) => !deadly.has(id));
}

/** They keep the chunk's turn, and its organization does not pay twice. */
async function handOnInPieces(
  expenseIds: readonly string[],
  { envelope, deaths, hasLostSession, handOn, logger }: TaskContext,
): Promise<void> {
  const pieces = smallerChunks(expenseIds);
  await handOn(
    "Validação automática",
    pieces.map((piece) => validationOf(piece, envelope)),
  );
  logger.warn(
    { deaths, hasLostSession, pieces: pieces.length },
    "a worker or its session died of a chunk: it is handed on",
  );
}

/** A job for some of the expenses of a chunk, in its place. */
function validationOf(expenseIds: readonly string[], envelope: TaskContext["envelope"]): NewJob {
  return {
    task: "validate_expenses",
    payload: { expenseIds },
    organizationId: envelope?.organizationId,
    batchId: envelope?.batchId,
    requestId: envelope?.requestId,
    startTag: envelope?.startTag,
  };
}

/**
 * In a transaction of their own: the one that failed is lost. Those that cannot be decided are handed on as a job of their own,
 * in the chunk's turn; one that holds nothing else is tried again, and sends them to people in the end. This ends: each job that
 * is handed on holds fewer, and what people were told of is in none.
 *
 * @throws what the first of them fails of, when the job is to be tried again
 */
function validateOthers(expenseIds: readonly string[], now: Date, context: TaskContext) {
  return context.transaction("Validação automática", async (client) => {
    const { undecidable, ...validation } = await validateApart(client, expenseIds, now);
    await askForFacts(client, validation, context);
    const untold = await untoldOf(client, undecidable);
    const [first] = untold;
    if (first && untold.length < expenseIds.length) {
      const ids = untold.map(({ expenseId }) => expenseId);
      await enqueueJobs(client, [validationOf(ids, context.envelope)]);
      return { ...validation, sent: [], handedOn: untold };
    }
    if (first && context.attempt <= PATIENT_ATTEMPTS) throw first.error;
    await sendToPeople(client, untold);
    return { ...validation, sent: untold, handedOn: [] };
  });
}

async function askForFacts(
  client: pg.ClientBase,
  { missingSuppliers, unreadDocuments }: ValidationResult,
  { envelope }: TaskContext,
): Promise<void> {
  await claimAndEnqueue(
    client,
    [
      ...missingSuppliers.map(({ cnpj, organizationId }) => ({
        task: "cnpj_lookup",
        subject: cnpj,
        payload: { cnpj },
        organizationId,
      })),
      ...unreadDocuments.map(({ sha256, organizationId }) => ({
        task: "ocr_triage",
        subject: sha256,
        payload: { sha256 },
        organizationId,
      })),
    ].map((job) => ({ ...job, requestId: envelope?.requestId })),
  );
}

function tellOf(undecidable: readonly Undecidable[], { logger }: TaskContext): void {
  countUndecidable(undecidable.length);
  for (const { expenseId, error } of undecidable) {
    const stack =
      error instanceof Error
        ? error.stack?.split("\n").filter((line) => /^ +at /.test(line))
        : undefined;
    logger.error({ expenseId, cause: causeOf(error), stack }, "expense cannot be decided");
  }
}

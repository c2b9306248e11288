import type pg from "pg";
import { z } from "zod";
import { isOfData } from "../src/database/data-error.ts";
import { countDecisions, countUndecidable } from "../src/observability/decision-metrics.ts";
import { claimAndEnqueue } from "../src/queue/enqueue.ts";
import { defineTask, type TaskContext } from "../src/queue/task.ts";
import { deadlyOf, smallerChunks } from "../src/validation/deadly.ts";
import { causeOf, sendToPeople, type Undecidable } from "../src/validation/undecidable.ts";
import { type ValidationResult, validateExpenses } from "../src/validation/validate.ts";
import { validateApart } from "../src/validation/validate-apart.ts";

const payload = z.object({ expenseIds: z.array(z.string().regex(/^\d+$/)).min(1).max(1000) });

/**
 * Attempts (a minute and a half) after which expenses of which none can be decided may be at fault themselves; before, it may
 * be what is being deployed.
 */
const PATIENT_ATTEMPTS = 4;

/**
 * Decides the expenses of a chunk from the facts known now, and asks for the suppliers and readings that are not. Also for
 * those that a job has been asked for already: its claim makes this transaction and the one that stores the answer wait
 * for each other, so that one of them sees what the other wrote.
 *
 * When the chunk fails of what it holds, those that cannot be decided are found and go to people, and the others are decided.
 * When a worker has died of it, it is handed on in smaller ones, until what kills is alone; what becomes of that, whoever
 * buries its job decides (blindagem_private.end_worker).
 */
export default defineTask("validate_expenses", payload, validate, { isBulk: true });

async function validate(
  { expenseIds }: z.infer<typeof payload>,
  context: TaskContext,
): Promise<void> {
  if (context.deaths > 0) {
    const alive = await withoutDeadly(expenseIds, context);
    if (expenseIds.length > 1 || alive.length === 0) return handOnInPieces(alive, context);
  }
  const now = context.services.clock();
  const result = await context
    .transaction("Validação automática", async (client) => {
      const validation = await validateExpenses(client, expenseIds, now);
      await askForFacts(client, validation, context);
      return { ...validation, undecidable: [] };
    })
    .catch((error: unknown) => {
      if (!isOfData(error)) throw error;
      return validateOthers(expenseIds, now, context);
    });
  countDecisions(result.statuses);
  tellOf(result.undecidable, context);
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
  { envelope, deaths, handOn, logger }: TaskContext,
): Promise<void> {
  const pieces = smallerChunks(expenseIds);
  await handOn(
    "Validação automática",
    pieces.map((piece) => ({
      task: "validate_expenses",
      payload: { expenseIds: piece },
      organizationId: envelope?.organizationId,
      batchId: envelope?.batchId,
      requestId: envelope?.requestId,
      startTag: envelope?.startTag,
    })),
  );
  logger.warn({ deaths, pieces: pieces.length }, "a worker died of a chunk: it is handed on");
}

/** In a transaction of their own: the one that failed is lost. */
function validateOthers(expenseIds: readonly string[], now: Date, context: TaskContext) {
  return context.transaction("Validação automática", async (client) => {
    const mayBlameAll = context.attempt > PATIENT_ATTEMPTS;
    const validation = await validateApart(client, expenseIds, now, mayBlameAll);
    const sent = await sendToPeople(client, validation.undecidable);
    await askForFacts(client, validation, context);
    return {
      ...validation,
      undecidable: validation.undecidable.filter(({ expenseId }) => sent.has(expenseId)),
    };
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

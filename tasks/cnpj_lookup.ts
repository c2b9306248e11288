import type pg from "pg";
import { z } from "zod";
import { parseCnpj } from "../src/identifiers/cnpj.ts";
import { holdClaim } from "../src/queue/claim.ts";
import { claimAndEnqueue, releaseClaim, wakeExpenses } from "../src/queue/enqueue.ts";
import { isReservedNow, noteAnswer, pauseProvider } from "../src/queue/provider-slot.ts";
import { type Turn, takeTurn } from "../src/queue/provider-turn.ts";
import { defineTask, type TaskContext } from "../src/queue/task.ts";
import { waitingForProvider } from "../src/queue/waiting-for.ts";
import type { LookupOutcome } from "../src/suppliers/company.ts";
import {
  isKnown,
  keepAnswer,
  lookUpInMirror,
  type StorableOutcome,
  storeCompany,
} from "../src/suppliers/look-up.ts";

const payload = z.object({
  cnpj: z.string().refine((text) => parseCnpj(text) === text),
  /** The slot that a worker of before version 76 has reserved. */
  slotAt: z.coerce.date().optional(),
});
type Payload = z.infer<typeof payload>;

/**
 * Looks a supplier up, once however many expenses wait for it: in the mirror, else at CNPJ.ws. It keeps its claim until
 * the answer is stored, so that nobody asks for the same one meanwhile.
 */
export default defineTask("cnpj_lookup", payload, (job, context) =>
  holdClaim(context, "cnpj_lookup", job.cnpj, async () => {
    const now = context.services.clock();
    const start = await context.transaction("Consulta de fornecedor", async (client) => {
      if (await isKnown(client, job.cnpj, now)) {
        await wake(client, job.cnpj, context);
        return { kind: "KNOWN" as const };
      }
      const mirrored = await lookUpInMirror(client, job.cnpj);
      if (mirrored) return { kind: "MIRRORED" as const, outcome: mirrored };
      const turn = await nextTurn(client, job, context);
      if (turn.cause) {
        await putOff(client, job, context, turn);
        return { kind: "PUT_OFF" as const };
      }
      return { kind: "ASK" as const };
    });

    if (start.kind === "MIRRORED") await store(job.cnpj, "MIRROR", start.outcome, context);
    if (start.kind === "ASK") {
      await handle(job, await context.services.registry.lookup(job.cnpj, context.signal), context);
    }
  }),
);

async function handle(job: Payload, outcome: LookupOutcome, context: TaskContext): Promise<void> {
  const bucket = context.services.buckets.CNPJWS;
  switch (outcome.kind) {
    case "FOUND":
    case "NOT_FOUND":
    case "INVALID":
      return store(job.cnpj, "CNPJWS", outcome, context);
    case "RATE_LIMITED":
      // No attempt is spent, and no worker is held: everyone waits until the provider opens again.
      return context.transaction("Limite do serviço de consulta", async (client) => {
        const now = context.services.clock();
        await noteAnswer(client, bucket, now, true);
        await pauseProvider(client, bucket, outcome.retryAt);
        const turn = await nextTurn(client, job, context);
        await keepAnswer(client, job.cnpj, "CNPJWS", outcome, now);
        // Where no limit is stored (the stock command line alone has run), there is nothing to pause.
        const at = new Date(Math.max(turn.at.getTime(), outcome.retryAt.getTime()));
        await putOff(client, job, context, { ...turn, at });
      });
    case "UNAVAILABLE":
      await context.transaction("Serviço de consulta fora do ar", async (client) => {
        const now = context.services.clock();
        await noteAnswer(client, bucket, now, false);
        await keepAnswer(client, job.cnpj, "CNPJWS", outcome, now);
      });
      throw new Error(
        `CNPJ.ws did not answer: ${outcome.cause}. ${
          context.isLastAttempt
            ? "The job is given up: retry it when the service answers again."
            : "The job is tried again later."
        }`,
      );
  }
}

async function store(
  cnpj: string,
  source: "MIRROR" | "CNPJWS",
  outcome: StorableOutcome,
  context: TaskContext,
): Promise<void> {
  await context.transaction("Resposta do cadastro de empresas", async (client) => {
    const now = context.services.clock();
    if (source === "CNPJWS") await noteAnswer(client, context.services.buckets.CNPJWS, now, true);
    await keepAnswer(client, cnpj, source, outcome, now);
    await storeCompany(client, cnpj, source, outcome, now);
    await wake(client, cnpj, context);
  });
  context.logger.info({ source, outcome: outcome.kind }, "supplier looked up");
}

/** The claim goes first: who still holds it has committed before the expenses are read, who comes later enqueues anew. */
async function wake(client: pg.ClientBase, cnpj: string, context: TaskContext): Promise<void> {
  await releaseClaim(client, "cnpj_lookup", cnpj);
  await wakeExpenses(client, { kind: "COMPANY", cnpj }, requestId(context));
}

async function nextTurn(
  client: pg.ClientBase,
  { cnpj, slotAt }: Payload,
  { services: { clock, buckets }, envelope }: TaskContext,
): Promise<Turn> {
  const now = clock();
  if (slotAt && (await isReservedNow(client, buckets.CNPJWS, now, slotAt))) {
    return { at: now, cause: null, requests: 1, place: null };
  }
  const asker = {
    jobId: envelope?.jobId,
    organizationId: envelope?.organizationId,
    subject: cnpj,
  };
  return takeTurn(client, buckets.CNPJWS, now, asker, 1);
}

async function putOff(
  client: pg.ClientBase,
  job: Payload,
  context: TaskContext,
  turn: Turn,
): Promise<void> {
  await releaseClaim(client, "cnpj_lookup", job.cnpj);
  await claimAndEnqueue(client, [
    {
      task: "cnpj_lookup",
      subject: job.cnpj,
      payload: { cnpj: job.cnpj },
      runAt: turn.at,
      waitingFor: waitingForProvider("CNPJ.ws", turn, context.services.clock()),
      organizationId: context.envelope?.organizationId,
      batchId: context.envelope?.batchId,
      requestId: requestId(context),
      startTag: context.envelope?.startTag,
      place: turn.place,
    },
  ]);
  await context.leaveQueue(client);
}

function requestId(context: TaskContext): string | undefined {
  return context.envelope?.requestId ?? undefined;
}

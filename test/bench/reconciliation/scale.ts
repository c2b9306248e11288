import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { z } from "zod";
import { transaction } from "../../../src/database/actor.ts";
import { enqueueReconciliations } from "../../../src/reconciliation/enqueue-reconciliations.ts";
import type { Installation } from "../installation.ts";
import { type SeededCondominium, seedMonths } from "./seed-months.ts";

export interface ScaleFigures {
  condominiums: number;
  transactions: number;
  expenses: number;
  processes: number;
  /** Loading and matching, nothing stored. */
  matching: { seconds: number; microsecondsEach: number; found: Found };
  /** From the first job to the last: loaded, matched, stored and recorded in the log, with signed intents. */
  storing: { seconds: number; microsecondsEach: number; stored: Stored };
}

interface Stored {
  payments: number;
  refunds: number;
  verdicts: number;
  reviews: number;
  paidExpenses: number;
  auditRecords: number;
}

const foundShape = z.object({ payments: z.number(), refunds: z.number(), reviews: z.number() });
type Found = z.infer<typeof foundShape>;

/** Jobs are asked for in so many transactions' worth, as batches would. */
const ENQUEUED_AT_ONCE = 500;

/** Reconciles that many condominiums with `each` expenses and as many transactions each, twice: without storing, and as jobs. */
export async function measureScale(
  installation: Installation,
  condominiums: number,
  each: number,
  processes: number,
): Promise<ScaleFigures> {
  const seeded = await seedMonths(installation, condominiums, each);
  const watch = await installation.connect("superuser");
  const transactions = await count(watch, "blindagem.bank_transactions");
  const perTransaction = (seconds: number) => Math.round((seconds * 1e6) / transactions);

  const matched = await match(installation, seeded, processes);
  const before = await count(watch, "blindagem_audit.audit_log_immutable");
  const seconds = await store(installation, watch, seeded, processes);
  return {
    condominiums,
    transactions,
    expenses: await count(watch, "blindagem.expenses"),
    processes,
    matching: { ...matched, microsecondsEach: perTransaction(matched.seconds) },
    storing: {
      seconds,
      microsecondsEach: perTransaction(seconds),
      stored: {
        payments: await count(watch, "blindagem.payments"),
        refunds: await count(watch, "blindagem.refunds"),
        verdicts: await count(watch, "blindagem.movement_verdicts"),
        reviews: await count(watch, "blindagem.reviews"),
        paidExpenses: await count(watch, "blindagem.expenses where payment_status <> 'UNPAID'"),
        auditRecords: (await count(watch, "blindagem_audit.audit_log_immutable")) - before,
      },
    },
  };
}

/** Loads and matches in so many processes at once, each its share of the condominiums. */
async function match(
  installation: Installation,
  seeded: readonly SeededCondominium[],
  processes: number,
): Promise<{ seconds: number; found: Found }> {
  const started = performance.now();
  const found = await Promise.all(
    Array.from({ length: processes }, (_, place) =>
      matchingProcess(
        installation.url("worker"),
        seeded.filter((_, at) => at % processes === place).map((one) => one.condominiumId),
      ),
    ),
  );
  const seconds = elapsed(started);
  const sum = (of: keyof Found) => found.reduce((total, one) => total + one[of], 0);
  return {
    seconds,
    found: { payments: sum("payments"), refunds: sum("refunds"), reviews: sum("reviews") },
  };
}

async function matchingProcess(url: string, ids: readonly string[]): Promise<Found> {
  const file = fileURLToPath(new URL("./matching-process.ts", import.meta.url));
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(ids.join("\n"));
  let output = "";
  for await (const chunk of child.stdout) output += chunk;
  return foundShape.parse(JSON.parse(output));
}

/** @returns seconds from the first job asked for to the last one done, by so many worker processes */
async function store(
  installation: Installation,
  watch: pg.Client,
  seeded: readonly SeededCondominium[],
  processes: number,
): Promise<number> {
  for (let started = 0; started < processes; started += 1) await installation.start("worker");
  const client = await installation.connect("worker");
  const started = performance.now();
  for (let from = 0; from < seeded.length; from += ENQUEUED_AT_ONCE) {
    await transaction(
      client,
      installation.attest,
      { id: "command:bench", role: "worker", reason: "Medição" },
      () => enqueueReconciliations(client, seeded.slice(from, from + ENQUEUED_AT_ONCE)),
    );
  }
  const jobs = `graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier = 'reconcile'`;
  while (
    (await count(watch, `${jobs} and (attempts < max_attempts or locked_at is not null)`)) > 0
  ) {
    await pause(100);
  }
  const seconds = elapsed(started);
  const failed = await count(watch, jobs);
  if (failed > 0) throw new Error(`${failed} jobs failed.`);
  return seconds;
}

async function count(client: pg.Client, rows: string): Promise<number> {
  const { rows: counted } = await client.query<{ count: number }>(
    `select count(*)::int as count from ${rows}`,
  );
  return counted[0]?.count ?? 0;
}

function elapsed(started: number): number {
  return Math.round(performance.now() - started) / 1000;
}

import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Child } from "../../../src/start/child.ts";
import type { Installation } from "../installation.ts";
import { processorMs, sessionsMs } from "./processor-time.ts";
import { makeRows, submit } from "./submitting.ts";
import { createTenants, seedSuppliers, type Tenant } from "./tenants.ts";

export interface ThroughputOptions {
  condominiums: number;
  /** Expenses of each condominium. */
  each: number;
  suppliers: number;
  /** Worker processes. */
  workers: number;
  /** Batches handed in at once. */
  submitters: number;
  /** Whether the sealing process runs beside them. */
  sealing: boolean;
}

export interface ThroughputFigures {
  expenses: number;
  /** From the first submit to the last decision. */
  seconds: number;
  expensesPerSecond: number;
  /** From the first submit to the last batch that was taken. */
  submittedSeconds: number;
  submitP50Ms: number;
  submitP99Ms: number;
  auditRecords: number;
  /** The longest that a record waited for its seal; null without sealing. */
  worstMergeDelaySeconds: number | null;
  workerPeakMb: number;
  /** Processor time by expense, of PostgreSQL's sessions and of the platform's processes: it does not depend on what else runs. */
  processorMicroseconds: Record<string, number>;
  decisions: Record<string, number>;
}

const CONDOMINIUMS_PER_TENANT = 100;

/** Hands in `condominiums` x `each` expenses in batches of 1,000 and waits until the last is decided. */
export async function measureThroughput(
  installation: Installation,
  options: ThroughputOptions,
): Promise<ThroughputFigures> {
  await seedSuppliers(installation, options.suppliers);
  const tenantCount = Math.ceil(options.condominiums / CONDOMINIUMS_PER_TENANT);
  const names = Array.from({ length: tenantCount }, (_, number) => `Administradora ${number}`);
  const tenants = await createTenants(
    installation,
    names,
    Math.min(CONDOMINIUMS_PER_TENANT, options.condominiums),
  );
  const batches = tenants.flatMap((tenant, number) =>
    inBatches(tenant, `T${number}`, options.each, options.suppliers),
  );
  const workers: Child[] = [];
  for (let count = 0; count < options.workers; count += 1) {
    workers.push(await installation.start("worker"));
  }
  const sealer = options.sealing ? await installation.start("seal") : undefined;
  const watch = await installation.connect("superuser");
  // What was made to begin with is not part of the measurement.
  await watch.query("vacuum analyze");
  while (options.sealing && (await waitsForSeal(watch)) > 0) await pause(100);

  const spent = async () => {
    const ofWorkers = await Promise.all(workers.map(({ pid }) => processorMs(pid)));
    return {
      ...(await sessionsMs(watch)),
      "worker's process": ofWorkers.reduce((sum, each) => sum + each, 0),
      ...(sealer && { "sealing process": await processorMs(sealer.pid) }),
    };
  };
  const spentBefore: Record<string, number> = await spent();
  const started = performance.now();
  let open = true;
  let worstDelay = 0;
  let peak = 0;
  const watching = (async () => {
    const own = await installation.connect("superuser");
    while (open) {
      if (options.sealing) worstDelay = Math.max(worstDelay, await waitsForSeal(own));
      for (const { pid } of workers) peak = Math.max(peak, await residentMb(pid));
      await pause(200);
    }
  })();
  let times: number[];
  let submittedSeconds: number;
  let seconds: number;
  try {
    times = await handIn(installation, batches, options.submitters);
    submittedSeconds = (performance.now() - started) / 1000;
    await untilAllDecided(watch);
    seconds = (performance.now() - started) / 1000;
  } finally {
    open = false;
    await watching;
  }

  const spentAfter = await spent();
  const decisions = await watch.query<{ status: string; count: number }>(
    "select status, count(*)::int as count from blindagem.expenses group by status order by status",
  );
  const records = await watch.query<{ count: number }>(
    "select count(*)::int as count from blindagem_audit.audit_log_immutable where entity_type <> 'condominiums'",
  );
  const expenses = options.condominiums * options.each;
  return {
    expenses,
    seconds: round(seconds),
    expensesPerSecond: Math.round(expenses / seconds),
    submittedSeconds: round(submittedSeconds),
    submitP50Ms: Math.round(quantile(times, 0.5)),
    submitP99Ms: Math.round(quantile(times, 0.99)),
    auditRecords: records.rows[0]?.count ?? 0,
    worstMergeDelaySeconds: options.sealing ? round(worstDelay) : null,
    workerPeakMb: Math.round(peak),
    processorMicroseconds: Object.fromEntries(
      Object.entries(spentAfter).map(([who, ms]) => [
        who,
        Math.round(((ms - (spentBefore[who] ?? 0)) * 1000) / expenses),
      ]),
    ),
    decisions: Object.fromEntries(decisions.rows.map(({ status, count }) => [status, count])),
  };
}

interface Batch {
  tenant: Tenant;
  rows: string;
}

/** Batches of at most 1,000 rows. */
function inBatches(tenant: Tenant, name: string, each: number, suppliers: number): Batch[] {
  const perBatch = Math.max(1, Math.floor(1000 / each));
  const batches: Batch[] = [];
  for (let from = 0; from < tenant.condominiums.length; from += perBatch) {
    const part = tenant.condominiums.slice(from, from + perBatch);
    batches.push({ tenant, rows: makeRows(`${name}-${from}`, part, each, suppliers) });
  }
  return batches;
}

async function handIn(
  installation: Installation,
  batches: readonly Batch[],
  submitters: number,
): Promise<number[]> {
  const waiting = batches[Symbol.iterator]();
  const times = await Promise.all(
    Array.from({ length: submitters }, async () => {
      const client = await installation.connect("authenticator");
      const own: number[] = [];
      for (const { tenant, rows } of waiting) own.push(await submit(client, tenant, rows));
      return own;
    }),
  );
  return times.flat();
}

/** Looks at one batch after the other: to look at all of them each time took a tenth of the machine. */
async function untilAllDecided(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    "select id::text from blindagem.expense_batches order by id",
  );
  for (const { id } of rows) {
    const isPending = async () => {
      const { rowCount } = await client.query(
        "select from blindagem.expenses where batch_id = $1 and status = 'PENDING' limit 1",
        [id],
      );
      return (rowCount ?? 0) > 0;
    };
    while (await isPending()) await pause(100);
  }
}

/** Seconds for which the oldest record has waited for its seal. */
async function waitsForSeal(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ seconds: number }>(
    `select coalesce(extract(epoch from clock_timestamp() - min(recorded_at)), 0)::float8 as seconds
     from (select recorded_at from blindagem_audit.pending_records order by first_record_id limit 100) as oldest`,
  );
  return rows[0]?.seconds ?? 0;
}

async function residentMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

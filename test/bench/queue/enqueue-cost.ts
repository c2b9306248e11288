import type pg from "pg";
import type { Installation } from "../installation.ts";
import { makeRows, submit } from "./submitting.ts";
import { createTenants, seedSuppliers } from "./tenants.ts";

export interface EnqueueCost {
  batches: number;
  /** A batch of 990 expenses: rows, payables, records of the log, jobs. */
  submitMs: number;
  /** `graphile_worker.add_jobs` of as many jobs, and an insert of as many rows of as many bytes into a table with a key. */
  bareMs: number;
  ratio: number;
}

const CONDOMINIUMS = 33;
const EACH = 30;

/** What a batch costs beside what cannot be saved: the median of both, taken in turns in one run. */
export async function measureEnqueueCost(installation: Installation): Promise<EnqueueCost> {
  await seedSuppliers(installation, 1000);
  const [tenant] = await createTenants(installation, ["Custo"], CONDOMINIUMS);
  if (!tenant) throw new Error("No tenant was made.");
  const api = await installation.connect("authenticator");
  const worker = await installation.connect("worker");
  const owner = await installation.connect("migrator");
  await owner.query(
    "create table public.bare_expenses (id bigint generated always as identity primary key, content text)",
  );
  await owner.query("grant select, insert on public.bare_expenses to public");
  const submits: number[] = [];
  const bares: number[] = [];
  const batches = 30;
  for (let batch = 0; batch < batches; batch += 1) {
    const rows = makeRows(`cost-${batch}`, tenant.condominiums, EACH, 1000);
    submits.push(await submit(api, tenant, rows));
    bares.push(await bare(worker, rows));
  }
  const submitMs = median(submits);
  const bareMs = median(bares);
  return { batches, submitMs, bareMs, ratio: Math.round((submitMs / bareMs) * 100) / 100 };
}

async function bare(client: pg.Client, rows: string): Promise<number> {
  const started = performance.now();
  await client.query("begin");
  await client.query(
    "insert into public.bare_expenses (content) select r::text from jsonb_array_elements($1::jsonb) as r",
    [rows],
  );
  await client.query(
    `select count(*) from graphile_worker.add_jobs(array(
       select row('validate_expenses', json_build_object('expenseIds', json_build_array(n::text)), null, now(), 10, null, 0::smallint, null)::graphile_worker.job_spec
       from generate_series(1, $1) as n))`,
    [CONDOMINIUMS * EACH],
  );
  await client.query("commit");
  const elapsed = performance.now() - started;
  await client.query("delete from graphile_worker._private_jobs where payload->'envelope' is null");
  return elapsed;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? Number.NaN) * 10) / 10;
}

import { cpus } from "node:os";
import { startApi } from "../api.ts";
import type { Installation } from "../installation.ts";
import { createTenants, makeOperator, type Tenant } from "./tenants.ts";
import { measureThroughput, quantile } from "./throughput.ts";

export interface HistoryCost {
  /** Rows of minutes, of 100 organizations and the platform. */
  rows: number;
  /** Slowest of the polls, by query and who asks, over HTTP. */
  slowestMs: Record<string, number>;
  medianMs: Record<string, number>;
  /** One poll of all of a dashboard's queries each second, as a share of the machine: of each second of each core. */
  pollingPercent: Record<string, number>;
  /** Of the time of all statements while 30,000 expenses are submitted and decided: what writes the history. */
  writingPercent: number;
}

const ORGANIZATIONS = 100;
const POLLS = 30;
const EXPENSES = { condominiums: 1000, each: 30, suppliers: 20_000, workers: 1, submitters: 2 };
/** The API's limits ask for pages. */
const PAGE = "first: 100, orderBy: MINUTE_DESC";
const FIGURES = "nodes { minute task started finished failed dead waitP95Ms runP95Ms }";
const DASHBOARD = {
  lastHour: `query ($since: Datetime, $of: BigInt) {
    queueFigures(${PAGE}, filter: {minute: {greaterThan: $since}, organizationId: {equalTo: $of}}) { ${FIGURES} } }`,
  oneTask: `query ($since: Datetime, $of: BigInt) {
    queueFigures(${PAGE}, filter: {task: {equalTo: "validate_expenses"}, minute: {greaterThan: $since}, organizationId: {equalTo: $of}}) { ${FIGURES} } }`,
  now: "{ queueNows { nodes { task waiting scheduled running oldestWaitingSince failedLastHour deadLastHour } } }",
};

/** Settings that the installation of this measurement needs: without them nobody knows what a statement took. */
export const HISTORY_SETTINGS = { shared_preload_libraries: "pg_stat_statements" };

/** What a dashboard costs that asks every second, when the history is long, and what writing the history costs. */
export async function measureHistory(
  installation: Installation,
  rows: number,
): Promise<HistoryCost> {
  const owner = await installation.connect("superuser");
  await owner.query("create schema bench_statistics");
  await owner.query("create extension pg_stat_statements schema bench_statistics");
  await measureThroughput(installation, { ...EXPENSES, sealing: true });
  const writingPercent = await shareOfHistory(owner);
  const names = Array.from({ length: ORGANIZATIONS }, (_, number) => `Painel ${number}`);
  const tenants = await createTenants(installation, names, 1);
  await fill(owner, tenants, rows);
  await makeOperator(installation, "operator");
  const api = await startApi(installation);
  try {
    const askers = {
      operator: { token: await api.token({ subject: "operator", role: "operator" }), of: "0" },
      admin: await adminOf(tenants[0], api.token),
    };
    const slowestMs: Record<string, number> = {};
    const medianMs: Record<string, number> = {};
    const pollingPercent: Record<string, number> = {};
    for (const [asker, { token, of }] of Object.entries(askers)) {
      let poll = 0;
      for (const [name, query] of Object.entries(DASHBOARD)) {
        const times: number[] = [];
        for (let turn = 0; turn < POLLS; turn++) {
          const since = new Date(Date.now() - 3_600_000).toISOString();
          times.push((await api.ask(token, query, name === "now" ? {} : { since, of })).ms);
        }
        slowestMs[`${name}: ${asker}`] = tenths(Math.max(...times));
        medianMs[`${name}: ${asker}`] = tenths(quantile(times, 0.5));
        poll += quantile(times, 0.5);
      }
      pollingPercent[asker] = tenths((poll / (1000 * cpus().length)) * 100);
    }
    return { rows, slowestMs, medianMs, pollingPercent, writingPercent };
  } finally {
    await api.close();
  }
}

async function adminOf(
  tenant: Tenant | undefined,
  token: (subject: { subject: string; role: "admin"; organizationId: string }) => Promise<string>,
): Promise<{ token: string; of: string }> {
  if (!tenant) throw new Error("No tenants were made.");
  const { organizationId } = tenant;
  return {
    token: await token({ subject: "admin Painel 0", role: "admin", organizationId }),
    of: organizationId,
  };
}

/** Minutes up to now, of each organization and the platform, ten tasks each. */
async function fill(
  owner: Awaited<ReturnType<Installation["connect"]>>,
  tenants: readonly Tenant[],
  rows: number,
): Promise<void> {
  await owner.query(
    `insert into blindagem_private.job_minutes (organization_id, minute, task, shard, started, finished, wait_ms, run_ms, wait_histogram, run_histogram)
     select o, date_trunc('minute', now()) - m * interval '1 minute', t.name, 1, 4, 4, 400, 4000, '{0,0,1,2,1}', '{0,0,0,0,2,1,1}'
     from generate_series(0, $2::int) as m
     cross join unnest($1::bigint[]) as o
     cross join (select name from blindagem_private.tasks order by name limit 10) as t
     on conflict do nothing`,
    [
      ["0", ...tenants.map(({ organizationId }) => organizationId)],
      Math.ceil(rows / (10 * (tenants.length + 1))) - 1,
    ],
  );
  await owner.query("vacuum analyze blindagem_private.job_minutes");
}

async function shareOfHistory(
  owner: Awaited<ReturnType<Installation["connect"]>>,
): Promise<number> {
  const { rows } = await owner.query<{ percent: number }>(
    `select 100 * sum(total_exec_time) filter (where query like '%job_minutes as m%') / sum(total_exec_time) as percent
     from bench_statistics.pg_stat_statements s join pg_roles r on r.oid = s.userid where r.rolname like 'blindagem%'`,
  );
  return tenths(rows[0]?.percent ?? Number.NaN);
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

import { Logger, run } from "graphile-worker";
import pg from "pg";
import type { Installation } from "../installation.ts";

export interface BareRates {
  jobs: number;
  /** Graphile Worker as it comes: one job at a time for each of 4 runners. */
  plainPerSecond: number;
  /** With a local queue of 500 and batched completion. */
  batchedPerSecond: number;
  /** `select … for update skip locked limit 1` and one update per job, 4 sessions: what the platform replaces. */
  pollerPerSecond: number;
}

/** How fast jobs that do nothing go through, by three ways, on the same server. */
export async function measureBareRates(
  installation: Installation,
  jobs: number,
): Promise<BareRates> {
  const pool = new pg.Pool({ connectionString: installation.url("worker"), max: 20 });
  pool.on("error", reject);
  pool.on("connect", (client) => client.on("error", reject));
  try {
    return {
      jobs,
      plainPerSecond: await libraryRate(pool, jobs, {}),
      batchedPerSecond: await libraryRate(pool, jobs, {
        worker: {
          localQueue: { size: 500 },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        },
      }),
      pollerPerSecond: await pollerRate(installation, jobs),
    };
  } finally {
    await pool.end();
  }
}

async function libraryRate(
  pool: pg.Pool,
  jobs: number,
  preset: GraphileConfig.Preset,
): Promise<number> {
  await pool.query(
    `select count(*) from graphile_worker.add_jobs(array(
       select row('bench_nothing', '{}'::json, null, now(), 1, null, 0::smallint, null)::graphile_worker.job_spec
       from generate_series(1, $1)))`,
    [jobs],
  );
  let done = 0;
  const started = performance.now();
  await new Promise<void>((resolve, reject) => {
    const runner = run({
      pgPool: pool,
      concurrency: 4,
      noHandleSignals: true,
      parsedCronItems: [],
      logger: new Logger(() => () => undefined),
      preset,
      taskList: {
        bench_nothing: () => {
          done += 1;
          if (done === jobs) {
            runner.then((started) => started.stop()).then(resolve, reject);
          }
        },
      },
    });
    runner.catch(reject);
  });
  return Math.round((jobs * 1000) / (performance.now() - started));
}

async function pollerRate(installation: Installation, jobs: number): Promise<number> {
  const owner = await installation.connect("migrator");
  await owner.query(
    "create table public.polled_jobs (id bigint generated always as identity primary key, state text not null default 'waiting')",
  );
  await owner.query("create index on public.polled_jobs (id) where state = 'waiting'");
  await owner.query(
    "insert into public.polled_jobs (state) select 'waiting' from generate_series(1, $1)",
    [jobs],
  );
  await owner.query("grant select, update on public.polled_jobs to public");
  const started = performance.now();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const client = await installation.connect("worker");
      for (;;) {
        await client.query("begin");
        const { rows } = await client.query<{ id: string }>(
          "select id from public.polled_jobs where state = 'waiting' order by id limit 1 for update skip locked",
        );
        const id = rows[0]?.id;
        if (id !== undefined) {
          await client.query("update public.polled_jobs set state = 'done' where id = $1", [id]);
        }
        await client.query("commit");
        if (id === undefined) break;
      }
    }),
  );
  const rate = Math.round((jobs * 1000) / (performance.now() - started));
  await owner.query("drop table public.polled_jobs");
  return rate;
}

/** A connection that breaks ends the measurement. */
function reject(error: Error): never {
  throw error;
}

import { Logger as GraphileLogger, run, type TaskList } from "graphile-worker";
import type { TestDatabase } from "../database/test-database.ts";
import { nextTurn } from "../queue/next-turn.ts";
import { waitFor } from "../wait-for.ts";

/** Time that stands still while anything runs: a request on its way takes none of it. */
export interface VirtualTime {
  clock(): Date;
  /** As the service of that name: resolves when `runVirtually` has come to that time. */
  waitUntil(at: Date): Promise<void>;
  waiting: { at: Date; go(): void }[];
  moveTo(at: Date): void;
}

export function virtualTime(start: Date): VirtualTime {
  let now = start;
  const time: VirtualTime = {
    clock: () => now,
    waiting: [],
    waitUntil: (at) =>
      at <= now
        ? Promise.resolve()
        : new Promise((go) => {
            time.waiting.push({ at, go });
          }),
    moveTo(at) {
      now = at;
      const due = time.waiting.filter((each) => each.at <= now);
      time.waiting = time.waiting.filter((each) => each.at > now);
      for (const { go } of due) go();
    },
  };
  return time;
}

/**
 * Runs a task's jobs in several pools of workers until none is left. Whenever all that run wait, time goes on to what
 * comes first: one of those waits, or a job's turn, which begins now at once, now a second late.
 */
export async function runVirtually(
  database: TestDatabase,
  time: VirtualTime,
  taskList: TaskList,
  { pools, concurrency }: { pools: number; concurrency: number },
): Promise<void> {
  const worker = database.pool("worker");
  const queue = async () => {
    const { rows } = await worker.query<{ locked: number; due: number }>(
      `select count(*) filter (where j.locked_at is not null)::int as locked,
         count(*) filter (where j.locked_at is null and j.run_at <= now() and j.attempts < j.max_attempts)::int as due
       from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
       where t.identifier = any ($1)`,
      [Object.keys(taskList)],
    );
    return rows[0] ?? { locked: 0, due: 0 };
  };
  const runners = await Promise.all(
    Array.from({ length: pools }, () =>
      run({
        connectionString: database.url("worker"),
        concurrency,
        maxPoolSize: concurrency + 2,
        taskList,
        pollInterval: 20,
        parsedCronItems: [],
        logger: new GraphileLogger(() => () => undefined),
        noHandleSignals: true,
      }),
    ),
  );
  try {
    for (let steps = 0; ; steps++) {
      await waitFor("all that run to wait", async () => {
        const seen = await queue();
        const noneBegins = seen.due === 0 || seen.locked === pools * concurrency;
        return seen.locked === time.waiting.length && noneBegins && seen;
      });
      const times = time.waiting.map(({ at }) => at.getTime());
      const until = times.length > 0 ? new Date(Math.min(...times)) : undefined;
      const next = await nextTurn(worker, time.clock(), until);
      if (next) times.push(next.getTime() + (steps % 2) * 1_000);
      if (times.length === 0) return;
      time.moveTo(new Date(Math.max(time.clock().getTime(), Math.min(...times))));
      await worker.query(
        "update graphile_worker._private_jobs set run_at = now() where run_at <= $1 and run_at > now()",
        [time.clock()],
      );
    }
  } finally {
    await Promise.all(runners.map((runner) => runner.stop()));
  }
}

import { enqueueJobs, type NewJob } from "../../src/queue/enqueue.ts";
import type { TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";

export async function enqueue(database: TestDatabase, ...jobs: NewJob[]): Promise<void> {
  const client = await database.pool("worker").connect();
  try {
    await enqueueJobs(client, jobs);
  } finally {
    client.release();
  }
}

export interface JobState {
  state: string;
  attempts: number;
  deaths: number;
  fence: number;
}

/** What the records say of a task's jobs, the oldest first. */
export async function jobStates(database: TestDatabase, task: string): Promise<JobState[]> {
  const { rows } = await database
    .pool("worker")
    .query<JobState>(
      "select state, attempts, deaths, fence from blindagem_private.job_records where task = $1 order by id",
      [task],
    );
  return rows;
}

/** Waits until each of a task's jobs is in one of these states. */
export async function untilAll(
  database: TestDatabase,
  task: string,
  ...states: string[]
): Promise<void> {
  await waitFor(`all ${task} to be ${states.join(" or ")}`, async () =>
    (await jobStates(database, task)).every(({ state }) => states.includes(state)),
  );
}

/** How many answers of the registry were stored for a CNPJ. */
export async function answersOn(database: TestDatabase, cnpj: string): Promise<number> {
  const { rows } = await database
    .pool("worker")
    .query<{ count: number }>(
      "select count(*)::int as count from blindagem_private.company_answers where cnpj = $1",
      [cnpj],
    );
  return rows[0]?.count ?? 0;
}

/** The library's rows of the tasks' jobs, as it locks them; a worker's process has jobs of the clock as well. */
export async function locks(
  database: TestDatabase,
  ...tasks: string[]
): Promise<{ locked: boolean; attempts: number }[]> {
  const { rows } = await database.pool("worker").query<{ locked: boolean; attempts: number }>(
    `select locked_by is not null as locked, attempts from graphile_worker.jobs
       where task_identifier = any ($1) order by id`,
    [tasks],
  );
  return rows;
}

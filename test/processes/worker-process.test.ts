import { createServer, type Server, type ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { type CliProcess, runCli, startCli } from "../cli-process.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue } from "../tasks/task-run.ts";
import { waitFor } from "../wait-for.ts";

const CNPJS = ["11222333000181", "11444777000161"];

let database: TestDatabase;
let registry: Server;
let registryUrl: string;
/** Look-ups that wait for the test to answer. */
let held: ServerResponse[] = [];
let worker: CliProcess | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  registry = createServer((_, response) => void held.push(response));
  await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  const address = registry.address();
  registryUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});
afterAll(async () => {
  registry.closeAllConnections();
  await new Promise((resolve) => registry.close(resolve));
  await database.drop();
});
beforeEach(async () => {
  held = [];
  await emptyQueue(database);
  await database.pool("worker").query("delete from blindagem_private.job_records");
  await database
    .pool("worker")
    .query("update blindagem.companies set fetched_at = fetched_at - interval '1 year'");
});
afterEach(async () => {
  worker?.process.kill("SIGKILL");
  await worker?.exited;
  worker = undefined;
});

async function start(channel = false): Promise<CliProcess> {
  worker = startCli(["worker"], {
    environment: {
      WORKER_DATABASE_URL: database.url("worker"),
      CNPJWS_URL: registryUrl,
      CNPJWS_PER_MINUTE: "6000",
      PROVIDER_CONCURRENCY: "1",
    },
    channel,
  });
  const started = worker;
  await waitFor("the worker to be ready", () => started.stderr().includes("worker ready"));
  return started;
}

/** Two look-ups, of which the worker asks one at a time. */
async function lookUpTwo(): Promise<void> {
  const client = await database.pool("worker").connect();
  await enqueueJobs(
    client,
    CNPJS.map((cnpj) => ({ task: "cnpj_lookup", payload: { cnpj } })),
  );
  client.release();
  await waitFor("the registry to be asked", () => held.length === 1);
}

function answer(): void {
  held[0]?.writeHead(404, { "content-type": "application/json" }).end("{}");
}

/** Of the look-ups; the clock's jobs come and go beside them. */
async function states(): Promise<string[]> {
  const { rows } = await database
    .pool("worker")
    .query<{ state: string }>(
      "select state from blindagem_private.job_records where task = 'cnpj_lookup' order by id",
    );
  return rows.map(({ state }) => state);
}

describe("a worker process", () => {
  it("finishes its running job after SIGTERM, takes no other, and ends well", async () => {
    const { process: child, exited, stderr } = await start();
    await lookUpTwo();
    child.kill("SIGTERM");
    await waitFor("the worker to be stopping", () => stderr().includes("worker stopping"));
    expect(child.exitCode).toBeNull();
    answer();
    expect(await exited).toBe(0);
    expect(held).toHaveLength(1);
    expect(await states()).toEqual(["FINISHED", "WAITING"]);
    const { rows } = await database
      .pool("worker")
      .query(
        "select locked_by, attempts from graphile_worker.jobs where task_identifier = 'cnpj_lookup'",
      );
    expect(rows).toEqual([{ locked_by: null, attempts: 0 }]);
  });

  it("ends at once at the second signal", async () => {
    const { process: child, exited, stderr } = await start();
    await lookUpTwo();
    child.kill("SIGINT");
    await waitFor("the worker to be stopping", () => stderr().includes("worker stopping"));
    child.kill("SIGINT");
    expect(await exited).toBe(130);
  });

  it("finishes and ends when the process that started it is gone", async () => {
    const { process: child, exited, stderr } = await start(true);
    await lookUpTwo();
    child.disconnect();
    await waitFor("the worker to be stopping", () => stderr().includes("worker stopping"));
    answer();
    expect(await exited).toBe(0);
    expect(await states()).toEqual(["FINISHED", "WAITING"]);
  });

  it("ends with a fault when the end of a job cannot be noted, so that it is started again", async () => {
    const { exited } = await start();
    const owner = await database.pool("migrator").connect();
    try {
      await owner.query(`set role ${database.prefix}_queue`);
      await owner.query(
        `create function pg_temp.refuse() returns trigger language plpgsql as $$
           begin
             if old.task_id = (select id from graphile_worker._private_tasks where identifier = 'cnpj_lookup') then
               raise 'no';
             end if;
             return old;
           end
         $$`,
      );
      await owner.query(
        `create trigger refuse before delete on graphile_worker._private_jobs
         for each row execute function pg_temp.refuse()`,
      );
      await lookUpTwo();
      answer();
      expect(await exited).toBe(1);
    } finally {
      // The function goes with its session, and the trigger with the function.
      owner.release(true);
      await waitFor("the trigger to be gone", async () => {
        const { rowCount } = await database
          .pool("migrator")
          .query("select from pg_trigger where tgname = 'refuse'");
        return rowCount === 0;
      });
    }
  });

  it("writes JSON lines with the job's id, and nothing of what it looked up", async () => {
    const { stderr } = await start();
    await lookUpTwo();
    answer();
    const line = await waitFor("the line of the look-up", () =>
      stderr()
        .split("\n")
        .find((text) => text.includes("supplier looked up")),
    );
    expect(JSON.parse(line)).toMatchObject({
      level: 30,
      task: "cnpj_lookup",
      jobId: expect.stringMatching(/^\d+$/),
      outcome: "NOT_FOUND",
    });
    expect(stderr()).not.toContain(CNPJS[0]);
  });

  it("says which variables are missing, and ends with status 1", async () => {
    const { status, stderr } = await runCli(["worker"], { environment: {} });
    expect(status).toBe(1);
    expect(stderr).toContain("WORKER_DATABASE_URL");
  });
});

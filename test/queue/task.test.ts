import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { TaskList } from "graphile-worker";
import { z } from "zod";
import { holdClaim } from "../../src/queue/claim.ts";
import { releaseClaim } from "../../src/queue/enqueue.ts";
import { defineTask, type TaskContext } from "../../src/queue/task.ts";
import { useServices } from "../../src/services.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "../tasks/task-run.ts";

const clock = () => new Date("2026-11-05T15:00:00Z");
const schema = z.object({
  cnpj: z.string().regex(/^\d{14}$/),
  amount: z.int().max(10).default(1),
});

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  useServices(servicesOf({ clock }));
});
afterAll(() => database.drop());
beforeEach(() => emptyQueue(database));

/** Runs one job with that payload through a task that hands its context to `use`. */
async function run(
  payload: unknown,
  use: (payload: z.infer<typeof schema>, context: TaskContext) => Promise<void>,
  maxAttempts = 10,
): Promise<void> {
  const tasks: TaskList = { cnpj_lookup: defineTask("cnpj_lookup", schema, use) };
  await database
    .pool("worker")
    .query("select graphile_worker.add_job('cnpj_lookup', $1::json, max_attempts := $2)", [
      JSON.stringify(payload),
      maxAttempts,
    ]);
  await runJobs(database, tasks);
}

describe("defineTask", () => {
  it("hands over the checked payload with its defaults, and the envelope", async () => {
    const seen: unknown[] = [];
    const envelope = { jobId: "7", organizationId: "2", batchId: null, requestId: "r-1" };
    await run({ envelope, cnpj: "11222333000181" }, async (payload, context) => {
      seen.push(payload, context.envelope, context.isLastAttempt);
    });
    expect(seen).toEqual([{ cnpj: "11222333000181", amount: 1 }, envelope, false]);
    expect(await queuedJobs(database)).toEqual([]);
  });

  it("fails a job whose payload does not fit, naming the fields and not what stands in them", async () => {
    await run({ cnpj: "529.982.247-25", amount: "987654321" }, async () => {
      throw new Error("must not run");
    });
    const [job] = await queuedJobs(database);
    expect(job?.lastError).toContain("The payload of cnpj_lookup does not fit");
    expect(job?.lastError).toContain("at cnpj");
    expect(job?.lastError).toContain("at amount");
    expect(job?.lastError).not.toMatch(/529|9876/);
  });

  it("survives a message that PostgreSQL refuses", async () => {
    await run({ cnpj: "11222333000181" }, () => Promise.reject(new Error("zero \0 byte")));
    expect(await queuedJobs(database)).toMatchObject([{ lastError: "zero  byte", attempts: 1 }]);
  });

  it("makes its changes in one transaction, which names the task and the job to the audit log", async () => {
    const named: unknown[] = [];
    const envelope = { jobId: "7", requestId: "r-1" };
    await run({ envelope, cnpj: "11222333000181" }, (_, context) =>
      context.transaction("Por quê", async (client) => {
        const { rows } = await client.query(
          `select current_setting('blindagem.actor_id') as actor, current_setting('blindagem.reason') as reason,
             current_setting('blindagem.job_id') as job, current_setting('blindagem.request_id') as request`,
        );
        named.push(...rows);
      }),
    );
    expect(named).toEqual([
      { actor: "system:cnpj_lookup", reason: "Por quê", job: "7", request: "r-1" },
    ]);
  });

  it("takes back what a failing transaction has written, and leaves the connection usable", async () => {
    await run({ cnpj: "11222333000181" }, async (_, context) => {
      const failing = context.transaction("Falha", async (client) => {
        await client.query(
          "insert into blindagem_private.work_claims (task, subject) values ('cnpj_lookup', 'x')",
        );
        throw new Error("half-way");
      });
      await expect(failing).rejects.toThrow("half-way");
      await context.transaction("Depois", (client) => client.query("select 1"));
    });
    expect(await queuedJobs(database)).toEqual([]);
    expect(await claims()).toEqual([]);
  });
});

describe("holdClaim", () => {
  const claim = () =>
    database
      .pool("worker")
      .query(
        "insert into blindagem_private.work_claims (task, subject) values ('cnpj_lookup', 's')",
      );
  const fail = (_: unknown, context: TaskContext) =>
    holdClaim(context, "cnpj_lookup", "s", () => Promise.reject(new Error("the service is down")));

  it("keeps the claim for the next attempt", async () => {
    await claim();
    await run({ cnpj: "11222333000181" }, fail);
    expect(await claims()).toEqual(["s"]);
    expect(await queuedJobs(database)).toMatchObject([{ lastError: "the service is down" }]);
  });

  it("gives it free when the job fails for good, so that it can be asked again", async () => {
    await claim();
    await run({ cnpj: "11222333000181" }, fail, 1);
    expect(await claims()).toEqual([]);
  });

  it("leaves a successful job to release it itself", async () => {
    await claim();
    await run({ cnpj: "11222333000181" }, (_, context) =>
      holdClaim(context, "cnpj_lookup", "s", () =>
        context.transaction("Pronto", (client) => releaseClaim(client, "cnpj_lookup", "s")),
      ),
    );
    expect(await claims()).toEqual([]);
  });
});

async function claims(): Promise<string[]> {
  const { rows } = await database
    .pool("worker")
    .query<{ subject: string }>("select subject from blindagem_private.work_claims");
  return rows.map(({ subject }) => subject);
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import {
  claimAndEnqueue,
  enqueueJobs,
  releaseClaim,
  wakeExpenses,
} from "../../src/queue/enqueue.ts";
import { wakeOverdueExpenses } from "../../src/queue/overdue.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { type Administradora, createAdministradora } from "../tasks/administradora.ts";
import { emptyQueue, queuedJobs } from "../tasks/task-run.ts";

const CNPJ = "11222333000181";
const SHA256 = "d".repeat(64);

let database: TestDatabase;
let house: Administradora;
let client: pg.PoolClient;
beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  client = await database.pool("worker").connect();
});
afterAll(async () => {
  client.release();
  await database.drop();
});
beforeEach(async () => {
  await emptyQueue(database);
  await client.query("delete from blindagem_private.job_records");
});

const reconcile = (subject: string) => ({
  task: "reconcile",
  subject,
  payload: { condominiumId: subject },
});

/** Another worker's connection with an open transaction. */
async function withOther(use: (other: pg.PoolClient) => Promise<void>): Promise<void> {
  const other = await database.pool("worker").connect();
  try {
    await other.query("begin");
    await use(other);
  } finally {
    await other.query("rollback");
    other.release();
  }
}

/** Resolves once a statement of that connection waits for a lock of another. */
async function untilBlocked(blocked: pg.PoolClient & { processID?: number }): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query("select where cardinality(pg_blocking_pids($1)) > 0", [
      blocked.processID,
    ]);
    if (rowCount) return;
  }
}

describe("enqueueJobs", () => {
  it("gives each job its record, its envelope and its task's attempts", async () => {
    const runAt = new Date("2040-01-01T00:00:00Z");
    await enqueueJobs(client, [
      {
        task: "cnpj_lookup",
        payload: { cnpj: CNPJ },
        organizationId: house.organizationId,
        requestId: "req-7",
        runAt,
        waitingFor: "limite",
      },
    ]);
    const { rows } = await client.query(
      `select r.id::text, r.organization_id::text as organization, r.state, r.request_id as request, r.run_at as "runAt",
         j.payload, j.max_attempts as attempts, j.run_at as "jobRunAt", t.max_attempts as "taskAttempts"
       from graphile_worker._private_jobs j
       join blindagem_private.job_records r on r.id = (j.payload->'envelope'->>'jobId')::bigint
       join blindagem_private.tasks t on t.name = r.task`,
    );
    expect(rows).toHaveLength(1);
    const [{ id, attempts, taskAttempts, ...row }] = rows;
    expect(attempts).toBe(taskAttempts);
    expect(row).toEqual({
      organization: house.organizationId,
      state: "WAITING",
      request: "req-7",
      runAt,
      jobRunAt: runAt,
      payload: {
        cnpj: CNPJ,
        envelope: {
          jobId: id,
          organizationId: house.organizationId,
          batchId: null,
          requestId: "req-7",
          startTag: expect.any(Number),
        },
      },
    });
  });

  it("does nothing for no jobs, and refuses a task that nobody runs, with all its company", async () => {
    await enqueueJobs(client, []);
    const { rows } = await client.query("select blindagem_private.enqueue_jobs('[]') as jobs");
    expect(rows).toEqual([{ jobs: 0 }]);
    const jobs = [
      { task: "reconcile", payload: {} },
      { task: "rm_rf", payload: {} },
    ];
    await expect(enqueueJobs(client, jobs)).rejects.toMatchObject({ code: "BLD04" });
    expect(await queuedJobs(database)).toEqual([]);
  });

  it("is taken back with its transaction", async () => {
    await withOther((other) => enqueueJobs(other, [{ task: "reconcile", payload: {} }]));
    expect(await queuedJobs(database)).toEqual([]);
    const { rowCount } = await client.query("select from blindagem_private.job_records");
    expect(rowCount).toBe(0);
  });

  it("is not for requests", async () => {
    const request = house.as("admin", "select blindagem_private.enqueue_jobs('[]')");
    await expect(request).rejects.toMatchObject({ code: "42501" });
  });
});

describe("claimAndEnqueue", () => {
  it("enqueues one job a subject, however often it is asked for, until the claim is released", async () => {
    await claimAndEnqueue(client, [reconcile("1"), reconcile("2"), reconcile("1")]);
    await claimAndEnqueue(client, [reconcile("1"), reconcile("3")]);
    expect((await queuedJobs(database)).map(({ payload }) => payload.condominiumId).sort()).toEqual(
      ["1", "2", "3"],
    );
    await releaseClaim(client, "reconcile", "1");
    await claimAndEnqueue(client, [reconcile("1"), reconcile("2")]);
    expect(await queuedJobs(database)).toHaveLength(4);
  });

  it("claims a subject per task", async () => {
    const lookUp = { task: "cnpj_lookup", subject: "1", payload: {} };
    await claimAndEnqueue(client, [reconcile("1"), lookUp]);
    expect(await queuedJobs(database)).toHaveLength(2);
  });

  it("makes a new job when a claim is released and made again in one transaction", async () => {
    await claimAndEnqueue(client, [reconcile("1")]);
    await client.query("begin");
    await releaseClaim(client, "reconcile", "1");
    await claimAndEnqueue(client, [reconcile("1")]);
    await client.query("commit");
    expect(await queuedJobs(database)).toHaveLength(2);
  });

  it("holds back the job that releases its claim until who found it claimed has committed", async () => {
    await claimAndEnqueue(client, [reconcile("1")]);
    await withOther(async (stores) => {
      await claimAndEnqueue(stores, [reconcile("1")]);
      await withOther(async (job) => {
        const released = releaseClaim(job, "reconcile", "1");
        await untilBlocked(job);
        await stores.query("commit");
        await released;
      });
    });
  });

  it("waits for a job that is releasing the claim, and then makes a new one", async () => {
    await claimAndEnqueue(client, [reconcile("1")]);
    await withOther(async (job) => {
      await releaseClaim(job, "reconcile", "1");
      await withOther(async (stores) => {
        const claimed = claimAndEnqueue(stores, [reconcile("1")]);
        await untilBlocked(stores);
        await job.query("commit");
        await claimed;
        await stores.query("commit");
      });
    });
    expect(await queuedJobs(database)).toHaveLength(2);
  });

  it("never locks up when two ask for the same subjects in another order", async () => {
    const subjects = Array.from({ length: 40 }, (_, index) => reconcile(String(index)));
    const asks = [subjects, subjects.toReversed(), subjects.toReversed(), subjects];
    await Promise.all(
      asks.map(async (jobs) => {
        const other = await database.pool("worker").connect();
        try {
          await claimAndEnqueue(other, jobs);
        } finally {
          other.release();
        }
      }),
    );
    expect(await queuedJobs(database)).toHaveLength(40);
  });
});

describe("wakeExpenses", () => {
  const wake = () => wakeExpenses(client, { kind: "COMPANY", cnpj: CNPJ }, "req-1");
  const woken = async () =>
    (await queuedJobs(database))
      .filter(({ task }) => task === "validate_expenses")
      .flatMap(({ payload }) => payload.expenseIds as string[])
      .sort();

  async function submitTo(status: string, paymentStatus = "UNPAID"): Promise<string> {
    const [id = ""] = await house.submit({ condominium: "SOL" });
    await client.query(
      `update blindagem.expenses set status = $2, payment_status = $3, decided_at = now() where id = $1`,
      [id, status, paymentStatus],
    );
    return id;
  }

  it("makes a job for every 250 expenses of a batch, of each batch its own", async () => {
    const many = await house.submit(...Array.from({ length: 260 }, () => ({ condominium: "SOL" })));
    const few = await house.submit({ condominium: "SOL" }, { condominium: "SOL" });
    await emptyQueue(database);
    expect(await wake()).toBe(3);
    const jobs = await queuedJobs(database);
    const sizes = jobs.map(({ payload }) => (payload.expenseIds as string[]).length);
    expect(sizes.sort((one, other) => one - other)).toEqual([2, 10, 250]);
    expect(await woken()).toEqual([...many, ...few].sort());
    const { rows } = await client.query(
      `select distinct organization_id::text as organization, request_id as request from blindagem_private.job_records
       where task = 'validate_expenses' and request_id is not null`,
    );
    expect(rows).toEqual([{ organization: house.organizationId, request: "req-1" }]);
    await client.query(
      "update blindagem.expenses set status = 'REJECTED' where status = 'PENDING'",
    );
  });

  it("wakes what a company's data can still decide or contradict, and nothing else", async () => {
    const expected = [
      await submitTo("PENDING"),
      await submitTo("APPROVED"),
      await submitTo("APPROVED", "PARTIALLY_PAID"),
      await submitTo("MANUAL_REVIEW"),
      await submitTo("AWAITING_SECOND_APPROVAL"),
    ];
    await submitTo("REJECTED");
    await submitTo("CANCELLED");
    await submitTo("APPROVED", "PAID");
    const longAgo = await submitTo("APPROVED");
    await client.query(
      "update blindagem.expenses set decided_at = now() - interval '91 days' where id = $1",
      [longAgo],
    );
    await house.submit({ condominium: "SOL", payeeKind: "CPF", payeeDocument: "52998224725" });
    await emptyQueue(database);
    await wake();
    expect(await woken()).toEqual(expected.sort());
  });

  it("wakes the expenses that list a document, once each", async () => {
    await house.upload(SHA256, "nota.pdf");
    const documents = [{ sha256: SHA256 }, { sha256: SHA256 }];
    const ids = await house.submit(
      { condominium: "SOL", documents },
      { condominium: "SOL", documents: [{ fileName: "nota.pdf" }] },
      { condominium: "SOL", documents: [{ fileName: "outra.pdf" }] },
    );
    await emptyQueue(database);
    expect(await wakeExpenses(client, { kind: "DOCUMENT", sha256: SHA256 }, undefined)).toBe(1);
    expect(await woken()).toEqual(ids.slice(0, 2).sort());
  });

  it("enqueues nothing when nobody waits", async () => {
    expect(await wakeExpenses(client, { kind: "COMPANY", cnpj: "nobody" }, undefined)).toBe(0);
    expect(await queuedJobs(database)).toEqual([]);
  });

  it("finds the expenses of a company by an index", async () => {
    await client.query("begin");
    await client.query("set local enable_seqscan = off");
    const { rows } = await client.query<{ "QUERY PLAN": string }>(
      `explain select from blindagem.expenses e where e.payee_kind = 'CNPJ' and e.payee_document = 'x'
         and (e.status = 'PENDING' or (e.status = 'APPROVED' and e.payment_status = 'UNPAID'))`,
    );
    await client.query("rollback");
    expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("expenses_of_payee");
  });
});

describe("wakeOverdueExpenses", () => {
  it("waits while an earlier run's jobs wait, but not for ever: a record may have missed its end", async () => {
    await house.submit({ condominium: "SOL" });
    await emptyQueue(database);
    const overdue = new Date(Date.now() + 10 * 86_400_000);
    expect(await wakeOverdueExpenses(client, overdue)).toBeGreaterThan(0);
    expect(await wakeOverdueExpenses(client, overdue)).toBe(0);
    await client.query(
      "update blindagem_private.job_records set enqueued_at = enqueued_at - interval '61 minutes'",
    );
    expect(await wakeOverdueExpenses(client, overdue)).toBeGreaterThan(0);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { transaction } from "../../src/database/actor.ts";
import { enqueueJobs, wakeExpenses } from "../../src/queue/enqueue.ts";
import { useServices } from "../../src/services.ts";
import reviewDeadlyExpense from "../../tasks/review_deadly_expense.ts";
import validateExpenses from "../../tasks/validate_expenses.ts";
import { attest } from "../audit/test-keys.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf } from "../database/world.ts";
import { type Administradora, createAdministradora, standingOf } from "./administradora.ts";
import { emptyQueue, runJobs, servicesOf } from "./task-run.ts";

const SUPPLIER = cnpjOf(1);

let database: TestDatabase;
let house: Administradora;
beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  useServices(servicesOf({ clock: () => new Date() }));
  await query(
    `insert into blindagem.companies (cnpj, state, name, status, main_cnae, source, source_date)
     values ($1, 'FOUND', 'Elevadores Exemplo', 'Ativa', '4329103', 'MIRROR', current_date)`,
    [SUPPLIER],
  );
});
afterAll(() => database.drop());
beforeEach(async () => {
  await emptyQueue(database);
  await query("delete from blindagem_private.job_records");
  await query("delete from blindagem_private.dead_letters");
});

async function query(text: string, values: unknown[] = []) {
  return (await database.pool("worker").query(text, values)).rows;
}

const submit = (count: number) =>
  house.submit(
    ...Array.from({ length: count }, () => ({ condominium: "SOL", payeeDocument: SUPPLIER })),
  );

/** As recovery leaves the jobs that ran in a process that died. */
async function haveDied(deaths: number): Promise<void> {
  await query("update blindagem_private.job_records set deaths = $1", [deaths]);
}

async function asWorker<T>(use: Parameters<typeof transaction<T>>[3]): Promise<T> {
  const client = await database.pool("worker").connect();
  const actor = { id: "system:test", role: "worker", reason: "Teste" };
  try {
    return await transaction(client, attest, actor, use);
  } finally {
    client.release();
  }
}

/** The dead letter of a job that held this expense alone. */
async function bury(expenseId: string): Promise<void> {
  await query(
    `insert into blindagem_private.dead_letters (record_id, task, payload, priority, max_attempts, attempts, deaths, cause)
     values (0, 'validate_expenses', $1, 0, 25, 0, 3, 'DEATHS')`,
    [{ expenseIds: [expenseId] }],
  );
}

const payloads = z.array(
  z.object({
    envelope: z.object({ batchId: z.string(), startTag: z.number() }),
    expenseIds: z.array(z.string()),
  }),
);

/** Runs the waiting validations, and what they hand on. @returns the payloads in the order of their turns */
async function runValidations(): Promise<z.infer<typeof payloads>> {
  const seen: unknown[] = [];
  await runJobs(database, {
    validate_expenses: (payload, helpers) => {
      seen.push(payload);
      return validateExpenses(payload, helpers);
    },
  });
  return payloads.parse(seen);
}

const statuses = async (expenses: readonly string[]) =>
  (await Promise.all(expenses.map((id) => standingOf(database, id)))).map(({ status }) => status);
const finishes = () =>
  query("select lane, finish from blindagem_private.virtual_finishes order by 1");
const validations = () =>
  query(
    "select payload->'expenseIds' as ids from graphile_worker._private_jobs where payload->'expenseIds' is not null",
  );

describe("a chunk of which a worker died", () => {
  it("is handed on in smaller ones, of the same batch, in its turn, and at no cost", async () => {
    const expenses = await submit(40);
    await haveDied(1);
    const before = await finishes();
    const [whole, ...pieces] = await runValidations();
    expect(pieces.map(({ expenseIds }) => expenseIds.length)).toEqual([16, 16, 8]);
    expect(pieces.flatMap(({ expenseIds }) => expenseIds)).toEqual(whole?.expenseIds);
    for (const { envelope } of pieces) {
      expect(envelope).toEqual({
        batchId: whole?.envelope.batchId,
        startTag: whole?.envelope.startTag,
      });
    }
    expect(await finishes()).toEqual(before);
    expect(await statuses(expenses)).toEqual(expenses.map(() => "APPROVED"));
  });

  it("is handed on once: with the commit that does it, the job is out of the queue", async () => {
    await submit(2);
    await haveDied(2);
    const left: unknown[] = [];
    await runJobs(database, {
      validate_expenses: async (payload, helpers) => {
        await validateExpenses(payload, helpers);
        const { rowCount } = await database
          .pool("worker")
          .query("select from graphile_worker._private_jobs where id = $1", [helpers.job.id]);
        left.push(rowCount);
      },
    });
    // The library deletes the two others after they are done.
    expect(left).toEqual([0, 1, 1]);
  });

  it("leaves out what other jobs found to be deadly", async () => {
    const [deadly = "", ...others] = await submit(3);
    await haveDied(1);
    await bury(deadly);
    await runValidations();
    expect(await statuses([deadly, ...others])).toEqual(["PENDING", "APPROVED", "APPROVED"]);
  });

  it("is validated as it is when it holds one expense, unless that is known to be deadly", async () => {
    const [first = ""] = await submit(1);
    await haveDied(2);
    await runValidations();
    expect(await statuses([first])).toEqual(["APPROVED"]);
    const [second = ""] = await submit(1);
    await haveDied(2);
    await bury(second);
    await runValidations();
    expect(await statuses([second])).toEqual(["PENDING"]);
    expect(await validations()).toEqual([]);
  });
});

describe("an expense of which workers died", () => {
  const send = async (expenseId: string) => {
    await asWorker((client) =>
      enqueueJobs(client, [
        { task: "review_deadly_expense", payload: { expenseId, deaths: 3 } },
        { task: "review_deadly_expense", payload: { expenseId, deaths: 3 } },
      ]),
    );
    await runJobs(database, { review_deadly_expense: reviewDeadlyExpense });
  };

  it("goes to people, once, with the cause in words and a second approval", async () => {
    const [expense = ""] = await submit(1);
    await send(expense);
    expect(await standingOf(database, expense)).toEqual({
      status: "MANUAL_REVIEW",
      codes: ["UNDECIDABLE"],
      reviews: ["EXPENSE OPEN"],
      decisions: 0,
    });
    expect(
      await query(
        "select status_reasons->0->'evidence' as evidence, second_approval from blindagem.expenses where id = $1",
        [expense],
      ),
    ).toEqual([
      {
        evidence: { cause: "3 processos terminaram enquanto a validavam" },
        second_approval: "SECOND_APPROVER",
      },
    ]);
  });

  it("opens a review of what came late, once, where it was decided before", async () => {
    const [expense = ""] = await submit(1);
    await runValidations();
    await send(expense);
    expect(await standingOf(database, expense)).toEqual({
      status: "APPROVED",
      codes: [],
      reviews: ["LATE_FACT OPEN"],
      decisions: 1,
    });
  });

  it("is not validated again either once a person has let its late fact pass", async () => {
    const [expense = ""] = await submit(1);
    await runValidations();
    await bury(expense);
    await send(expense);
    await house.as(
      "reviewer",
      "select blindagem.resolve_review(r.id, true, 'Conferido') from blindagem.reviews r where r.expense_id = $1",
      [expense],
    );
    expect((await standingOf(database, expense)).reviews).toEqual(["LATE_FACT APPROVED"]);
    expect(await validations()).toEqual([]);
  });

  it("stays as a person decided it meanwhile", async () => {
    const [expense = ""] = await submit(1);
    await house.as("admin", "select blindagem.cancel_expense($1, 'Engano')", [expense]);
    await send(expense);
    expect(await statuses([expense])).toEqual(["CANCELLED"]);
  });

  it("is not woken by facts that come later, until an operator retries its dead letter", async () => {
    const [expense = "", other] = await submit(2);
    await emptyQueue(database);
    await bury(expense);
    const wake = () =>
      asWorker((client) => wakeExpenses(client, { kind: "COMPANY", cnpj: SUPPLIER }, undefined));
    await wake();
    const woken = async () => (await validations()).flatMap(({ ids }) => ids);
    expect(await woken()).toContain(other);
    expect(await woken()).not.toContain(expense);
    await query(
      "update blindagem_private.dead_letters set resolved_at = now(), resolution = 'RETRIED'",
    );
    await wake();
    expect(await woken()).toContain(expense);
  });
});

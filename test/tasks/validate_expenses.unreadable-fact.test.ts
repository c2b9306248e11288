import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { z } from "zod";
import { registry } from "../../src/observability/registry.ts";
import { enqueueJobs, wakeExpenses } from "../../src/queue/enqueue.ts";
import { useServices } from "../../src/services.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf } from "../database/world.ts";
import {
  type Administradora,
  createAdministradora,
  passTime,
  runAll,
  standingOf,
} from "./administradora.ts";
import { emptyQueue, queuedJobs, servicesOf } from "./task-run.ts";
import { storeUnknownReading, UNKNOWN_READING_CAUSE } from "./unknown-reading.ts";

const SUPPLIER = cnpjOf(1);

let database: TestDatabase;
let house: Administradora;
let documents = 0;
/** The expenses that the log tells of at level error. */
let told: { expenseId: string; cause: string }[];

beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  const line = z.object({ expenseId: z.string(), cause: z.string() });
  const logger = pino(
    { level: "error" },
    { write: (text: string) => told.push(line.parse(JSON.parse(text))) },
  );
  useServices(servicesOf({ clock: () => new Date(), logger }));
  await query(
    `insert into blindagem.companies (cnpj, state, name, status, main_cnae, source, source_date)
     values ($1, 'FOUND', 'Elevadores Exemplo', 'Ativa', '4329103', 'MIRROR', current_date)`,
    [SUPPLIER],
  );
});
afterAll(() => database.drop());
beforeEach(async () => {
  told = [];
  await emptyQueue(database);
});

async function query(text: string, values: unknown[] = []) {
  return (await database.pool("worker").query(text, values)).rows;
}

const standing = (expense: string) => standingOf(database, expense);

async function counted(): Promise<number> {
  const metric = await registry.getSingleMetric("blindagem_undecidable_expenses_total")?.get();
  return metric?.values[0]?.value ?? 0;
}

/** Submits an expense and runs what that enqueues. */
async function decided(changes: Record<string, unknown> = {}): Promise<string> {
  const [expense = ""] = await house.submit({
    condominium: "SOL",
    payeeDocument: SUPPLIER,
    ...changes,
  });
  await runAll(database);
  return expense;
}

/**
 * Hands in a document of the expense that was read by a version of whose readings this one knows nothing, and enqueues what
 * that wakes.
 *
 * @returns its SHA-256
 */
async function learnUnreadable(expense: string): Promise<string> {
  documents += 1;
  const sha256 = documents.toString(16).padStart(64, "d");
  await database.pool("migrator").query(
    `insert into blindagem.expense_documents (condominium_id, expense_id, position, file_name)
     select condominium_id, id, 1, 'tarde-' || id || '.pdf' from blindagem.expenses where id = $1`,
    [expense],
  );
  await house.upload(sha256, `tarde-${expense}.pdf`);
  await database.pool("worker").query(
    `delete from graphile_worker._private_jobs j using graphile_worker._private_tasks t
       where t.id = j.task_id and t.identifier = 'ocr_triage'`,
  );
  await storeUnknownReading(database, sha256);
  await wakeDocument(sha256);
  return sha256;
}

async function wakeDocument(sha256: string): Promise<void> {
  const client = await database.pool("worker").connect();
  await wakeExpenses(client, { kind: "DOCUMENT", sha256 }, undefined);
  client.release();
}

const validations = async () =>
  (await queuedJobs(database)).filter(({ task }) => task === "validate_expenses");

/** Runs what is due until nothing is left to be tried again: more often than any expense is given time for. */
async function untilSettled(): Promise<void> {
  for (let attempt = 1; attempt <= 6; attempt++) {
    await runAll(database);
    await passTime(database);
  }
  expect(await validations()).toEqual([]);
}

const resolve = (expense: string, kind: string, approve: boolean) =>
  house.as(
    "reviewer",
    `select blindagem.resolve_review(id, $2, 'Conferido') from blindagem.reviews
     where expense_id = $1 and kind = $3 and outcome is null`,
    [expense, approve, kind],
  );

const reasonsOf = async (expense: string): Promise<unknown> =>
  (
    await query(
      "select reasons from blindagem.reviews where expense_id = $1 and kind = 'LATE_FACT'",
      [expense],
    )
  )[0]?.reasons;

describe("a fact that comes after the decision and cannot be read", () => {
  it("opens a review on an approved expense, is logged and counted, and overwrites nothing", async () => {
    const expense = await decided();
    expect(await standing(expense)).toMatchObject({ status: "APPROVED" });
    const before = await counted();
    await learnUnreadable(expense);
    await untilSettled();
    expect(await standing(expense)).toEqual({
      status: "APPROVED",
      codes: [],
      reviews: ["LATE_FACT OPEN"],
      decisions: 1,
    });
    expect(await reasonsOf(expense)).toEqual([
      {
        code: "LATE_FACT",
        severity: "REVIEW",
        evidence: { status: "APPROVED", codes: ["UNDECIDABLE"] },
      },
      { code: "UNDECIDABLE", severity: "REVIEW", evidence: { cause: UNKNOWN_READING_CAUSE } },
    ]);
    expect(told).toMatchObject([{ expenseId: expense, cause: UNKNOWN_READING_CAUSE }]);
    expect((await counted()) - before).toBe(1);
  });

  it("gets its time first: another version may know its form", async () => {
    const expense = await decided();
    await learnUnreadable(expense);
    for (let attempt = 1; attempt <= 4; attempt++) {
      await runAll(database);
      expect(await standing(expense)).toMatchObject({ status: "APPROVED", reviews: [] });
      await passTime(database);
    }
    await runAll(database);
    expect(await standing(expense)).toMatchObject({ reviews: ["LATE_FACT OPEN"] });
  });

  it("opens one on an expense in review, and on one that waits for the second approval", async () => {
    await house.as(
      "admin",
      "select blindagem.set_approval_limit(50000, 'SECOND_APPROVER', 'Assembleia')",
    );
    const [inReview, aboveLimit] = [
      await decided({ category: "PISCINA" }),
      await decided({ grossAmount: "50000.01" }),
    ];
    const before = [await standing(inReview), await standing(aboveLimit)];
    expect(before.map(({ status }) => status)).toEqual([
      "MANUAL_REVIEW",
      "AWAITING_SECOND_APPROVAL",
    ]);
    await learnUnreadable(inReview);
    await learnUnreadable(aboveLimit);
    await untilSettled();
    expect([await standing(inReview), await standing(aboveLimit)]).toEqual(
      before.map((each) => ({ ...each, reviews: [...each.reviews, "LATE_FACT OPEN"] })),
    );
  });

  it("is not told of again while the review is open, nor once a person has let it pass", async () => {
    const expense = await decided();
    const sha256 = await learnUnreadable(expense);
    await untilSettled();
    const before = await counted();
    told = [];
    const wakeAgain = async () => {
      await wakeDocument(sha256);
      await runAll(database);
      expect(await validations()).toEqual([]);
    };
    await wakeAgain();
    expect(await standing(expense)).toMatchObject({ reviews: ["LATE_FACT OPEN"] });
    await resolve(expense, "LATE_FACT", true);
    await wakeAgain();
    expect(await standing(expense)).toMatchObject({ reviews: ["LATE_FACT APPROVED"] });
    expect(told).toEqual([]);
    expect(await counted()).toBe(before);
  });

  it("takes the approval back when a person rejects it", async () => {
    const expense = await decided();
    await learnUnreadable(expense);
    await untilSettled();
    await resolve(expense, "LATE_FACT", false);
    expect(await standing(expense)).toMatchObject({
      status: "REJECTED",
      reviews: ["LATE_FACT REJECTED"],
    });
  });

  it("is nothing to people where one of them has ended the expense", async () => {
    const expense = await decided({ category: "PISCINA" });
    await learnUnreadable(expense);
    await emptyQueue(database);
    await resolve(expense, "EXPENSE", false);
    const before = await standing(expense);
    expect(before.status).toBe("REJECTED");
    const client = await database.pool("worker").connect();
    await enqueueJobs(client, [{ task: "validate_expenses", payload: { expenseIds: [expense] } }]);
    client.release();
    await runAll(database);
    expect(await standing(expense)).toEqual(before);
    expect(told).toEqual([]);
    expect(await validations()).toEqual([]);
  });
});

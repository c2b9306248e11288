import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { useServices } from "../../src/services.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf } from "../database/world.ts";
import {
  type Administradora,
  createAdministradora,
  passTime,
  readingOf,
  runAll,
  standingOf,
} from "./administradora.ts";
import { emptyQueue, queuedJobs, servicesOf } from "./task-run.ts";
import { storeUnknownReading, UNKNOWN_READING_CAUSE } from "./unknown-reading.ts";

let database: TestDatabase;
let house: Administradora;
let documents = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  useServices(servicesOf({ clock: () => new Date() }));
  await database.pool("worker").query(
    `insert into blindagem.companies (cnpj, state, name, status, main_cnae, source, source_date)
     values ($1, 'FOUND', 'Elevadores Exemplo', 'Ativa', '4329103', 'MIRROR', current_date)`,
    [SUPPLIER],
  );
});
afterAll(() => database.drop());
beforeEach(() => emptyQueue(database));

const SUPPLIER = cnpjOf(1);
const ordinary = () => ({ condominium: "SOL", payeeDocument: SUPPLIER });

/** One whose document was read by a version that writes readings of which this one knows nothing. */
async function poisoned(changes: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  documents += 1;
  const sha256 = documents.toString(16).padStart(64, "b");
  await house.upload(sha256, `nota-${documents}.pdf`);
  await storeUnknownReading(database, sha256);
  await emptyQueue(database);
  return { ...ordinary(), documents: [{ sha256 }], ...changes };
}

const standing = (expense: string) => standingOf(database, expense);
const standings = (expenses: readonly string[]) => Promise.all(expenses.map(standing));

async function secondApprovals(expenses: readonly string[]): Promise<string[]> {
  const { rows } = await database
    .pool("worker")
    .query("select second_approval from blindagem.expenses where id = any ($1) order by id", [
      expenses,
    ]);
  return rows.map(({ second_approval }) => second_approval);
}

async function asOwner(statement: string): Promise<void> {
  const client = await database.pool("migrator").connect();
  await client.query(`set role ${database.prefix}_owner`);
  await client.query(statement);
  await client.query("reset role");
  client.release();
}

const validations = async () =>
  (await queuedJobs(database)).filter(({ task }) => task === "validate_expenses");

/** Runs what is due, with the next attempts as well, until those that cannot be decided have had their time. */
async function runPatiently(): Promise<void> {
  for (let attempt = 1; attempt <= 5; attempt++) {
    await runAll(database);
    await passTime(database);
  }
  expect(await validations()).toEqual([]);
}

/** How many of the expenses stand at which status. */
async function countStatuses(expenses: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of await standings(expenses)) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const UNDECIDED = {
  status: "MANUAL_REVIEW",
  codes: ["UNDECIDABLE"],
  reviews: ["EXPENSE OPEN"],
  decisions: 0,
};

describe("an expense that cannot be decided", () => {
  it("goes to people, and the others of its chunk are decided at once", async () => {
    const rows = [
      ordinary(),
      await poisoned(),
      ordinary(),
      ordinary(),
      await poisoned(),
      ordinary(),
    ];
    const expenses = await house.submit(...rows);
    await runAll(database);
    expect(await countStatuses(expenses)).toEqual({ APPROVED: 4, PENDING: 2 });
    await runPatiently();
    const found = await standings(expenses);
    expect([found[1], found[4]]).toEqual([UNDECIDED, UNDECIDED]);
    for (const at of [0, 2, 3, 5])
      expect(found[at]).toMatchObject({ status: "APPROVED", decisions: 1 });
  });

  it("is handed on as a job of its own, for the same batch and request, in its turn and at no cost", async () => {
    const envelopes = async () =>
      (
        await database.pool("worker").query<{ envelope: Record<string, unknown> }>(
          `select (j.payload::jsonb->'envelope') - 'jobId' as envelope from graphile_worker._private_jobs j
           join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'validate_expenses'`,
        )
      ).rows;
    const finishes = async () =>
      (
        await database
          .pool("worker")
          .query("select lane, finish from blindagem_private.virtual_finishes order by 1")
      ).rows;
    const expenses = await house.submit(ordinary(), await poisoned(), await poisoned());
    await database.pool("worker").query(
      `update graphile_worker._private_jobs
       set payload = jsonb_set(payload::jsonb, '{envelope,requestId}', '"the-request"')`,
    );
    const before = [await envelopes(), await finishes()];
    await runAll(database);
    expect(await validations()).toMatchObject([
      {
        payload: { expenseIds: expenses.slice(1) },
        attempts: 1,
        lastError: expect.stringContaining("receipts"),
      },
    ]);
    expect([await envelopes(), await finishes()]).toEqual(before);
  });

  it("is given time for a worker that can decide it, as while a new version is rolled out", async () => {
    const row = await poisoned();
    const expenses = await house.submit(ordinary(), row);
    await runAll(database);
    const { documents: listed } = z
      .object({ documents: z.array(z.object({ sha256: z.string() })) })
      .parse(row);
    await asOwner(
      `update blindagem.document_readings set reading = '${JSON.stringify(readingOf({}))}'
       where sha256 = '${listed[0]?.sha256}'`,
    );
    await passTime(database);
    await runAll(database);
    expect(await countStatuses(expenses)).toEqual({ APPROVED: 2 });
    expect(await validations()).toEqual([]);
  });

  it("tells where it fails, and nothing of what it holds", async () => {
    const [, expense = ""] = await house.submit(ordinary(), await poisoned());
    await runPatiently();
    const { rows } = await database
      .pool("worker")
      .query("select status_reasons as reasons from blindagem.expenses where id = $1", [expense]);
    expect(rows).toEqual([
      {
        reasons: [
          {
            code: "UNDECIDABLE",
            severity: "REVIEW",
            evidence: { cause: UNKNOWN_READING_CAUSE },
          },
        ],
      },
    ]);
  });

  it("is found as well when the database refuses what is to be stored", async () => {
    const expenses = await house.submit(ordinary(), ordinary(), ordinary());
    const [, refused = ""] = expenses;
    await asOwner(
      `alter table blindagem.decisions add constraint not_this_one check (expense_id <> ${BigInt(refused)})`,
    );
    await runPatiently();
    await asOwner("alter table blindagem.decisions drop constraint not_this_one");
    const found = await standings(expenses);
    expect(found.map(({ status }) => status)).toEqual(["APPROVED", "MANUAL_REVIEW", "APPROVED"]);
    expect(found[1]).toEqual(UNDECIDED);
  });

  it("is let pass by two people, by the condominium where the alçada or the administradora's own fee wants that", async () => {
    await house.as(
      "admin",
      "select blindagem.set_approval_limit(50000, 'CONDOMINIUM', 'Assembleia')",
    );
    const [, small = "", large = "", fee = ""] = await house.submit(
      ordinary(),
      await poisoned(),
      await poisoned({ grossAmount: "50000.01" }),
      await poisoned({ category: "ADMINISTRACAO_CONDOMINIAL" }),
    );
    await runPatiently();
    expect(await secondApprovals([small, large, fee])).toEqual([
      "SECOND_APPROVER",
      "CONDOMINIUM",
      "CONDOMINIUM",
    ]);
    await house.as(
      "reviewer",
      "select blindagem.resolve_review(id, true, 'Conferido') from blindagem.reviews where expense_id = $1",
      [small],
    );
    expect(await standing(small)).toMatchObject({
      status: "AWAITING_SECOND_APPROVAL",
      reviews: ["EXPENSE APPROVED", "SECOND_APPROVAL OPEN"],
    });
  });

  it("alone, or where all fail, is tried again first: it may be the platform's fault", async () => {
    const expenses = await house.submit(await poisoned(), await poisoned());
    for (let attempt = 1; attempt <= 4; attempt++) {
      await runAll(database);
      expect((await standings(expenses)).map(({ status }) => status)).toEqual([
        "PENDING",
        "PENDING",
      ]);
      await passTime(database);
    }
    await runAll(database);
    expect(await standings(expenses)).toEqual([UNDECIDED, UNDECIDED]);
  });

  it("goes to people however many there are, and holds none of the others up", async () => {
    const poisonedRows = await Promise.all(Array.from({ length: 24 }, () => poisoned()));
    const expenses = await house.submit(ordinary(), ...poisonedRows, ordinary());
    await runAll(database);
    expect(await countStatuses(expenses)).toEqual({ APPROVED: 2, PENDING: 24 });
    await runPatiently();
    expect(await countStatuses(expenses)).toEqual({ APPROVED: 2, MANUAL_REVIEW: 24 });
  });

  it("holds nothing up any more, and is tried no more, once it is with people", async () => {
    const payeeDocument = cnpjOf(2);
    const poisonedRows = await Promise.all(
      Array.from({ length: 24 }, () => poisoned({ payeeDocument })),
    );
    const expenses = await house.submit(...poisonedRows);
    await runPatiently();
    const good = await house.submit(
      ...Array.from({ length: 20 }, () => ({ ...ordinary(), payeeDocument })),
    );
    await emptyQueue(database);
    await database.pool("worker").query(
      `insert into blindagem.companies (cnpj, state, name, status, main_cnae, source, source_date)
       values ($1, 'FOUND', 'Elevadores Exemplo', 'Ativa', '4329103', 'MIRROR', current_date)`,
      [payeeDocument],
    );
    const client = await database.pool("worker").connect();
    await enqueueJobs(client, [
      { task: "validate_expenses", payload: { expenseIds: [...expenses, ...good] } },
    ]);
    client.release();
    await runAll(database);
    expect(await countStatuses(good)).toEqual({ APPROVED: 20 });
    expect(await standings(expenses)).toEqual(expenses.map(() => UNDECIDED));
    expect(await validations()).toEqual([]);
  });

  it("stays as a person decided it meanwhile", async () => {
    const [, expense = ""] = await house.submit(ordinary(), await poisoned());
    await house.as("admin", "select blindagem.cancel_expense($1, 'Engano')", [expense]);
    await runAll(database);
    expect(await standing(expense)).toMatchObject({
      status: "CANCELLED",
      reviews: [],
      decisions: 0,
    });
  });
});

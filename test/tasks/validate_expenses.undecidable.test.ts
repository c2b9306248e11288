import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
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
  await database.pool("worker").query(
    `insert into blindagem.document_readings (sha256, reader_version, kind, verdict, reading)
     values ($1, 'next', 'NFSE', 'ACCEPTED', '{"fields": {"timestamp": {"value": "terça-feira"}}}')`,
    [sha256],
  );
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

const UNDECIDED = {
  status: "MANUAL_REVIEW",
  codes: ["UNDECIDABLE"],
  reviews: ["EXPENSE OPEN"],
  decisions: 0,
};

describe("an expense that cannot be decided", () => {
  it("goes to people, and the others of its chunk are decided", async () => {
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
    const found = await standings(expenses);
    expect([found[1], found[4]]).toEqual([UNDECIDED, UNDECIDED]);
    for (const at of [0, 2, 3, 5])
      expect(found[at]).toMatchObject({ status: "APPROVED", decisions: 1 });
    expect((await queuedJobs(database)).filter(({ task }) => task === "validate_expenses")).toEqual(
      [],
    );
  });

  it("tells where it fails, and nothing of what it holds", async () => {
    const [, expense = ""] = await house.submit(ordinary(), await poisoned());
    await runAll(database);
    const { rows } = await database
      .pool("worker")
      .query("select status_reasons as reasons from blindagem.expenses where id = $1", [expense]);
    expect(rows).toEqual([
      {
        reasons: [
          {
            code: "UNDECIDABLE",
            severity: "REVIEW",
            evidence: { cause: "ZodError receipts.0.reading.timestamp" },
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
    await runAll(database);
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
    await runAll(database);
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

  it("is not among many: then the job fails, and nothing is changed", async () => {
    const rows = [ordinary(), ...(await Promise.all(Array.from({ length: 21 }, () => poisoned())))];
    const expenses = await house.submit(...rows);
    await runAll(database);
    expect(new Set((await standings(expenses)).map(({ status }) => status))).toEqual(
      new Set(["PENDING"]),
    );
    const jobs = (await queuedJobs(database)).filter(({ task }) => task === "validate_expenses");
    expect(jobs).toMatchObject([{ attempts: 1, lastError: expect.stringContaining("receipts") }]);
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

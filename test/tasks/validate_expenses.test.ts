import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { useServices } from "../../src/services.ts";
import { companyFromCnpjWs, type LookupOutcome } from "../../src/suppliers/company.ts";
import { replayDecision } from "../../src/validation/replay.ts";
import { storedDecisions } from "../../src/validation/stored-decisions.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf } from "../database/world.ts";
import {
  type Administradora,
  auditRecords,
  createAdministradora,
  passTime,
  readingOf,
  registryBody,
  runAll,
  standingOf,
} from "./administradora.ts";
import { emptyQueue, queuedJobs, servicesOf } from "./task-run.ts";

/** Longer than the registry's answers serve. */
const DEADLINE_HOURS = 2000;

let now: Date;
let database: TestDatabase;
let house: Administradora;
/** What the registry answers; nobody but these is known. */
const registry = new Map<string, LookupOutcome>();
/** What stands on the documents. */
const readings = new Map<string, ReturnType<typeof readingOf>>();
let suppliers = 0;
let documents = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  await house.condominium("MAR");
  await house.as("admin", "select blindagem.set_setting('fact_deadline_hours', $1, 'Testes')", [
    DEADLINE_HOURS,
  ]);
  const unavailable: LookupOutcome = { kind: "UNAVAILABLE", cause: "HTTP 503" };
  useServices(
    servicesOf({
      clock: () => now,
      registry: { lookup: (cnpj) => Promise.resolve(registry.get(cnpj) ?? unavailable) },
      documents: {
        put: () => Promise.resolve(),
        has: () => Promise.resolve(true),
        get: (sha256) => Promise.resolve(Buffer.from(sha256)),
        remove: () => Promise.resolve(),
      },
      receipts: {
        read: async (bytes) => {
          const reading = readings.get(Buffer.from(bytes).toString());
          if (!reading) throw new Error("The engine does not start.");
          return reading;
        },
        close: () => Promise.resolve(),
      },
    }),
  );
});
afterAll(() => database.drop());
beforeEach(async () => {
  now = new Date();
  await emptyQueue(database);
});

/** A supplier of lifts that the registry knows, with that status. */
function supplier(status = "Ativa"): string {
  suppliers += 1;
  const cnpj = cnpjOf(suppliers);
  know(cnpj, status);
  return cnpj;
}

function know(cnpj: string, status = "Ativa"): void {
  const company = companyFromCnpjWs(registryBody(cnpj, status));
  if ("unreadable" in company) throw new Error(company.unreadable);
  registry.set(cnpj, { kind: "FOUND", company });
}

function document(reading?: Parameters<typeof readingOf>[0]): string {
  documents += 1;
  const sha256 = documents.toString(16).padStart(64, "a");
  if (reading) readings.set(sha256, readingOf(reading));
  return sha256;
}

const submit = (row: Record<string, unknown>) =>
  house.submit({ condominium: "SOL", ...row }).then(([id = ""]) => id);
const standing = (expense: string) => standingOf(database, expense);

async function validateAgain(...expenseIds: string[]): Promise<void> {
  await database
    .pool("worker")
    .query("select graphile_worker.add_job('validate_expenses', $1::json)", [
      JSON.stringify({ expenseIds }),
    ]);
  await runAll(database);
}

/** Puts the reading of a document off until time passes. */
async function holdBack(sha256: string): Promise<void> {
  await database
    .pool("worker")
    .query(
      "update graphile_worker._private_jobs set run_at = now() + interval '1 hour' where payload->>'sha256' = $1",
      [sha256],
    );
}

async function resolve(expense: string, kind: string, approve: boolean): Promise<void> {
  await house.as(
    "reviewer",
    `select blindagem.resolve_review(id, $3, 'Conferido') from blindagem.reviews
     where expense_id = $1 and kind = $2 and outcome is null`,
    [expense, kind, approve],
  );
}

describe("an expense, from its batch to its decision", () => {
  it("is approved when nothing speaks against it", async () => {
    const expense = await submit({ payeeDocument: supplier() });
    await runAll(database);
    expect(await standing(expense)).toEqual({
      status: "APPROVED",
      codes: [],
      reviews: [],
      decisions: 1,
    });
  });

  it("is rejected when its supplier is Baixada", async () => {
    const expense = await submit({ payeeDocument: supplier("Baixada") });
    await runAll(database);
    expect(await standing(expense)).toEqual({
      status: "REJECTED",
      codes: ["SUPPLIER_INACTIVE"],
      reviews: [],
      decisions: 1,
    });
  });

  it("goes to a person when the supplier's trade does not fit", async () => {
    const expense = await submit({ payeeDocument: supplier(), category: "JARDINAGEM_PAISAGISMO" });
    await runAll(database);
    expect(await standing(expense)).toEqual({
      status: "MANUAL_REVIEW",
      codes: ["CNAE_MISMATCH"],
      reviews: ["EXPENSE OPEN"],
      decisions: 1,
    });
    await resolve(expense, "EXPENSE", true);
    expect(await standing(expense)).toMatchObject({
      status: "APPROVED",
      reviews: ["EXPENSE APPROVED"],
    });
  });

  it("waits for a second person above the alçada", async () => {
    const other = await createAdministradora(database);
    await other.condominium("ALTO");
    await other.as(
      "admin",
      "select blindagem.set_approval_limit(900, 'SECOND_APPROVER', 'Alçada')",
    );
    const [expense = ""] = await other.submit({
      condominium: "ALTO",
      payeeDocument: supplier(),
      grossAmount: "900.01",
    });
    await runAll(database);
    expect(await standing(expense)).toMatchObject({
      status: "AWAITING_SECOND_APPROVAL",
      codes: ["APPROVAL_LIMIT"],
      reviews: ["SECOND_APPROVAL OPEN"],
    });
  });

  it("is decided at once, without a look-up, for a payee without CNPJ", async () => {
    const expense = await submit({
      payeeKind: "CPF",
      payeeDocument: "52998224725",
      documentKind: "RPA",
    });
    await runAll(database);
    expect(await standing(expense)).toMatchObject({
      status: "APPROVED",
      codes: ["PAYEE_WITHOUT_CNPJ"],
    });
  });

  it("waits for its document, and is decided when the reading is stored", async () => {
    const sha256 = document({ amount: "500.00" });
    const expense = await submit({
      payeeDocument: supplier(),
      grossAmount: "500.00",
      documents: [{ fileName: "nota-500.pdf" }],
    });
    await runAll(database);
    expect(await standing(expense)).toMatchObject({ status: "PENDING", decisions: 0 });
    await house.upload(sha256, "nota-500.pdf");
    await runAll(database);
    expect(await standing(expense)).toMatchObject({ status: "APPROVED", decisions: 1 });
  });

  it("does not wait for a second document when the row lists the same one twice", async () => {
    const sha256 = document({ amount: "501.00" });
    await house.upload(sha256, "nota-501.pdf");
    const expense = await submit({
      payeeDocument: supplier(),
      grossAmount: "501.00",
      documents: [{ sha256 }, { fileName: "nota-501.pdf" }, { sha256 }],
    });
    const named = await submit({
      payeeDocument: supplier(),
      documents: [{ fileName: "ainda-não.pdf" }, { fileName: "ainda-não.pdf" }],
    });
    await runAll(database);
    expect(await standing(expense)).toMatchObject({ status: "APPROVED" });
    const another = document({});
    await house.upload(another, "ainda-não.pdf");
    await runAll(database);
    expect((await standing(named)).status).not.toBe("PENDING");
  });

  it("goes to a person at its deadline when a fact has not come, and then stays there", async () => {
    suppliers += 1;
    const cnpj = cnpjOf(suppliers);
    const expense = await submit({ payeeDocument: cnpj });
    await runAll(database);
    expect(await standing(expense)).toMatchObject({ status: "PENDING" });
    now = new Date(Date.now() + (DEADLINE_HOURS + 1) * 3_600_000);
    await database.pool("worker").query("select graphile_worker.add_job('validate_overdue')");
    await runAll(database);
    expect(await standing(expense)).toEqual({
      status: "MANUAL_REVIEW",
      codes: ["FACT_MISSING"],
      reviews: ["EXPENSE OPEN"],
      decisions: 1,
    });
    // The look-up goes on, and what it finds confirms: nothing new for the reviewer.
    know(cnpj);
    await passTime(database);
    await runAll(database);
    expect(await standing(expense)).toEqual({
      status: "MANUAL_REVIEW",
      codes: ["FACT_MISSING"],
      reviews: ["EXPENSE OPEN"],
      decisions: 1,
    });
  });
});

describe("a fact that comes late", () => {
  /** An approved expense whose document then turns out to be over another amount. */
  async function approvedThenDoubted(): Promise<string> {
    const expense = await submit({ payeeDocument: supplier() });
    await runAll(database);
    expect(await standing(expense)).toMatchObject({ status: "APPROVED" });
    const sha256 = document({ amount: "1.23" });
    await database.pool("migrator").query(
      `insert into blindagem.expense_documents (condominium_id, expense_id, position, file_name)
       select condominium_id, id, 1, 'tarde-' || id || '.pdf' from blindagem.expenses where id = $1`,
      [expense],
    );
    await house.upload(sha256, `tarde-${expense}.pdf`);
    await runAll(database);
    return expense;
  }

  it("opens a review, once, and never overwrites the decision", async () => {
    const expense = await approvedThenDoubted();
    const doubted = {
      status: "APPROVED",
      codes: [],
      reviews: ["LATE_FACT OPEN"],
      decisions: 1,
    };
    expect(await standing(expense)).toEqual(doubted);
    const { rows } = await database
      .pool("worker")
      .query("select reasons from blindagem.reviews where expense_id = $1", [expense]);
    expect(rows[0]?.reasons).toMatchObject([
      { code: "LATE_FACT", evidence: { codes: ["RECEIPT_AMOUNT_MISMATCH"], status: "APPROVED" } },
      { code: "RECEIPT_AMOUNT_MISMATCH", severity: "REVIEW" },
    ]);
    await validateAgain(expense);
    expect(await standing(expense)).toEqual(doubted);
  });

  it("is not asked about again once a person has let it pass", async () => {
    const expense = await approvedThenDoubted();
    await resolve(expense, "LATE_FACT", true);
    await validateAgain(expense);
    expect(await standing(expense)).toMatchObject({
      status: "APPROVED",
      reviews: ["LATE_FACT APPROVED"],
    });
  });

  it("is told of also when it came while another's review was open, as soon as that is answered", async () => {
    const expense = await approvedThenDoubted();
    const sha256 = document({ amount: "4.56" });
    await database.pool("migrator").query(
      `insert into blindagem.expense_documents (condominium_id, expense_id, position, file_name)
       select condominium_id, id, 2, 'mais-tarde-' || id || '.pdf' from blindagem.expenses where id = $1`,
      [expense],
    );
    await house.upload(sha256, `mais-tarde-${expense}.pdf`);
    await runAll(database);
    await resolve(expense, "LATE_FACT", true);
    await runAll(database);
    expect(await standing(expense)).toMatchObject({
      status: "APPROVED",
      reviews: ["LATE_FACT APPROVED", "LATE_FACT OPEN"],
    });
    await resolve(expense, "LATE_FACT", true);
    await runAll(database);
    expect(await standing(expense)).toMatchObject({
      reviews: ["LATE_FACT APPROVED", "LATE_FACT APPROVED"],
    });
  });

  it("takes the approval back when a person rejects it, and the log says so", async () => {
    const expense = await approvedThenDoubted();
    await resolve(expense, "LATE_FACT", false);
    expect(await standing(expense)).toMatchObject({
      status: "REJECTED",
      reviews: ["LATE_FACT REJECTED"],
    });
    const { rows } = await database.pool("migrator").query(
      `select action, previous_state->>'status' as before, new_state->>'status' as after, reason
       from blindagem_audit.records where entity_type = 'expenses' and entity_id ~ ('(^|\\D)' || $1 || '$')
       order by id desc limit 1`,
      [expense],
    );
    expect(rows).toEqual([
      { action: "REJECT", before: "APPROVED", after: "REJECTED", reason: "Conferido" },
    ]);
  });

  it("says nothing when a supplier closes down months after its expense was approved", async () => {
    const cnpj = supplier();
    const expense = await submit({ payeeDocument: cnpj });
    await runAll(database);
    await database
      .pool("worker")
      .query(
        "update blindagem.expenses set decided_at = decided_at - interval '91 days' where id = $1",
        [expense],
      );
    know(cnpj, "Baixada");
    now = new Date(Date.now() + 31 * 86_400_000);
    const next = await submit({ payeeDocument: cnpj });
    await runAll(database);
    expect(await standing(next)).toMatchObject({ status: "REJECTED" });
    expect(await standing(expense)).toMatchObject({ status: "APPROVED", reviews: [] });
  });
});

describe("amounts at the end of what fits", () => {
  it("are added up all the same", async () => {
    const cnpj = supplier();
    const huge = { payeeDocument: cnpj, grossAmount: "999999999999.99" };
    const [one, other] = [await submit(huge), await submit(huge)];
    await runAll(database);
    expect((await standing(one)).decisions + (await standing(other)).decisions).toBe(2);
  });
});

describe("a document that was handed in before", () => {
  const PIX = {
    kind: "PIX_END_TO_END" as const,
    value: "E00000000202611031200abcdefghijk",
    valid: true,
  };

  it("goes to a person as a note that two condominiums share, but within one it blocks", async () => {
    const sha256 = document({});
    await house.upload(sha256, "rateio.pdf");
    const cnpj = supplier();
    const first = await submit({ payeeDocument: cnpj, documents: [{ sha256 }] });
    await runAll(database);
    const shared = await submit({
      condominium: "MAR",
      payeeDocument: cnpj,
      documents: [{ sha256 }],
    });
    const again = await submit({ payeeDocument: cnpj, documents: [{ sha256 }] });
    await runAll(database);
    expect((await standing(first)).codes).not.toContain("DUPLICATE_RECEIPT");
    expect(await standing(shared)).toMatchObject({ status: "MANUAL_REVIEW" });
    expect((await standing(shared)).codes).toContain("RECEIPT_SHARED");
    expect(await standing(again)).toMatchObject({ status: "REJECTED" });
    expect((await standing(again)).codes).toContain("DUPLICATE_RECEIPT");
  });

  it("blocks wherever a payment is claimed twice, also as the same file", async () => {
    const sha256 = document({ identifiers: [PIX] });
    const print = document({ identifiers: [PIX] });
    await house.upload(sha256, "pix.pdf");
    await house.upload(print, "pix-2.pdf");
    const cnpj = supplier();
    const first = await submit({ payeeDocument: cnpj, documents: [{ sha256 }] });
    await runAll(database);
    const sameFile = await submit({
      condominium: "MAR",
      payeeDocument: cnpj,
      documents: [{ sha256 }],
    });
    const samePix = await submit({
      condominium: "MAR",
      payeeDocument: cnpj,
      documents: [{ sha256: print }],
    });
    await runAll(database);
    expect((await standing(first)).status).not.toBe("REJECTED");
    expect(await standing(sameFile)).toMatchObject({ status: "REJECTED" });
    expect(await standing(samePix)).toMatchObject({ status: "REJECTED" });
  });

  it.each([
    ["the earlier one's", 0],
    ["the later one's", 1],
  ])("blocks the later expense, whichever document is read first: %s", async (_, first) => {
    const identifiers = [{ ...PIX, value: `E0000000020261103121${first}abcdefghijk` }];
    const files = [document({ identifiers }), document({ identifiers })];
    const cnpj = supplier();
    const expenses: string[] = [];
    for (const sha256 of files) {
      await house.upload(sha256, `${sha256}.pdf`);
      const alike = { payeeDocument: cnpj, grossAmount: "777.00", documents: [{ sha256 }] };
      expenses.push(await submit(alike));
    }
    await holdBack(files[1 - first] ?? "");
    await runAll(database);
    expect((await standing(expenses[1] ?? "")).status).toBe("PENDING");
    await passTime(database);
    await runAll(database);
    expect(await standing(expenses[0] ?? "")).toMatchObject({ status: "APPROVED" });
    expect(await standing(expenses[1] ?? "")).toMatchObject({ status: "REJECTED" });
  });

  it("opens a review when it turns out late on an expense that looked different", async () => {
    const identifiers = [{ ...PIX, value: "E00000000202611031203abcdefghijk" }];
    const [early, late] = [document({ identifiers }), document({ identifiers })];
    await house.upload(early, "primeiro.pdf");
    await house.upload(late, "segundo.pdf");
    await submit({ payeeDocument: supplier(), documents: [{ sha256: early }] });
    const other = await submit({ payeeDocument: supplier(), documents: [{ sha256: late }] });
    await holdBack(early);
    await runAll(database);
    expect(await standing(other)).toMatchObject({ status: "APPROVED", reviews: [] });
    await passTime(database);
    await runAll(database);
    expect(await standing(other)).toMatchObject({
      status: "APPROVED",
      reviews: ["LATE_FACT OPEN"],
    });
  });

  it("asks for a reading again that came while the expense was being decided", async () => {
    const sha256 = document({});
    await house.upload(sha256, "corrida.pdf");
    const expense = await submit({ payeeDocument: supplier(), documents: [{ sha256 }] });
    // The reading's job is over, and its claim gone, when the decision has just looked and found no reading.
    await holdBack(sha256);
    await database
      .pool("worker")
      .query("delete from blindagem_private.work_claims where subject = $1", [sha256]);
    await runAll(database);
    expect(await standing(expense)).toMatchObject({ status: "APPROVED" });
  });

  it("is not seen in the like number of another payee without CPF or CNPJ", async () => {
    const bill = (payeeName: string) =>
      submit({
        payeeKind: "NONE",
        payeeDocument: null,
        payeeName,
        documentKind: "UTILITY_BILL",
        documentNumber: "900",
      });
    const [water, light, again] = [await bill("Sabesp"), await bill("Enel"), await bill("Enel")];
    await runAll(database);
    expect((await standing(water)).codes).not.toContain("DUPLICATE_DOCUMENT");
    expect((await standing(light)).codes).not.toContain("DUPLICATE_DOCUMENT");
    expect((await standing(again)).codes).toContain("DUPLICATE_DOCUMENT");
  });

  it("tells another administradora nothing but that it exists", async () => {
    const sha256 = document({
      identifiers: [{ ...PIX, value: "E00000000202611031201abcdefghijk" }],
    });
    await house.upload(sha256, "alheio.pdf");
    const cnpj = supplier();
    await submit({ payeeDocument: cnpj, documents: [{ sha256 }] });
    const stranger = await createAdministradora(database);
    await stranger.condominium("LUA");
    await stranger.upload(sha256, "meu.pdf");
    const [later = ""] = await stranger.submit({
      condominium: "LUA",
      payeeDocument: cnpj,
      documents: [{ sha256 }],
    });
    await runAll(database);
    expect(await standing(later)).toMatchObject({ status: "MANUAL_REVIEW" });
    const { rows } = await database
      .pool("worker")
      .query("select status_reasons as reasons from blindagem.expenses where id = $1", [later]);
    const elsewhere = z
      .array(z.looseObject({ code: z.string() }))
      .parse(rows[0]?.reasons)
      .filter(({ code }) => code === "DUPLICATE_RECEIPT_ELSEWHERE");
    expect(elsewhere).toEqual([
      {
        code: "DUPLICATE_RECEIPT_ELSEWHERE",
        severity: "REVIEW",
        evidence: { identifier: "DOCUMENT_HASH" },
      },
    ]);
  });
});

describe("validating", () => {
  it("again writes nothing", async () => {
    const expenses = [
      await submit({ payeeDocument: supplier() }),
      await submit({ payeeDocument: supplier("Baixada") }),
      await submit({ payeeDocument: supplier(), category: "JARDINAGEM_PAISAGISMO" }),
      await submit({ payeeDocument: cnpjOf(90_001) }),
    ];
    await runAll(database);
    const before = [await auditRecords(database), await Promise.all(expenses.map(standing))];
    await validateAgain(...expenses);
    await validateAgain(...expenses);
    expect([await auditRecords(database), await Promise.all(expenses.map(standing))]).toEqual(
      before,
    );
  });

  it("asks once for each supplier that is missing", async () => {
    const cnpj = cnpjOf(90_002);
    const expenses = [
      await submit({ payeeDocument: cnpj }),
      await submit({ payeeDocument: cnpj }),
      await submit({ payeeDocument: cnpj }),
    ];
    await validateAgain(...expenses);
    const lookUps = (await queuedJobs(database)).filter(({ task }) => task === "cnpj_lookup");
    expect(lookUps).toMatchObject([{ payload: { cnpj }, attempts: 1 }]);
  });

  it("does not lock up when two jobs have the same expenses in another order", async () => {
    const cnpj = supplier();
    const expenses = await house.submit(
      ...Array.from({ length: 20 }, () => ({ condominium: "SOL", payeeDocument: cnpj })),
    );
    await runAll(database);
    await database
      .pool("worker")
      .query("update blindagem.expenses set payment_status = payment_status where id = any ($1)", [
        expenses,
      ]);
    for (const ids of [expenses, expenses.toReversed()]) {
      await database
        .pool("worker")
        .query("select graphile_worker.add_job('validate_expenses', $1::json)", [
          JSON.stringify({ expenseIds: ids }),
        ]);
    }
    await Promise.all([runAll(database), runAll(database)]);
    expect((await queuedJobs(database)).filter(({ lastError }) => lastError !== null)).toEqual([]);
  });

  it("leaves what a person decided meanwhile", async () => {
    const expense = await submit({ payeeDocument: supplier() });
    await house.as("admin", "select blindagem.cancel_expense($1, 'Engano')", [expense]);
    await runAll(database);
    expect(await standing(expense)).toMatchObject({ status: "CANCELLED", decisions: 0 });
  });
});

describe("every decision that was made here", () => {
  it("can be replayed from what is stored: same hash, status and reasons", async () => {
    const worker = await database.pool("worker").connect();
    let count = 0;
    for await (const { expenseId, attestedHash, decision } of storedDecisions(worker, {})) {
      count++;
      expect({ expenseId, outcome: replayDecision(decision, attestedHash) }).toEqual({
        expenseId,
        outcome: undefined,
      });
    }
    worker.release();
    expect(count).toBeGreaterThan(15);
  });

  it("shares one rule set, and its facts hold no rules of their own", async () => {
    const { rows } = await database.pool("worker").query(
      `select (select count(*)::int from blindagem_private.rule_sets) as sets,
         (select max(length(facts)) from blindagem.decisions) as longest,
         (select count(*)::int from blindagem.decisions where facts::json->'rules' is not null) as own`,
    );
    expect(rows).toEqual([{ sets: 1, own: 0, longest: expect.any(Number) }]);
    expect(rows[0]?.longest).toBeLessThan(3_000);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type pg from "pg";
import { cnpjCheckDigits, parseCnpj } from "../../src/identifiers/cnpj.ts";
import { parseCpf } from "../../src/identifiers/cpf.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { ask, createTenant, type Tenant } from "./world.ts";

const CHECK = { code: "23514" };
const EXCLUSION = { code: "23P01" };
const FOREIGN_KEY = { code: "23503" };
const UNIQUE = { code: "23505" };

let database: TestDatabase;
let owner: pg.Pool;
let tenant: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = database.pool("migrator");
  tenant = await createTenant(database);
});
afterAll(() => database.drop());

describe("identifiers in SQL agree with src/identifiers", () => {
  async function sqlSays(name: "is_cnpj" | "is_cpf", candidates: string[]): Promise<boolean[]> {
    const { rows } = await owner.query<{ valid: boolean }>(
      `select blindagem_private.${name}(c) as valid from unnest($1::text[]) with ordinality as u (c, n) order by n`,
      [candidates],
    );
    return rows.map(({ valid }) => valid);
  }

  it.each([
    ["12ABC34501DE35", true],
    ["11222333000181", true],
    ["33683111000280", true],
    ["12ABC34501DE36", false],
    ["12abc34501de35", false],
    ["00000000000000", false],
    ["11111111111111", false],
    ["11.222.333/0001-81", false],
    ["1122233300018", false],
    ["112223330001811", false],
    ["", false],
  ])("CNPJ %j: %s", async (candidate, valid) => {
    expect(await sqlSays("is_cnpj", [candidate])).toEqual([valid]);
  });

  const base = fc.string({
    unit: fc.constantFrom(..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    minLength: 12,
    maxLength: 12,
  });
  const digits = (length: number) =>
    fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: length, maxLength: length });
  /** Right, wrong in the check digits, and anything else. */
  const cnpjs = fc.oneof(
    base.map((text) => text + cnpjCheckDigits(text)),
    fc.tuple(base, digits(2)).map((parts) => parts.join("")),
    fc.string({ maxLength: 16 }).filter((text) => !text.includes("\u0000")),
  );

  it("on CNPJs, numeric and alphanumeric", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cnpjs, { minLength: 50, maxLength: 100 }), async (candidates) => {
        // SQL takes the bare form alone; punctuation is taken off before.
        const expected = candidates.map((candidate) => parseCnpj(candidate) === candidate);
        expect(await sqlSays("is_cnpj", candidates)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it("on CPFs", async () => {
    const cpfs = fc.oneof(
      digits(11),
      digits(9).map((text) => {
        const found = Array.from({ length: 100 }, (_, n) => text + String(n).padStart(2, "0"));
        return found.find((candidate) => parseCpf(candidate) !== undefined) ?? text;
      }),
      fc.constantFrom("11111111111", "00000000000", "52998224725"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(cpfs, { minLength: 50, maxLength: 100 }), async (candidates) => {
        const expected = candidates.map((candidate) => parseCpf(candidate) === candidate);
        expect(await sqlSays("is_cpf", candidates)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

/** Changes the ordinary expense in a transaction that is always rolled back. */
async function change(...statements: string[]): Promise<void> {
  const client = await owner.connect();
  try {
    await client.query("begin");
    for (const statement of statements) {
      await client.query(
        statement
          .replaceAll(":expense", tenant.expenseId)
          .replaceAll(":condominium", tenant.condominiumId)
          .replaceAll(":organization", tenant.organizationId)
          .replaceAll(":debit", tenant.debitId)
          .replaceAll(":credit", tenant.creditId),
      );
    }
  } finally {
    await client.query("rollback");
    client.release();
  }
}

describe("an expense", () => {
  const set = (assignment: string) =>
    `update blindagem.expenses set ${assignment} where id = :expense`;
  /** A second one with other values where the first one's never change. */
  const another = (values: Record<string, unknown>) =>
    `insert into blindagem.expenses overriding system value
     select (jsonb_populate_record(e, '${JSON.stringify({ id: 0, external_id: "another", ...values })}')).*
     from blindagem.expenses e where id = :expense`;

  it.each([
    ["a company with a wrong CNPJ", set("payee_document = '11222333000182'")],
    ["a company without CNPJ", set("payee_document = null")],
    ["a person with a CNPJ", set("payee_kind = 'CPF'")],
    ["nobody with a document", set("payee_kind = 'NONE'")],
    ["an instalment without its total", set("instalment_number = 1")],
    ["an instalment beyond its total", set("instalment_number = 3, instalment_total = 2")],
    ["instalment zero", set("instalment_number = 0, instalment_total = 2")],
    ["more than 999 instalments", set("instalment_number = 1, instalment_total = 1000")],
    ["nothing to pay", another({ gross_amount: 0 })],
    ["a negative amount", another({ gross_amount: -1 })],
    ["an amount that is no number", another({ gross_amount: "NaN" })],
    ["a competence that is no month", set("competence = '2026-11-02'")],
    ["a kind of document we do not know", another({ document_kind: "NAPKIN" })],
  ])("cannot have %s", async (_, statement) => {
    await expect(change(statement)).rejects.toMatchObject(CHECK);
  });

  it.each([
    set("payee_kind = 'NONE', payee_document = null"),
    set("payee_kind = 'CPF', payee_document = '52998224725'"),
    set("payee_document = '12ABC34501DE35'"),
    set("instalment_number = 2, instalment_total = 2"),
  ])("can: %s", async (statement) => {
    await expect(change(statement)).resolves.toBeUndefined();
  });

  it("keeps its keys", async () => {
    for (const assignment of [
      "condominium_id = condominium_id + 1",
      "organization_id = organization_id + 1",
      "external_id = 'another'",
      "gross_amount = gross_amount + 0.01",
      "document_kind = 'BOLETO'",
    ]) {
      await expect(change(set(assignment))).rejects.toMatchObject({ code: "BLD06" });
    }
  });

  it("belongs to a condominium, a category and a batch that there are, and to its batch's organization", async () => {
    const { rows } = await owner.query<{ id: string }>(
      "insert into blindagem.organizations (name) values ('Outra') returning id",
    );
    for (const values of [
      { condominium_id: 0 },
      { category: "NO_SUCH" },
      { batch_id: 0 },
      { organization_id: Number(rows[0]?.id) },
      { submitted_by: Number(tenant.askers.reviewer.settings.person_id) },
    ]) {
      await expect(change(another(values))).rejects.toMatchObject(FOREIGN_KEY);
    }
  });

  it("is one per external id and organization", async () => {
    await expect(
      change(
        `insert into blindagem.expenses (condominium_id, organization_id, batch_id, external_id, category, document_kind,
           competence, gross_amount, payee_kind, due_date, submitted_by, fact_deadline)
         select condominium_id, organization_id, batch_id, external_id, category, document_kind, competence, 1, 'NONE',
           due_date, submitted_by, fact_deadline
         from blindagem.expenses where id = :expense`,
      ),
    ).rejects.toMatchObject(UNIQUE);
  });
});

describe("payables", () => {
  it("sum up to the gross, whatever changes", async () => {
    for (const statement of [
      "update blindagem.payables set amount = amount + 0.01 where expense_id = :expense and kind = 'SUPPLIER'",
      // One of many rows is enough, whatever else the statement changes.
      `update blindagem.payables set payment_status = 'PAID',
         amount = amount + case when expense_id = :expense and kind = 'SUPPLIER' then 0.01 else 0 end`,
      `insert into blindagem.payables (condominium_id, expense_id, kind, amount, due_date)
       values (:condominium, :expense, 'SUPPLIER', 0.01, '2026-11-10')`,
    ]) {
      await expect(change(statement)).rejects.toMatchObject({ code: "BLD04" });
    }
    await expect(
      change(
        `update blindagem.payables set amount = case kind when 'SUPPLIER' then amount - 1 else amount + 1 end
         where expense_id = :expense`,
      ),
    ).resolves.toBeUndefined();
    await expect(
      change("update blindagem.payables set payment_status = 'PAID'"),
    ).resolves.toBeUndefined();
  });

  it("belong to an expense of their condominium", async () => {
    const of = (condominium: string, expense: string) =>
      `insert into blindagem.payables (condominium_id, expense_id, kind, amount, due_date)
       values (${condominium}, ${expense}, 'SUPPLIER', 1000, '2026-11-10')`;
    await expect(change(of(":condominium", "0"))).rejects.toMatchObject(FOREIGN_KEY);
    await expect(change(of("0", ":expense"))).rejects.toMatchObject(FOREIGN_KEY);
    await expect(
      change("update blindagem.payables set expense_id = 0 where expense_id = :expense"),
    ).rejects.toMatchObject(FOREIGN_KEY);
  });

  it("are positive, but for credit notes", async () => {
    await expect(
      change("update blindagem.payables set amount = -amount where expense_id = :expense"),
    ).rejects.toMatchObject(CHECK);
    await expect(
      change("update blindagem.payables set retention = null where expense_id = :expense"),
    ).rejects.toMatchObject(CHECK);
  });
});

describe("a decision", () => {
  const decide = (condominium: string, expense: string, hash: string) =>
    `insert into blindagem.decisions (condominium_id, expense_id, status, reasons, rule_version, thresholds, facts_hash, rule_set, facts)
     select ${condominium}, ${expense}, status, reasons, rule_version, thresholds, ${hash}, rule_set, facts
     from blindagem.decisions where expense_id = :expense`;

  it("belongs to an expense, which carries the hash of its facts", async () => {
    const rest = "update blindagem.expenses set facts_hash = repeat('a', 64) where id = :expense";
    for (const statements of [
      [decide(":condominium", "0", "facts_hash")],
      [decide("0", ":expense", "facts_hash")],
      [rest, decide("0", ":expense", "facts_hash")],
    ]) {
      await expect(change(...statements)).rejects.toMatchObject(FOREIGN_KEY);
    }
  });

  it("is one per expense, and never changes", async () => {
    await expect(change(decide(":condominium", ":expense", "facts_hash"))).rejects.toMatchObject(
      UNIQUE,
    );
    for (const statement of [
      "update blindagem.decisions set status = 'APPROVED' where expense_id = :expense",
      "update blindagem.decisions set facts = facts",
      "truncate blindagem.decisions",
    ]) {
      await expect(change(statement)).rejects.toMatchObject({ code: "BLD06" });
    }
  });
});

describe("rows that others refer to", () => {
  it.each([
    "organizations",
    "people",
    "condominiums",
    "categories",
    "expense_batches",
    "expenses",
    "payables",
    "decisions",
  ])("are never deleted: %s", async (table) => {
    await expect(change(`delete from blindagem.${table}`)).rejects.toMatchObject({ code: "BLD06" });
  });
});

describe("what an administrator sets", () => {
  const asAdmin = (call: string) => ask(database, tenant.askers.admin, `select blindagem.${call}`);

  it("is an approval limit that is a number", async () => {
    await expect(
      asAdmin("set_approval_limit('NaN', 'SECOND_APPROVER', 'Alçada')"),
    ).rejects.toMatchObject(CHECK);
    await expect(
      change("update blindagem.approval_limits set amount = 'NaN'"),
    ).rejects.toMatchObject(CHECK);
  });

  it("is a setting of up to 999,999 hours or days", async () => {
    const set = (value: number) => asAdmin(`set_setting('fact_deadline_hours', ${value}, 'Prazo')`);
    await expect(set(999_999)).resolves.toHaveLength(1);
    await expect(set(1_000_000)).rejects.toMatchObject(CHECK);
    await expect(set(-1)).rejects.toMatchObject(CHECK);
  });
});

describe("bank movements", () => {
  it("are posted on the calendar day of Brasília", async () => {
    const at = (instant: string, day: string) =>
      `update blindagem.bank_transactions set posted_at = '${instant}', posted_on = '${day}' where id = :debit`;
    await expect(change(at("2026-11-06T01:30:00Z", "2026-11-05"))).resolves.toBeUndefined();
    await expect(change(at("2026-11-06T01:30:00Z", "2026-11-06"))).rejects.toMatchObject(CHECK);
    await expect(change(at("2026-11-06T03:00:00Z", "2026-11-06"))).resolves.toBeUndefined();
  });

  it("are conserved: payments never exceed their debit, and a credit pays nothing", async () => {
    const pay = (transaction: string, amount: string) =>
      `update blindagem.payments set amount = ${amount}, transaction_id = ${transaction}
       where payable_id in (select id from blindagem.payables where expense_id = :expense)`;
    // 100 of the payroll's payment stand on the same debit of 1000.
    await expect(change(pay(":debit", "900"))).resolves.toBeUndefined();
    await expect(change(pay(":debit", "900.01"))).rejects.toMatchObject({ code: "BLD06" });
    await expect(change(pay(":credit", "1"))).rejects.toMatchObject({ code: "BLD06" });
  });

  it("are conserved: refunds never exceed their credit, nor the debit they undo", async () => {
    const refund = (amount: string) =>
      `update blindagem.refunds set amount = ${amount} where credit_id = :credit`;
    await expect(change(refund("249"))).resolves.toBeUndefined();
    await expect(change(refund("250.01"))).rejects.toMatchObject({ code: "BLD06" });
    await expect(
      change(
        "update blindagem.bank_transactions set amount = 5000 where id = :credit",
        refund("1000"),
      ),
    ).resolves.toBeUndefined();
    await expect(
      change(
        "update blindagem.bank_transactions set amount = 5000 where id = :credit",
        refund("1000.01"),
      ),
    ).rejects.toMatchObject({ code: "BLD06" });
    await expect(
      change(
        `insert into blindagem.refunds (condominium_id, credit_id, debit_id, amount, confidence, reasons)
         select condominium_id, credit_id, credit_id, amount, confidence, reasons from blindagem.refunds where credit_id = :credit`,
      ),
    ).rejects.toMatchObject(CHECK);
  });
});

describe("dated relations", () => {
  it("give a condominium one administradora at a time", async () => {
    const manage = (from: string, to: string) =>
      `insert into blindagem.managements (organization_id, condominium_id, code, valid_from, valid_to)
       values (:organization, :condominium, 'X', ${from}, ${to})`;
    await expect(change(manage("blindagem_private.today() + 5", "null"))).rejects.toMatchObject(
      EXCLUSION,
    );
    await expect(
      change(manage("blindagem_private.today() - 5", "blindagem_private.today() + 1")),
    ).rejects.toMatchObject(EXCLUSION);
    // The last day of one is the day before the first of the next.
    await expect(
      change(manage("blindagem_private.today() - 5", "blindagem_private.today()")),
    ).resolves.toBeUndefined();
  });

  it("give an organization or a condominium one approval limit at a time", async () => {
    const limit = (condominium: string) =>
      `insert into blindagem.approval_limits (organization_id, condominium_id, amount) values (:organization, ${condominium}, 1)`;
    await expect(change(limit("null"))).rejects.toMatchObject(EXCLUSION);
    await expect(change(limit(":condominium"))).resolves.toBeUndefined();
    await expect(change(limit(":condominium"), limit(":condominium"))).rejects.toMatchObject(
      EXCLUSION,
    );
  });

  it("give a person a role once at a time, and never end before they begin", async () => {
    const member = (from: number, to: string) =>
      `insert into blindagem.members (organization_id, person_id, role, valid_from, valid_to)
       select organization_id, person_id, role, valid_from + ${from}, ${to} from blindagem.members where role = 'admin'`;
    await expect(change(member(1, "null"))).rejects.toMatchObject(EXCLUSION);
    await expect(change(member(-5, "valid_from"))).resolves.toBeUndefined();
    await expect(change(member(-5, "valid_from - 5"))).resolves.toBeUndefined();
    await expect(change(member(-5, "valid_from - 6"))).rejects.toMatchObject(CHECK);
  });

  it.each([
    ["a síndico of an organization", "'sindico', :organization, null"],
    ["an operator with a scope", "'operator', :organization, null"],
    ["an auditor of nothing", "'auditor', null, null"],
    ["an auditor of two scopes", "'auditor', :organization, :condominium"],
  ])("know no %s", async (_, scope) => {
    await expect(
      change(
        `insert into blindagem.grants (person_id, role, organization_id, condominium_id)
         select id, ${scope} from blindagem.people limit 1`,
      ),
    ).rejects.toMatchObject(CHECK);
  });

  it("hold one version of a rule on any day", async () => {
    await expect(
      change(
        `insert into blindagem.rules (code, version, facts, severity, source, valid_from)
         select code, version + 100, facts, severity, source, valid_from from blindagem.rules where valid_to is null limit 1`,
      ),
    ).rejects.toMatchObject(EXCLUSION);
  });
});

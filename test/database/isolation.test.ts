import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { type Seen, seenBy } from "./relations.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { type Asker, asker, createTenant, type Tenant } from "./world.ts";

let database: TestDatabase;
let ours: Tenant;
let theirs: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  ours = await createTenant(database);
  theirs = await createTenant(database);
  for (const tenant of [ours, theirs]) await addDivergences(tenant);
});
afterAll(() => database.drop());

/** What the comparison would find of an ordinary expense, and of one of the payroll. */
async function addDivergences({ condominiumId, expenseId, salaryId }: Tenant): Promise<void> {
  await database.pool("sealer").query(
    `insert into blindagem_audit.divergences (kind, entity_type, entity_id, condominium_id, sensitivity)
     values ('ROW_CHANGED', 'expenses', $1::bigint || '/' || $2::bigint, $1, 'ORDINARY'),
       ('ROW_CHANGED', 'expenses', $1::bigint || '/' || $3::bigint, $1, 'SALARY')`,
    [condominiumId, expenseId, salaryId],
  );
}

/** The relations in which something is seen. */
const notEmpty = (seen: Seen): string[] =>
  [...seen.keys()].filter((name) => seen.get(name)?.length);

const row = z.looseObject({
  id: z.union([z.number(), z.string()]).nullish(),
  condominium_id: z.number().nullish(),
  external_id: z.string().optional(),
  expense_id: z.number().nullish(),
  payable_id: z.number().optional(),
  posted_at: z.string().nullish(),
  entity_type: z.string().optional(),
  entity_id: z.string().optional(),
  new_state: z.looseObject({ expense_id: z.string().nullish() }).nullish(),
});
type Row = z.infer<typeof row>;

const rowsIn = (seen: Seen, relation: string): Row[] =>
  (seen.get(relation) ?? []).map((text) => row.parse(JSON.parse(text)));

const tenantless = z.object({ organization_id: z.null(), condominium_id: z.null() });
const isOfThePlatform = (relation: string, text: string): boolean =>
  relation === "audit_log" && tenantless.safeParse(JSON.parse(text)).success;

describe("tenants", () => {
  it("see their own rows in every table and view", async () => {
    const seen = await seenBy(database, ours.askers.admin);
    // What operators do to the queue is theirs alone; what migrations left is nobody's. Nobody has asked for an erasure.
    const operators = [
      "checkpoint_thinnings",
      "definitions",
      "erasures",
      "job_interventions",
      "live_workers",
      "log_detachments",
      "organization_weights",
      "provider_limits",
      "queue_now_of_organizations",
      "reader_thresholds",
    ];
    expect([...notEmpty(seen), ...operators].sort()).toEqual([...seen.keys()]);
  });

  it.each(["admin", "reviewer", "integrator", "sindico", "auditor", "conselho"] as const)(
    "never see a row of another tenant as %s",
    async (role) => {
      const foreign = await seenBy(database, theirs.askers.admin);
      const seen = await seenBy(database, ours.askers[role]);
      expect(notEmpty(seen).length).toBeGreaterThan(5);
      for (const [relation, rows] of seen) {
        // What concerns everybody is told to everybody (platform-records.test.ts).
        const theirOwn = foreign.get(relation)?.filter((text) => !isOfThePlatform(relation, text));
        const others = new Set(theirOwn);
        expect({ relation, leaked: rows.filter((text) => others.has(text)) }).toEqual({
          relation,
          leaked: [],
        });
      }
    },
  );

  it.each(["admin", "reviewer", "integrator", "sindico", "auditor"] as const)(
    "are closed to a %s who is nobody",
    async (role) => {
      const nobody: Asker = { role, settings: { person_id: "", actor_id: "" } };
      expect(notEmpty(await seenBy(database, nobody))).toEqual([]);
    },
  );

  it("are closed to a person in a role that was not granted to them", async () => {
    const person = theirs.askers.sindico.settings.person_id;
    expect(notEmpty(await seenBy(database, asker("auditor", person, undefined)))).toEqual([
      "grants",
      "people",
    ]);
  });

  it("are closed to operators but for the queue, the organizations' names and records of no tenant", async () => {
    const person = ours.askers.admin.settings.person_id;
    const seen = await seenBy(database, asker("operator", person, undefined));
    expect(notEmpty(seen)).toEqual([
      "audit_log",
      "background_jobs",
      "dead_letters",
      "job_interventions",
      "organizations",
      "people",
      "queue_figures",
      "queue_now",
      "queue_now_of_organizations",
      "reader_thresholds",
    ]);
    expect(seen.get("people")).toHaveLength(1);
    const records = seen.get("audit_log") ?? [];
    expect(records.filter((text) => !isOfThePlatform("audit_log", text))).toEqual([]);
  });

  it("are closed to anonymous requests", async () => {
    const anonymous: Asker = { role: "anonymous", settings: ours.askers.admin.settings };
    expect(notEmpty(await seenBy(database, anonymous))).toEqual([]);
  });
});

describe("salaries", () => {
  const OF_EXPENSES = [
    "expenses",
    "retentions",
    "payables",
    "accounts_payable",
    "expense_documents",
    "decisions",
    "reviews",
    "payments",
    "bank_transactions",
    "refunds",
    "movement_verdicts",
    "audit_log",
    "audit_divergences",
  ];

  /** Whether a row speaks of the payroll expense: by its id, its payable, its debit, what gave that back, or its key in the log. */
  async function speaksOfSalary(): Promise<(row: Row) => boolean> {
    const { rows: payables } = await database
      .pool("migrator")
      .query<{ id: string }>("select id from blindagem.payables where expense_id = $1", [
        ours.salaryId,
      ]);
    const payableIds = payables.map(({ id }) => id);
    const expenseKey = `${ours.condominiumId}/${ours.salaryId}`;
    const payableKeys = payableIds.map((id) => `${ours.condominiumId}/${id}`);
    return ({ entity_type, entity_id = "", ...row }) => {
      switch (entity_type) {
        case undefined:
          return (
            row.external_id === "salary" ||
            row.expense_id === Number(ours.salaryId) ||
            payableIds.includes(String(row.payable_id)) ||
            String(row.credit_id) === ours.creditId ||
            (row.verdict !== undefined && String(row.transaction_id) === ours.creditId) ||
            (row.posted_at !== undefined && [ours.debitId, ours.creditId].includes(String(row.id)))
          );
        case "expenses":
          return entity_id === expenseKey;
        case "bank_transactions":
          return [ours.debitId, ours.creditId].includes(entity_id);
        case "refunds":
          return entity_id === `${ours.condominiumId}/${ours.creditId}/${ours.debitId}`;
        case "movement_verdicts":
          return entity_id === `${ours.condominiumId}/${ours.creditId}`;
        case "payables":
          return payableKeys.includes(entity_id);
        case "payments":
          return payableKeys.some((key) => entity_id.startsWith(`${key}/`));
        case "retentions":
        case "expense_documents":
          return entity_id.startsWith(`${expenseKey}/`);
        default:
          return row.new_state?.expense_id === ours.salaryId;
      }
    };
  }

  it("are hidden from the conselho in every table, and in the log", async () => {
    const seen = await seenBy(database, ours.askers.conselho);
    const ofSalary = await speaksOfSalary();
    for (const relation of OF_EXPENSES) {
      const rows = rowsIn(seen, relation);
      // The one refund gives the salary back.
      if (relation !== "refunds") expect(rows.length).toBeGreaterThan(0);
      expect({ relation, salaries: rows.filter(ofSalary) }).toEqual({ relation, salaries: [] });
    }
  });

  it.each(["auditor", "sindico", "admin"] as const)("are seen by the %s", async (role) => {
    const seen = await seenBy(database, ours.askers[role]);
    const ofSalary = await speaksOfSalary();
    const without = OF_EXPENSES.filter((relation) => !rowsIn(seen, relation).some(ofSalary));
    expect(without).toEqual([]);
    const debit = { entity_type: "bank_transactions", entity_id: ours.debitId };
    expect(rowsIn(seen, "audit_log")).toContainEqual(expect.objectContaining(debit));
  });
});

describe("a condominium that changes its administradora", () => {
  const CARRIED = [
    "expenses",
    "retentions",
    "payables",
    "accounts_payable",
    "decisions",
    "reviews",
    "payee_accounts",
    "bank_connections",
    "bank_accounts",
    "bank_transactions",
    "payments",
    "refunds",
    "movement_verdicts",
    "audit_log",
  ];

  it("is lost to the former one and known to the new one, with its whole history", async () => {
    const former = await createTenant(database);
    const next = await createTenant(database);
    const of = async (who: Asker): Promise<Map<string, Row[]>> => {
      const seen = await seenBy(database, who);
      const ofCondominium = ({ condominium_id }: Row) =>
        condominium_id === Number(former.condominiumId);
      return new Map(CARRIED.map((name) => [name, rowsIn(seen, name).filter(ofCondominium)]));
    };
    const before = await of(former.askers.admin);

    await database.pool("migrator").query(
      `update blindagem.managements set valid_from = valid_from - 30, valid_to = valid_from
       where condominium_id = $1`,
      [former.condominiumId],
    );
    await database.pool("migrator").query(
      `insert into blindagem.managements (organization_id, condominium_id, code, valid_from)
       values ($1, $2, 'HERDADO', blindagem_private.today())`,
      [next.organizationId, former.condominiumId],
    );

    const known = await of(next.askers.admin);
    for (const [relation, rows] of before) {
      expect({ relation, count: rows.length }).not.toEqual({ relation, count: 0 });
      expect(known.get(relation)).toEqual(expect.arrayContaining(rows));
    }
    const nothing = new Map(CARRIED.map((name) => [name, []]));
    expect(await of(former.askers.admin)).toEqual(nothing);
    expect(await of(former.askers.auditor)).toEqual(nothing);
    const documents = (await seenBy(database, next.askers.admin)).get("documents");
    expect(documents?.some((text) => text.includes(former.sha256))).toBe(true);
    // Its síndico and its conselho stay with it.
    expect((await of(former.askers.sindico)).get("expenses")).toHaveLength(2);
    expect((await of(former.askers.conselho)).get("expenses")).toHaveLength(1);
  });
});

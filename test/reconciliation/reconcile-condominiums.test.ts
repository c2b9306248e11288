import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import type pg from "pg";
import { nameActor } from "../../src/database/actor.ts";
import { formatDecimal } from "../../src/money/centavos.ts";
import { reconcileCondominiums } from "../../src/reconciliation/reconcile-condominiums.ts";
import type { ReconciliationInput } from "../../src/reconciliation/types.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { createTenant, type Tenant } from "../tasks/tenant.ts";
import { arbitraryCase } from "./arbitrary-case.ts";

const now = new Date("2026-12-31T12:00:00.000Z");

let database: TestDatabase;
let tenant: Tenant;
let client: pg.PoolClient;
let accountId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
  client = await database.pool("migrator").connect();
  const { rows } = await client.query(
    "insert into blindagem.bank_accounts (condominium_id, name) values ($1, 'Conta') returning id::text",
    [tenant.condominiumId],
  );
  accountId = rows[0].id;
});
afterAll(async () => {
  client.release();
  await database.drop();
});

/** Stores a case, lets `use` work on it, and takes all of it back. */
async function withCase(input: ReconciliationInput, use: () => Promise<void>): Promise<void> {
  await client.query("begin");
  try {
    await nameActor(client, { id: "system:test", role: "worker", reason: "test" });
    await insertExpenses(input);
    await insertMovements(input);
    await use();
  } finally {
    await client.query("rollback");
  }
}

async function insertExpenses({ payables }: ReconciliationInput): Promise<void> {
  const rows = payables.map((one) => ({
    number: one.id,
    kind: one.kind,
    document: one.payeeDocument,
    name: one.payeeName,
    amount: formatDecimal(one.amount),
    due: one.dueDate,
    pix: one.endToEndIds,
  }));
  await client.query(
    `with given as materialized (
       select *, nextval('blindagem.expenses_id_seq') as expense_id,
         md5(number) || md5(number) as sha256
       from jsonb_to_recordset($1) as g (
         number text, kind text, document text, name text, amount numeric, due date, pix text[])
     ), batch as (
       insert into blindagem.expense_batches (organization_id, content_hash, submitted_by, row_count)
       values ($2, repeat('0', 64), $3, 0) returning id
     ), expenses as (
       insert into blindagem.expenses (condominium_id, id, organization_id, batch_id, external_id, category,
         document_kind, competence, gross_amount, payee_kind, payee_document, payee_name, due_date, submitted_by,
         fact_deadline)
       overriding system value
       select $4, g.expense_id, $2, b.id, g.number, 'ELEVADORES',
         case g.kind when 'CREDIT_NOTE' then 'CREDIT_NOTE' else 'RECEIPT' end, '2026-11-01', abs(g.amount),
         case length(g.document) when 14 then 'CNPJ' when 11 then 'CPF' else 'NONE' end, g.document, g.name, g.due,
         $3, now()
       from given g, batch b
     ), payables as (
       insert into blindagem.payables (condominium_id, expense_id, kind, payee_document, payee_name, amount, due_date)
       -- Half of them: the others are their own payables.
       select $4, expense_id, kind, document, name, amount, due from given where ascii(right(number, 1)) % 2 = 0
     ), documents as (
       insert into blindagem.documents (sha256, format, size) select sha256, 'PNG', 1 from given
     ), identifiers as (
       insert into blindagem.document_identifiers (sha256, kind, value)
       select sha256, 'PIX_END_TO_END', unnest(pix) from given
     )
     insert into blindagem.expense_documents (condominium_id, expense_id, position, sha256)
     select $4, expense_id, 1, sha256 from given`,
    [JSON.stringify(rows), tenant.organizationId, tenant.personId, tenant.condominiumId],
  );
}

async function insertMovements({ movements }: ReconciliationInput): Promise<void> {
  const rows = movements.map((one) => ({ ...one, amount: formatDecimal(one.amount) }));
  await client.query(
    `insert into blindagem.bank_transactions (condominium_id, account_id, provider_id, posted_at, posted_on, amount,
       description, counterparty_document, end_to_end_id, original_end_to_end_id, check_number, status)
     select $2, $3, id, "postedAt", "postedOn", amount, description, "counterpartyDocument", "endToEndId",
       "originalEndToEndId", "checkNumber", status
     from jsonb_to_recordset($1) as m (id text, "postedAt" timestamptz, "postedOn" date, amount numeric,
       description text, "counterpartyDocument" text, "endToEndId" text, "originalEndToEndId" text,
       "checkNumber" text, status text)`,
    [JSON.stringify(rows), tenant.condominiumId, accountId],
  );
}

async function run(): Promise<void> {
  await reconcileCondominiums(client, [tenant.condominiumId], now);
}

async function count(text: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(`select count(*)::int as count ${text}`);
  return rows[0]?.count ?? 0;
}

const audited = () => count("from blindagem_audit.records");

// Each case is some fifty statements.
jest.setTimeout(120_000);

describe("reconcileCondominiums", () => {
  it("writes nothing the second time, whatever the case", async () => {
    const found = { payments: 0, refunds: 0, reviews: 0 };
    const something = () => Math.min(found.payments, found.refunds, found.reviews) > 0;
    // The cases are worth something only if there is something to write, of each kind; now and then twelve have nothing of one.
    for (let round = 0; round < 10 && !something(); round++) {
      await fc.assert(
        fc.asyncProperty(arbitraryCase, (input) =>
          withCase(input, async () => {
            await run();
            const before = await audited();
            await run();
            expect(await audited()).toBe(before);
            found.payments += await count("from blindagem.payments");
            found.refunds += await count("from blindagem.refunds");
            found.reviews += await count("from blindagem.reviews");
          }),
        ),
        { numRuns: 12 },
      );
    }
    expect(something()).toBe(true);
  });

  it("says of every credit that has come what it is, and never calls a refund income", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryCase, (input) =>
        withCase(input, async () => {
          await run();
          const unsaid = await count(
            `from blindagem.bank_transactions t
             where t.condominium_id = ${tenant.condominiumId} and t.amount > 0 and t.status = 'POSTED'
               and not exists (select from blindagem.movement_verdicts v
                 where v.condominium_id = t.condominium_id and v.transaction_id = t.id)`,
          );
          const phantom = await count(
            `from blindagem.income i
             join blindagem.refunds r on r.condominium_id = i.condominium_id and r.credit_id = i.id`,
          );
          expect([unsaid, phantom]).toEqual([0, 0]);
        }),
      ),
      { numRuns: 12 },
    );
  });

  it("keeps no link to a movement that was taken back, and is settled again at once", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryCase, fc.nat(20), (input, at) =>
        withCase(input, async () => {
          await run();
          const taken = input.movements[at % Math.max(input.movements.length, 1)]?.id ?? "none";
          await client.query(
            "update blindagem.bank_transactions set deleted_at = $2 where account_id = $3 and provider_id = $1",
            [taken, now, accountId],
          );
          await run();
          const dangling = await count(
            `from blindagem.bank_transactions t
             where t.deleted_at is not null and (
               exists (select from blindagem.payments p where p.transaction_id = t.id)
               or exists (select from blindagem.refunds r where t.id in (r.credit_id, r.debit_id))
               or exists (select from blindagem.movement_verdicts v where t.id in (v.transaction_id, v.reversed_credit_id)))`,
          );
          const before = await audited();
          await run();
          expect([dangling, await audited()]).toEqual([0, before]);
        }),
      ),
      { numRuns: 12 },
    );
  });

  it("has everything as it was when what people decided is undone, in whatever order", async () => {
    const step = fc.record({
      kind: fc.constantFrom("PAYMENT", "REFUND"),
      debit: fc.nat(30),
      other: fc.nat(30),
      reject: fc.boolean(),
    });
    let decided = 0;
    await fc.assert(
      fc.asyncProperty(
        arbitraryCase,
        fc.array(step, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (input, steps, backwards) =>
          withCase(input, async () => {
            await run();
            const before = await left();
            const pairs = new Set<string>();
            for (const one of steps) {
              const pair = await decide(one);
              // A pair that was decided on twice is undone by one step only.
              if (pair !== undefined && pairs.has(pair)) return;
              if (pair !== undefined) pairs.add(pair);
              await run();
            }
            decided += pairs.size;
            for (const pair of backwards ? [...pairs].reverse() : pairs) {
              await undo(pair);
              await run();
            }
            expect(await left()).toEqual(before);
          }),
      ),
      { numRuns: 15 },
    );
    expect(decided).toBeGreaterThan(0);
  });
});

type Step = { kind: "PAYMENT" | "REFUND"; debit: number; other: number; reject: boolean };

/** Confirms a pair that is not linked, or rejects one that is; undefined where money, or the platform, would not have it. */
async function decide({ kind, debit, other, reject }: Step): Promise<string | undefined> {
  const wanted =
    kind === "PAYMENT"
      ? `select t.id as debit, p.id as payable, null::bigint as credit,
           exists (select from blindagem.payments l where l.transaction_id = t.id and l.payable_id = p.id) as linked
         from blindagem.bank_transactions t, blindagem.accounts_payable p
         where t.condominium_id = $1 and p.condominium_id = $1 and t.amount < 0`
      : `select t.id as debit, null::bigint as payable, c.id as credit,
           exists (select from blindagem.refunds l where l.debit_id = t.id and l.credit_id = c.id) as linked
         from blindagem.bank_transactions t, blindagem.bank_transactions c
         where t.condominium_id = $1 and c.condominium_id = $1 and t.amount < 0 and c.amount > 0`;
  const { rows } = await client.query(
    `select debit::text, payable::text, credit::text from (${wanted}) as pair
     where linked = $2 order by debit, payable, credit`,
    [tenant.condominiumId, reject],
  );
  const pair = rows[(debit * 31 + other) % Math.max(rows.length, 1)];
  if (!pair) return undefined;
  const key = JSON.stringify([pair.debit, pair.payable, pair.credit]);
  return (await asReviewer(reject ? "undo_match" : "confirm_match", key)) ? key : undefined;
}

async function undo(pair: string): Promise<void> {
  expect(await asReviewer("undo_match", pair)).toBe(true);
}

/** False when the platform refuses, for a reason that it gives. */
async function asReviewer(name: "confirm_match" | "undo_match", pair: string): Promise<boolean> {
  const actor = { id: `person:${tenant.colleagueId}`, role: "reviewer", reason: "" };
  await nameActor(client, actor);
  await client.query(
    "select set_config('blindagem.person_id', $1, true), set_config('blindagem.organization_id', $2, true)",
    [tenant.colleagueId, tenant.organizationId],
  );
  await client.query("savepoint decision");
  try {
    const [debit, payable, credit] = JSON.parse(pair);
    await client.query(
      `select blindagem.${name}($1, 'conferido', payable_id => $2, credit_id => $3)`,
      [debit, payable, credit],
    );
    return true;
  } catch (error) {
    await client.query("rollback to savepoint decision");
    expect(error).toMatchObject({ code: expect.stringMatching(/^BLD0[46]$/) });
    return false;
  } finally {
    await nameActor(client, { id: "system:test", role: "worker", reason: "test" });
  }
}

/** All that a reconciliation leaves, but for instants and ids of reviews. */
async function left(): Promise<unknown> {
  const { rows } = await client.query(
    `select
       (select jsonb_agg(to_jsonb(p) - 'created_at' order by p.payable_id, p.transaction_id)
        from blindagem.payments p where p.condominium_id = $1) as payments,
       (select jsonb_agg(to_jsonb(r) - 'created_at' order by r.credit_id, r.debit_id)
        from blindagem.refunds r where r.condominium_id = $1) as refunds,
       (select jsonb_agg(to_jsonb(v) order by v.transaction_id)
        from blindagem.movement_verdicts v where v.condominium_id = $1) as verdicts,
       (select jsonb_agg(jsonb_build_array(p.id, p.payment_status) order by p.id)
        from blindagem.accounts_payable p where p.condominium_id = $1) as statuses,
       (select jsonb_agg(jsonb_build_array(q.kind, q.subject, q.expense_id, q.reasons) order by q.kind, q.subject)
        from blindagem.reviews q where q.condominium_id = $1 and q.outcome is null) as questions`,
    [tenant.condominiumId],
  );
  return rows[0];
}

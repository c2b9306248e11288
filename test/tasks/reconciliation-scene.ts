import { afterAll, beforeAll, beforeEach, expect } from "@jest/globals";
import type { BankMovement } from "../../src/banking/movement.ts";
import { softDeleteTransactions } from "../../src/banking/store-deletions.ts";
import { upsertBankTransactions } from "../../src/banking/store-transactions.ts";
import { parseDecimal } from "../../src/money/centavos.ts";
import { useServices } from "../../src/services.ts";
import reconcileTask from "../../tasks/reconcile.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "./task-run.ts";
import { createTenant, type Tenant } from "./tenant.ts";

const now = new Date("2030-11-20T12:00:00.000Z");
const seenAt = new Date("2030-11-19T12:00:00.000Z");

export let database: TestDatabase;
/** An administradora with a condominium, new for each test. */
export let tenant: Tenant;
export let accountId: string;

/** Gives the tests of a file a database, and each of them a condominium with an account. */
export function useScene(): void {
  beforeAll(async () => {
    database = await createTestDatabase();
    useServices(servicesOf({ clock: () => now }));
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await emptyQueue(database);
    tenant = await createTenant(database);
    const { rows } = await ask(
      "insert into blindagem.bank_accounts (condominium_id, name) values ($1, 'Conta') returning id::text",
      [tenant.condominiumId],
    );
    accountId = rows[0].id;
  });
}

/** With the rights of the workers' login. */
export async function ask(text: string, values: unknown[] = []) {
  return database.pool("worker").query(text, values);
}

async function withWorker<T>(
  use: (client: Parameters<typeof upsertBankTransactions>[0]) => Promise<T>,
) {
  const client = await database.pool("worker").connect();
  try {
    return await use(client);
  } finally {
    client.release();
  }
}

/** A movement with Elevadores Exemplo; `at` is a day or an instant. */
export function movement(
  providerId: string,
  at: string,
  amount: string,
  description: string,
  more: Partial<BankMovement> = {},
): BankMovement {
  return {
    providerId,
    accountProviderId: "account",
    postedAt: new Date(at.length === 10 ? `${at}T03:00:00.000Z` : at),
    amount: parseDecimal(amount) ?? 0n,
    description,
    operationType: null,
    counterpartyDocument: "11222333000181",
    counterpartyName: "ELEVADORES EXEMPLO LTDA",
    endToEndId: null,
    originalEndToEndId: null,
    checkNumber: null,
    status: "POSTED",
    raw: null,
    ...more,
  };
}

export async function post(...movements: BankMovement[]): Promise<void> {
  await withWorker((client) => upsertBankTransactions(client, accountId, movements, seenAt));
}

export async function takeBack(...ids: string[]): Promise<void> {
  await withWorker((client) => softDeleteTransactions(client, accountId, ids, now));
}

export async function reconcile(): Promise<void> {
  await ask("select blindagem_private.claim_and_enqueue($1)", [
    JSON.stringify([
      {
        task: "reconcile",
        subject: tenant.condominiumId,
        payload: { condominiumId: tenant.condominiumId },
      },
    ]),
  ]);
  await runJobs(database, { reconcile: reconcileTask });
  expect((await queuedJobs(database)).filter((job) => job.task === "reconcile")).toEqual([]);
}

export async function paymentStatus(expenseId: string): Promise<string> {
  const { rows } = await ask("select payment_status from blindagem.expenses where id = $1", [
    expenseId,
  ]);
  return rows[0].payment_status;
}

export async function payments() {
  const { rows } = await ask(
    `select y.expense_id::text as expense, t.provider_id as debit, p.amount, p.decided_by is not null as human
     from blindagem.payments p
     join blindagem.accounts_payable y on y.condominium_id = p.condominium_id and y.id = p.payable_id
     join blindagem.bank_transactions t on t.id = p.transaction_id
     where p.condominium_id = $1 order by t.provider_id, y.id`,
    [tenant.condominiumId],
  );
  return rows;
}

export async function refunds() {
  const { rows } = await ask(
    `select c.provider_id as credit, d.provider_id as debit, r.amount
     from blindagem.refunds r
     join blindagem.bank_transactions c on c.id = r.credit_id
     join blindagem.bank_transactions d on d.id = r.debit_id
     where r.condominium_id = $1 order by c.provider_id, d.provider_id`,
    [tenant.condominiumId],
  );
  return rows;
}

export async function verdicts(): Promise<Record<string, string>> {
  const { rows } = await ask(
    `select t.provider_id as id, v.verdict
     from blindagem.movement_verdicts v join blindagem.bank_transactions t on t.id = v.transaction_id
     where v.condominium_id = $1`,
    [tenant.condominiumId],
  );
  return Object.fromEntries(rows.map(({ id, verdict }) => [id, verdict]));
}

export async function income(): Promise<string[]> {
  const { rows } = await ask(
    `select t.provider_id as id from blindagem.income i join blindagem.bank_transactions t on t.id = i.id
     where i.condominium_id = $1 order by t.provider_id`,
    [tenant.condominiumId],
  );
  return rows.map(({ id }) => id);
}

export async function reviews() {
  const { rows } = await ask(
    `select kind, subject, expense_id::text as "expenseId", outcome,
       jsonb_path_query_array(reasons, '$[*].code') as codes
     from blindagem.reviews where condominium_id = $1 order by id`,
    [tenant.condominiumId],
  );
  return rows;
}

export async function idOf(providerId: string): Promise<string> {
  const { rows } = await ask(
    "select id::text from blindagem.bank_transactions where account_id = $1 and provider_id = $2",
    [accountId, providerId],
  );
  return rows[0].id;
}

export async function audit(): Promise<
  { entity_type: string; action: string; actor_id: string }[]
> {
  const { rows } = await database
    .pool("migrator")
    .query(
      "select entity_type, action, actor_id from blindagem_audit.audit_log_immutable where condominium_id = $1 order by id",
      [tenant.condominiumId],
    );
  return rows;
}

/** Runs the reconciliation that waits. */
export async function runWaiting(): Promise<void> {
  await runJobs(database, { reconcile: reconcileTask });
}

/** What is owed to Elevadores Exemplo. */
export const lifts = { externalId: "E-1", grossAmount: "1234.56", dueDate: "2030-11-05" };

/** The debit that pays it. */
export const pix = (id: string, day = "2030-11-05", more: Partial<BankMovement> = {}) =>
  movement(id, day, "-1234.56", "PIX ENVIADO ELEVADORES EXEMPLO", more);

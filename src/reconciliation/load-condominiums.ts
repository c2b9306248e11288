import type pg from "pg";
import { z } from "zod";
import { parseBoletoLine } from "../identifiers/boleto.ts";
import { amountColumn } from "./amount-column.ts";
import {
  type AnsweredReview,
  type DecidedPayment,
  type DecidedRefund,
  type MatchDecision,
  newLinks,
  readAnswers,
} from "./answers.ts";
import { type ByCondominium, readByCondominium } from "./by-condominium.ts";
import { loadAnswers, loadMatchDecisions } from "./load-answers.ts";
import { decisionOnCurrent, loadReplacements, onCurrent } from "./load-replacements.ts";
import { loadReturnedItems } from "./load-returned-items.ts";
import { fixedLinks, loadStanding, type StandingResults } from "./load-standing.ts";
import type { PaymentStatus } from "./payment-status.ts";
import { DEFAULT_THRESHOLDS } from "./thresholds.ts";
import type { Movement, Payable, ReconciliationInput, ReturnedItem } from "./types.ts";

/** A payable with what only storing needs to know of it. */
export interface StoredPayable extends Payable {
  /** The expense was rejected or cancelled: nothing is matched to it. */
  dropped: boolean;
  /** Of an expense that the conselho does not see. */
  salary: boolean;
  /** As they are stored. */
  status: PaymentStatus;
  expenseStatus: PaymentStatus;
}

/** What belongs together in one condominium. */
export interface LoadedCondominium {
  condominiumId: string;
  input: ReconciliationInput;
  /** All payables, the dropped ones too. */
  payables: StoredPayable[];
  /** People's answers that no link holds yet; `input` has them as fixed. */
  decided: { payments: DecidedPayment[]; refunds: DecidedRefund[] };
  standing: StandingResults;
}

const paymentStatus = z.enum([
  "UNPAID",
  "PARTIALLY_PAID",
  "PAID",
  "PARTIALLY_REFUNDED",
  "REFUNDED",
]);

const payableRow = z
  .object({
    id: z.string(),
    expenseId: z.string(),
    kind: z.enum(["SUPPLIER", "RETENTION", "CREDIT_NOTE"]),
    payeeDocument: z.string().nullable(),
    payeeName: z.string().nullable(),
    amount: amountColumn,
    dueDate: z.string(),
    endToEndIds: z.array(z.string()),
    boletoLines: z.array(z.string()),
    description: z.string(),
    category: z.string(),
    instalment: z.string().nullable(),
    externalId: z.string(),
    dropped: z.boolean(),
    salary: z.boolean(),
    status: paymentStatus,
    expenseStatus: paymentStatus,
  })
  .transform(
    ({ boletoLines, ...payable }): StoredPayable => ({
      ...payable,
      // An expense's description speaks of the supplier, not of the tax retained from it.
      description: payable.kind === "RETENTION" ? "" : payable.description,
      category: payable.kind === "RETENTION" ? null : payable.category,
      digitableLine: boletoLines.find((line) => isFor(line, payable)) ?? null,
    }),
  );

const movementRow = z.object({
  id: z.string(),
  accountId: z.string(),
  postedAt: z.date().transform((instant) => instant.toISOString()),
  postedOn: z.string(),
  amount: amountColumn,
  description: z.string(),
  operationType: z.string().nullable(),
  counterpartyDocument: z.string().nullable(),
  counterpartyName: z.string().nullable(),
  endToEndId: z.string().nullable(),
  originalEndToEndId: z.string().nullable(),
  checkNumber: z.string().nullable(),
  status: z.enum(["POSTED", "PENDING"]),
});

const ownDocumentRow = z.object({ cnpj: z.string() }).transform(({ cnpj }) => cnpj);

/**
 * Loads the payables, movements and standing links of condominiums, all of them by the same few statements.
 *
 * @param asOf calendar date in Brasília, 'YYYY-MM-DD'
 * @returns in the order given
 * @throws z.ZodError when what the database holds is not of that shape: then nothing is matched
 */
export async function loadCondominiums(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
  asOf: string,
): Promise<LoadedCondominium[]> {
  const payables = await selectPayables(client, condominiumIds);
  const movements = await selectMovements(client, condominiumIds);
  const standing = await loadStanding(client, condominiumIds, asOf);
  const current = await loadReplacements(client, condominiumIds);
  const reviews = await loadAnswers(client, condominiumIds);
  const decisions = await loadMatchDecisions(client, condominiumIds);
  const returnedItems = await loadReturnedItems(client, condominiumIds);
  const ownDocuments = await selectOwnDocuments(client, condominiumIds);
  return condominiumIds.map((condominiumId) =>
    assembled({
      condominiumId,
      payables: payables(condominiumId),
      movements: movements(condominiumId),
      standing: standing(condominiumId),
      reviews: reviews(condominiumId).map((review) => onCurrent(review, current)),
      decisions: decisions(condominiumId).map((one) => decisionOnCurrent(one, current)),
      returnedItems: returnedItems(condominiumId),
      ownDocuments: ownDocuments(condominiumId),
      asOf,
    }),
  );
}

/** What people have answered becomes a part of what the matcher takes as given. */
function assembled({
  condominiumId,
  payables,
  movements,
  standing,
  reviews,
  decisions,
  ...given
}: Pick<ReconciliationInput, "movements" | "ownDocuments" | "asOf"> & {
  condominiumId: string;
  payables: StoredPayable[];
  standing: StandingResults;
  reviews: AnsweredReview[];
  decisions: MatchDecision[];
  returnedItems: ReturnedItem[];
}): LoadedCondominium {
  const owed = payables.filter((payable) => !payable.dropped);
  const fixed = fixedLinks(standing);
  const answers = readAnswers(reviews, decisions, owed, movements);
  const happened = movements.filter(({ status }) => status === "POSTED");
  const decided = newLinks(answers, fixed, happened);
  const input: ReconciliationInput = {
    ...given,
    payables: owed,
    movements,
    fixed: {
      payments: [...fixed.payments, ...decided.payments],
      refunds: [...fixed.refunds, ...decided.refunds],
      // Of what a person has said how much it pays the machine does not propose the rest.
      rejectedPairs: [
        ...answers.rejectedPairs,
        ...answers.payments.map(({ payableId, transactionId }) => ({
          kind: "PAYMENT" as const,
          payableId,
          transactionId,
        })),
      ],
      incomeCredits: answers.incomeCredits,
    },
    doubtfulDebitsPay: true,
    thresholds: DEFAULT_THRESHOLDS,
  };
  return { condominiumId, input, payables, decided, standing };
}

async function selectPayables(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<ByCondominium<StoredPayable>> {
  const { rows } = await client.query({
    name: "payables to reconcile",
    text: `with identifier as (
       select d.expense_id,
         coalesce(array_agg(distinct i.value) filter (where i.kind = 'PIX_END_TO_END'), '{}') as pix,
         coalesce(array_agg(distinct i.value) filter (where i.kind = 'BOLETO_LINE'), '{}') as boleto
       from blindagem.expense_documents d
       join blindagem.document_identifiers i on i.sha256 = d.sha256
       where d.condominium_id = any ($1::bigint[])
       group by d.expense_id
     )
     select p.condominium_id::text as "condominiumId", p.id::text, p.expense_id::text as "expenseId", p.kind,
       p.payee_document as "payeeDocument", p.payee_name as "payeeName", p.amount::text, p.due_date::text as "dueDate",
       coalesce(i.pix, '{}') as "endToEndIds", coalesce(i.boleto, '{}') as "boletoLines",
       coalesce(e.description, '') as description, e.category, e.external_id as "externalId",
       e.instalment_number || '/' || e.instalment_total as instalment,
       e.status in ('REJECTED', 'CANCELLED') as dropped, e.sensitivity = 'SALARY' as salary,
       p.payment_status as status, e.payment_status as "expenseStatus"
     from blindagem.payables p
     join blindagem.expenses e on e.condominium_id = p.condominium_id and e.id = p.expense_id
     left join identifier i on i.expense_id = p.expense_id
     where p.condominium_id = any ($1::bigint[])
     order by p.id`,
    values: [condominiumIds],
  });
  return readByCondominium(payableRow, rows);
}

/** A boleto says its amount: so it is known which of an expense's payables it is for. */
function isFor(line: string, payable: { amount: bigint; dueDate: string }): boolean {
  return parseBoletoLine(line, payable.dueDate)?.amount === payable.amount;
}

async function selectMovements(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<ByCondominium<Movement>> {
  const { rows } = await client.query({
    name: "movements to reconcile",
    text: `select condominium_id::text as "condominiumId", id::text, account_id::text as "accountId",
       posted_at as "postedAt", posted_on::text as "postedOn", amount::text, description,
       operation_type as "operationType", counterparty_document as "counterpartyDocument",
       counterparty_name as "counterpartyName", end_to_end_id as "endToEndId",
       original_end_to_end_id as "originalEndToEndId", check_number as "checkNumber", status
     from blindagem.bank_transactions
     where condominium_id = any ($1::bigint[]) and deleted_at is null
     order by id`,
    values: [condominiumIds],
  });
  return readByCondominium(movementRow, rows);
}

async function selectOwnDocuments(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<ByCondominium<string>> {
  const { rows } = await client.query({
    name: "own documents",
    text: `select id::text as "condominiumId", cnpj from blindagem.condominiums
     where id = any ($1::bigint[]) and cnpj is not null`,
    values: [condominiumIds],
  });
  return readByCondominium(ownDocumentRow, rows);
}

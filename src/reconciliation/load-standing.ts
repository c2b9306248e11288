import type pg from "pg";
import { z } from "zod";
import { addDays } from "../calendar/brasilia.ts";
import { reasonsColumn } from "../validation/reasons-column.ts";
import { amountColumn } from "./amount-column.ts";
import { type ByCondominium, readByCondominium } from "./by-condominium.ts";
import type { MovementVerdict } from "./movement-verdicts.ts";
import type { Question } from "./questions.ts";
import type { FixedPayment, FixedRefund, PaymentLink, RefundLink } from "./types.ts";

/**
 * Machine-made links of movements older than this are taken as given: a period that was closed long ago does not
 * shift because of what comes today. Twice the longest window in which anything is matched (a Pix devolução: 90 days).
 */
const SETTLED_AFTER_DAYS = 180;

/** A stored link: whose it is, and whether the matcher builds on it. */
interface Standing {
  decidedBy: string | null;
  /**
   * People's links, and the settled ones of earlier runs. Younger machine-made links are worked out anew from the facts, so
   * that the outcome does not depend on the order in which receipts, expenses and pages of the bank came in. Links of a
   * movement that the bank took back do not count.
   */
  fixed: boolean;
}

/** What earlier runs and people have left in a condominium. */
export interface StandingResults {
  payments: (PaymentLink & Standing)[];
  refunds: (RefundLink & Standing)[];
  verdicts: MovementVerdict[];
  /** The open questions. */
  questions: Question[];
}

const link = {
  amount: amountColumn,
  confidence: z.number(),
  reasons: reasonsColumn,
  decidedBy: z.string().nullable(),
  fixed: z.boolean(),
};
const paymentRow = z.object({ payableId: z.string(), transactionId: z.string(), ...link });
const refundRow = z.object({ creditId: z.string(), debitId: z.string(), ...link });
const verdictRow = z.object({
  transactionId: z.string(),
  verdict: z.enum(["REFUND", "SUSPENSE", "AMBIGUOUS", "INCOME_REVERSAL", "NEITHER", "INCOME"]),
  reversedCreditId: z.string().nullable(),
  reasons: reasonsColumn,
});
const questionRow = z.object({
  kind: z.enum(["PAYMENT", "REFUND"]),
  subject: z.string(),
  expenseId: z.string().nullable(),
  reasons: reasonsColumn,
});

/** @param asOf calendar date in Brasília, 'YYYY-MM-DD' */
export async function loadStanding(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
  asOf: string,
): Promise<(condominiumId: string) => StandingResults> {
  const settledBefore = addDays(asOf, -SETTLED_AFTER_DAYS);
  const payments = await selectPayments(client, condominiumIds, settledBefore);
  const refunds = await selectRefunds(client, condominiumIds, settledBefore);
  const verdicts = await selectVerdicts(client, condominiumIds);
  const questions = await selectQuestions(client, condominiumIds);
  return (condominiumId) => ({
    payments: payments(condominiumId),
    refunds: refunds(condominiumId),
    verdicts: verdicts(condominiumId),
    questions: questions(condominiumId),
  });
}

/** The links that the matcher builds on. */
export function fixedLinks({ payments, refunds }: StandingResults): {
  payments: FixedPayment[];
  refunds: FixedRefund[];
} {
  return {
    payments: payments
      .filter(({ fixed }) => fixed)
      .map(({ payableId, transactionId, amount }) => ({ payableId, transactionId, amount })),
    refunds: refunds
      .filter(({ fixed }) => fixed)
      .map(({ creditId, debitId, amount }) => ({ creditId, debitId, amount })),
  };
}

async function selectPayments(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
  settledBefore: string,
): Promise<ByCondominium<StandingResults["payments"][number]>> {
  const { rows } = await client.query({
    name: "standing payments",
    text: `select p.condominium_id::text as "condominiumId", p.payable_id::text as "payableId", p.transaction_id::text as "transactionId", p.amount::text,
       p.confidence::float8, p.reasons, p.decided_by::text as "decidedBy",
       t.deleted_at is null and t.status = 'POSTED'
         and (p.decided_by is not null or (t.posted_on < $2::date and e.status not in ('REJECTED', 'CANCELLED'))) as fixed
     from blindagem.payments p
     join blindagem.bank_transactions t on t.condominium_id = p.condominium_id and t.id = p.transaction_id
     join blindagem.expenses e on e.condominium_id = p.condominium_id
       and e.id = blindagem_private.expense_of_payable(p.condominium_id, p.payable_id)
     where p.condominium_id = any ($1::bigint[])
     order by p.payable_id, p.transaction_id`,
    values: [condominiumIds, settledBefore],
  });
  return readByCondominium(paymentRow, rows);
}

async function selectRefunds(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
  settledBefore: string,
): Promise<ByCondominium<StandingResults["refunds"][number]>> {
  const { rows } = await client.query({
    name: "standing refunds",
    text: `select r.condominium_id::text as "condominiumId", r.credit_id::text as "creditId", r.debit_id::text as "debitId", r.amount::text,
       r.confidence::float8, r.reasons, r.decided_by::text as "decidedBy",
       c.deleted_at is null and d.deleted_at is null and c.status = 'POSTED' and d.status = 'POSTED'
         and (r.decided_by is not null or c.posted_on < $2::date) as fixed
     from blindagem.refunds r
     join blindagem.bank_transactions c on c.condominium_id = r.condominium_id and c.id = r.credit_id
     join blindagem.bank_transactions d on d.condominium_id = r.condominium_id and d.id = r.debit_id
     where r.condominium_id = any ($1::bigint[])
     order by r.credit_id, r.debit_id`,
    values: [condominiumIds, settledBefore],
  });
  return readByCondominium(refundRow, rows);
}

async function selectVerdicts(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<ByCondominium<MovementVerdict>> {
  const { rows } = await client.query({
    name: "standing verdicts",
    text: `select condominium_id::text as "condominiumId", transaction_id::text as "transactionId", verdict, reversed_credit_id::text as "reversedCreditId", reasons
     from blindagem.movement_verdicts where condominium_id = any ($1::bigint[])`,
    values: [condominiumIds],
  });
  return readByCondominium(verdictRow, rows);
}

async function selectQuestions(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<ByCondominium<Question>> {
  const { rows } = await client.query({
    name: "standing questions",
    text: `select condominium_id::text as "condominiumId", kind, subject, expense_id::text as "expenseId", reasons
     from blindagem.reviews where condominium_id = any ($1::bigint[]) and kind in ('PAYMENT', 'REFUND') and outcome is null`,
    values: [condominiumIds],
  });
  return readByCondominium(questionRow, rows);
}

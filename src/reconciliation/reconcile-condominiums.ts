import type pg from "pg";
import { dateInBrasilia } from "../calendar/brasilia.ts";
import { loadCondominium } from "./load-condominium.ts";
import { loadDebitDays } from "./load-debit-days.ts";
import { movementVerdicts } from "./movement-verdicts.ts";
import { paymentStates } from "./payment-states.ts";
import { questions } from "./questions.ts";
import { reconcile } from "./reconcile.ts";
import { removeWithdrawn } from "./remove-withdrawn.ts";
import { storePaymentStates } from "./store-payment-states.ts";
import { storePayments } from "./store-payments.ts";
import { storeQuestions } from "./store-questions.ts";
import { storeRefunds } from "./store-refunds.ts";
import { storeVerdicts } from "./store-verdicts.ts";
import { unexplainedDebits } from "./unexplained-debits.ts";

/** What a run changed, and what it left open. */
export interface ReconciliationOutcome {
  linked: number;
  unlinked: number;
  orphans: number;
  questions: number;
}

/**
 * Reconciles a condominium in the running transaction: which debits pay which payables, which credits give which
 * debits back. Doing it again changes nothing. Runs on one condominium wait for each other.
 *
 * @param now nothing that is posted after this day in Brasília counts
 */
export async function reconcileCondominium(
  client: pg.ClientBase,
  condominiumId: string,
  now: Date,
): Promise<ReconciliationOutcome> {
  await lock(client, condominiumId);
  const withdrawn = await removeWithdrawn(client, condominiumId);
  const { input, payables, decided, standing } = await loadCondominium(
    client,
    condominiumId,
    dateInBrasilia(now),
  );
  const { fixed, movements } = input;
  const result = reconcile(input);

  const links = [...result.payments, ...result.refundedPayments];
  const payments = await storePayments(
    client,
    condominiumId,
    links,
    decided.payments,
    standing.payments,
  );
  const refunds = await storeRefunds(
    client,
    condominiumId,
    result.refunds,
    decided.refunds,
    standing.refunds,
  );
  const verdicts = movementVerdicts(result, fixed.refunds, movements);
  await storeVerdicts(client, condominiumId, verdicts, standing.verdicts);
  const asked = [
    ...questions(result.reviews, payables, movements),
    ...unexplainedDebits(result, movements, input.asOf, await loadDebitDays(client, condominiumId)),
  ];
  await storeQuestions(client, condominiumId, asked, standing.questions);
  const states = paymentStates(
    payables,
    [...fixed.payments, ...links],
    [...fixed.refunds, ...result.refunds],
  );
  await storePaymentStates(client, condominiumId, states, payables);
  return {
    linked: payments.written + refunds.written,
    unlinked: withdrawn + payments.removed + refunds.removed,
    orphans: result.orphanRefunds.length,
    questions: asked.length,
  };
}

async function lock(client: pg.ClientBase, condominiumId: string): Promise<void> {
  await client.query({
    name: "lock reconciliation",
    text: "select pg_advisory_xact_lock(hashtextextended('reconcile:' || $1, 0))",
    values: [condominiumId],
  });
}

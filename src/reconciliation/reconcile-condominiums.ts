import type pg from "pg";
import { dateInBrasilia } from "../calendar/brasilia.ts";
import { type LoadedCondominium, loadCondominiums } from "./load-condominiums.ts";
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

/** What a run changed in a condominium, and what it left open. */
export interface ReconciliationOutcome {
  condominiumId: string;
  linked: number;
  unlinked: number;
  orphans: number;
  questions: number;
}

/**
 * Reconciles condominiums in the running transaction: which debits pay which payables, which credits give which debits
 * back. Each is matched by itself; they are loaded and stored together, by the same statements. Doing it again changes
 * nothing. Runs on one condominium wait for each other.
 *
 * @param now nothing that is posted after this day in Brasília counts
 * @returns in the order given
 */
export async function reconcileCondominiums(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
  now: Date,
): Promise<ReconciliationOutcome[]> {
  await lock(client, condominiumIds);
  const withdrawn = await removeWithdrawn(client, condominiumIds);
  const debitDays = await loadDebitDays(client, condominiumIds);
  const loaded = await loadCondominiums(client, condominiumIds, dateInBrasilia(now));
  const found = loaded.map((one) => findingsOf(one, debitDays(one.condominiumId)));

  const payments = await storePayments(
    client,
    found.map(({ condominiumId, links, decided, standing }) => ({
      condominiumId,
      found: links,
      decided: decided.payments,
      standing: standing.payments,
    })),
  );
  const refunds = await storeRefunds(
    client,
    found.map(({ condominiumId, result, decided, standing }) => ({
      condominiumId,
      found: result.refunds,
      decided: decided.refunds,
      standing: standing.refunds,
    })),
  );
  await storeVerdicts(
    client,
    found.map(({ condominiumId, verdicts, standing }) => ({
      condominiumId,
      wanted: verdicts,
      standing: standing.verdicts,
    })),
  );
  await storeQuestions(
    client,
    found.map(({ condominiumId, asked, standing }) => ({
      condominiumId,
      wanted: asked,
      standing: standing.questions,
    })),
  );
  await storePaymentStates(client, found);
  return found.map(({ condominiumId, result, asked }, at) => {
    const changes = [payments[at], refunds[at]];
    const count = (what: "removed" | "added" | "changed") =>
      changes.reduce((sum, one) => sum + (one?.[what].length ?? 0), 0);
    return {
      condominiumId,
      linked: count("added") + count("changed"),
      unlinked: count("removed") + withdrawn(condominiumId),
      orphans: result.orphanRefunds.length,
      questions: asked.length,
    };
  });
}

/** What is found in a condominium, as it is stored. Pure. */
function findingsOf(loaded: LoadedCondominium, debitDays: number) {
  const { input, payables } = loaded;
  const { fixed, movements } = input;
  const result = reconcile(input);
  const links = [...result.payments, ...result.refundedPayments];
  return {
    ...loaded,
    result,
    links,
    verdicts: movementVerdicts(result, fixed.refunds, movements),
    asked: [
      ...questions(result.reviews, payables, movements),
      ...unexplainedDebits(result, movements, input.asOf, debitDays),
    ],
    states: paymentStates(
      payables,
      [...fixed.payments, ...links],
      [...fixed.refunds, ...result.refunds],
    ),
  };
}

/** In the order of their ids, so that two runs never wait for each other at once. */
async function lock(client: pg.ClientBase, condominiumIds: readonly string[]): Promise<void> {
  await client.query({
    name: "lock reconciliation",
    text: `select pg_advisory_xact_lock(hashtextextended('reconcile:' || id, 0))
     from (select id from unnest($1::bigint[]) as c (id) order by id) as ordered`,
    values: [condominiumIds],
  });
}

import type pg from "pg";
import { z } from "zod";
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
import { loadMovements } from "./load-movements.ts";
import { loadPayables, type StoredPayable } from "./load-payables.ts";
import { decisionOnCurrent, loadReplacements, onCurrent } from "./load-replacements.ts";
import { loadReturnedItems } from "./load-returned-items.ts";
import { fixedLinks, loadStanding, type StandingResults } from "./load-standing.ts";
import { DEFAULT_THRESHOLDS } from "./thresholds.ts";
import type { ReconciliationInput, ReturnedItem } from "./types.ts";

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
  const payables = await loadPayables(client, condominiumIds);
  const movements = await loadMovements(client, condominiumIds);
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

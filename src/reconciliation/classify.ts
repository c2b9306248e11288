import { ownTransfers } from "./own-transfers.ts";
import type { PreparedMovement } from "./prepared.ts";
import { note } from "./reasons.ts";
import type { Movement, NeutralMovement } from "./types.ts";

/** What each movement of a condominium is, before anything is matched. */
export type Classified = {
  /** Debits that may pay something. */
  payers: PreparedMovement[];
  /** Credits that give a debit back, by identifier or memo. */
  refunds: PreparedMovement[];
  /** Debits that take income back. */
  reversals: PreparedMovement[];
  /** Credits that look like income. */
  receipts: PreparedMovement[];
  neutral: NeutralMovement[];
  /** Pending, in the future, announced, or of no amount: nothing may rest on them. */
  waiting: PreparedMovement[];
};

/**
 * Sorts movements by what memo, identifiers and holder tell.
 * @param incomeCredits credits that a person has declared income
 * @param asOfDay days since 1970-01-01; what is posted later has not happened
 */
export function classify(
  movements: readonly PreparedMovement[],
  ownDocuments: ReadonlySet<string>,
  incomeCredits: ReadonlySet<string>,
  asOfDay: number,
): Classified {
  const result: Classified = {
    payers: [],
    refunds: [],
    reversals: [],
    receipts: [],
    neutral: [],
    waiting: [],
  };
  const happened = movements.filter(
    ({ movement, day, size }) => movement.status === "POSTED" && day <= asOfDay && size !== 0n,
  );
  const transfers = ownTransfers(happened, ownDocuments);
  const debitIds = debitIdsByAccount(happened);
  for (const one of movements) {
    const { movement, rule } = one;
    if (movement.status === "PENDING" || one.day > asOfDay || one.size === 0n) {
      result.waiting.push(one);
    } else if (one.direction === "CREDIT" && incomeCredits.has(one.id)) {
      result.receipts.push(one);
    } else if (isSweep(one)) {
      result.neutral.push({
        transactionId: one.id,
        reasons: [note("MOVEMENT_SWEEP", { rule: rule?.id ?? null })],
      });
    } else if (transfers.has(one.id)) {
      result.neutral.push({
        transactionId: one.id,
        reasons: [note("MOVEMENT_OWN_TRANSFER", { sameId: transfers.get(one.id) === "SAME_ID" })],
      });
    } else if (undoes(one, debitIds)) {
      (one.direction === "CREDIT" ? result.refunds : result.reversals).push(one);
    } else if (one.direction === "CREDIT") {
      result.receipts.push(one);
    } else if (rule?.meaning === "SCHEDULED") {
      result.waiting.push(one);
    } else {
      result.payers.push(one);
    }
  }
  return result;
}

/**
 * A devolução has an id that starts with D, names the original's, or says so in its memo; what never arrived comes
 * back to its account under its own id.
 */
function undoes(
  { movement, rule, direction }: PreparedMovement,
  debitIds: ReadonlySet<string>,
): boolean {
  return (
    rule?.meaning === "REFUND" ||
    rule?.meaning === "INCOME_REVERSAL" ||
    movement.originalEndToEndId !== null ||
    movement.endToEndId?.startsWith("D") === true ||
    (direction === "CREDIT" && debitIds.has(accountAndId(movement)))
  );
}

/** A supplier's name may hold a sweep's word; a sweep has no counterparty. */
function isSweep({ rule, direction, party }: PreparedMovement): boolean {
  return rule?.meaning === "NEUTRAL" && (direction === "CREDIT" || party.documents.length === 0);
}

function debitIdsByAccount(movements: readonly PreparedMovement[]): ReadonlySet<string> {
  return new Set(
    movements
      .filter((one) => one.direction === "DEBIT" && one.movement.endToEndId !== null)
      .map((one) => accountAndId(one.movement)),
  );
}

function accountAndId({ accountId, endToEndId }: Movement): string {
  return `${accountId}\n${endToEndId}`;
}

import type { PreparedMovement } from "./prepared.ts";
import { note } from "./reasons.ts";
import type { NeutralMovement } from "./types.ts";

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
  const transfers = ownTransfersById(movements);
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
    } else if (transfers.has(one.id) || isOwnTransfer(one, ownDocuments)) {
      result.neutral.push({
        transactionId: one.id,
        reasons: [note("MOVEMENT_OWN_TRANSFER", { sameId: transfers.has(one.id) })],
      });
    } else if (undoes(one)) {
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

/** A devolução has an id that starts with D, names the original's, or says so in its memo. */
function undoes({ movement, rule }: PreparedMovement): boolean {
  return (
    rule?.meaning === "REFUND" ||
    rule?.meaning === "INCOME_REVERSAL" ||
    movement.originalEndToEndId !== null ||
    movement.endToEndId?.startsWith("D") === true
  );
}

/** A supplier's name may hold a sweep's word; a sweep has no counterparty. */
function isSweep({ rule, direction, party }: PreparedMovement): boolean {
  return rule?.meaning === "NEUTRAL" && (direction === "CREDIT" || party.documents.length === 0);
}

function isOwnTransfer(
  { movement, rule }: PreparedMovement,
  ownDocuments: ReadonlySet<string>,
): boolean {
  return (
    rule === undefined &&
    movement.originalEndToEndId === null &&
    movement.counterpartyDocument !== null &&
    ownDocuments.has(movement.counterpartyDocument)
  );
}

/**
 * One Pix seen from both ends: the same end-to-end id as a debit in one account of the condominium
 * and as an ordinary credit in another.
 */
function ownTransfersById(movements: readonly PreparedMovement[]): Set<string> {
  const debits = new Map<string, PreparedMovement[]>();
  const found = new Set<string>();
  for (const one of movements) {
    const id = one.movement.endToEndId;
    if (one.direction === "DEBIT" && id !== null) debits.set(id, [...(debits.get(id) ?? []), one]);
  }
  for (const credit of movements) {
    const id = credit.movement.endToEndId;
    if (credit.direction !== "CREDIT" || id === null || credit.rule !== undefined) continue;
    for (const debit of debits.get(id) ?? []) {
      const elsewhere = debit.movement.accountId !== credit.movement.accountId;
      if (elsewhere && debit.size === credit.size) found.add(debit.id).add(credit.id);
    }
  }
  return found;
}

import { daysBetween } from "../calendar/brasilia.ts";
import { fold } from "../reconciliation/memo-text.ts";

/** A movement as far as it can be known again under another id of the provider. */
export type ReplaceableMovement = {
  id: string;
  postedOn: string;
  amount: bigint;
  description: string;
  counterpartyName: string | null;
  counterpartyDocument: string | null;
  endToEndId: string | null;
  status: "POSTED" | "PENDING";
  firstSeenAt: Date;
};

/** An announced entry is posted a few days later, or was announced for a day too late. */
const DAYS_BEFORE = 3;
const DAYS_AFTER = 10;

export type Replacements = {
  /** Movement that is gone -> the one that stands for it now. */
  replacedBy: Map<string, string>;
  /** Gone, and nothing came that might stand for it. */
  withoutTrace: string[];
};

/**
 * Which movements that the provider took back it gives under another id now: an announced entry when it is posted, or
 * any when the provider merges its data. Only where each side has no other choice. Pure.
 *
 * @param live movements of the account that stand for no other yet
 */
export function replacementsOf(
  gone: readonly ReplaceableMovement[],
  live: readonly ReplaceableMovement[],
): Replacements {
  const byAmount = Map.groupBy(live, ({ amount }) => amount);
  const choices = gone.map((old) => ({
    old,
    fresh: (byAmount.get(old.amount) ?? []).filter((one) => canReplace(old, one)),
  }));
  const uses = new Map<string, number>();
  for (const { id } of choices.flatMap(({ fresh }) => fresh)) uses.set(id, (uses.get(id) ?? 0) + 1);
  const found: Replacements = { replacedBy: new Map(), withoutTrace: [] };
  for (const { old, fresh } of choices) {
    const [only, other] = fresh;
    if (!only) found.withoutTrace.push(old.id);
    else if (!other && uses.get(only.id) === 1) found.replacedBy.set(old.id, only.id);
  }
  return found;
}

function canReplace(old: ReplaceableMovement, one: ReplaceableMovement): boolean {
  const days = daysBetween(old.postedOn, one.postedOn);
  const inTime = old.status === "PENDING" ? days >= -DAYS_BEFORE && days <= DAYS_AFTER : days === 0;
  return (
    inTime &&
    one.firstSeenAt > old.firstSeenAt &&
    agree(old.endToEndId, one.endToEndId) &&
    agree(old.counterpartyDocument, one.counterpartyDocument) &&
    shareWords(old, one)
  );
}

function agree(a: string | null, b: string | null): boolean {
  return a === null || b === null || a === b;
}

function shareWords(a: ReplaceableMovement, b: ReplaceableMovement): boolean {
  const words = wordsOf(b);
  return a.counterpartyDocument !== null && a.counterpartyDocument === b.counterpartyDocument
    ? true
    : [...wordsOf(a)].some((word) => words.has(word));
}

function wordsOf({ description, counterpartyName }: ReplaceableMovement): Set<string> {
  const folded = fold(`${description} ${counterpartyName ?? ""}`);
  return new Set(folded.split(" ").filter((word) => /[A-Z]{3}/.test(word)));
}

import type { PluggyItem } from "./pluggy-shapes.ts";

export type FreshnessState = "FRESH" | "STALE" | "PARTIAL" | "BROKEN";

/** How far the bank data of a connection can be trusted. */
export type Freshness = {
  state: FreshnessState;
  /** Until when all entries are known; null if unknown. What lies after it is unknown, never "not paid". */
  asOf: Date | null;
  /** Why it is not FRESH: an UPPER_SNAKE code; null when FRESH. */
  cause: string | null;
};

/** Items that nobody but the account's holder can repair. */
const BROKEN = new Set(["LOGIN_ERROR", "WAITING_USER_INPUT", "WAITING_USER_ACTION"]);
/** Items whose age alone decides. UPDATING still serves the data of its last run. */
const SOUND = new Set(["UPDATED", "UPDATING"]);

/** Pluggy syncs daily; a day and a half leaves room for one late run. An organization may set its own. */
export const STALE_AFTER_MS = 36 * 3_600_000;

/**
 * Judges a Pluggy item at an instant. Pure.
 * @see https://docs.pluggy.ai/docs/item-lifecycle
 * @see https://docs.pluggy.ai/docs/errors-validations (PARTIAL_SUCCESS, statusDetail)
 */
export function freshness(
  item: PluggyItem,
  now: Date,
  staleAfterMs: number = STALE_AFTER_MS,
): Freshness {
  const asOf = knownUntil(item);
  const judge = (state: FreshnessState, cause: string | null): Freshness => ({
    state,
    asOf,
    cause,
  });

  if (item.consentExpiresAt && new Date(item.consentExpiresAt) <= now) {
    return judge("BROKEN", "CONSENT_EXPIRED");
  }
  if (BROKEN.has(item.status)) return judge("BROKEN", item.status);
  const partial = whatIsMissing(item);
  if (partial) return judge("PARTIAL", partial);
  if (item.status === "OUTDATED") return judge("STALE", "OUTDATED");
  if (!SOUND.has(item.status)) return judge("STALE", "UNKNOWN_STATUS");
  if (asOf === null) return judge("STALE", "NEVER_UPDATED");
  if (now.getTime() - asOf.getTime() > staleAfterMs) return judge("STALE", "TOO_OLD");
  return judge("FRESH", null);
}

/** What a run left out, of the products that payments are read from; undefined if nothing. */
function whatIsMissing(item: PluggyItem): string | undefined {
  // While merging, entries are being replaced by others: what is read may hold both or neither.
  if (item.status === "MERGING") return "MERGING";
  const { accounts, transactions } = item.statusDetail ?? {};
  if (transactions?.isUpdated === false) return "TRANSACTIONS_NOT_UPDATED";
  if (transactions?.warnings?.length) return "TRANSACTIONS_WITH_WARNINGS";
  if (accounts?.isUpdated === false) return "ACCOUNTS_NOT_UPDATED";
  // Loans or investments may have failed alone; then both products say that they are up to date.
  const complete = transactions?.isUpdated && accounts?.isUpdated;
  return item.executionStatus === "PARTIAL_SUCCESS" && !complete ? "PARTIAL_SUCCESS" : undefined;
}

/** The end of what is known. A partial run that does not say which product failed tells no date. */
function knownUntil(item: PluggyItem): Date | null {
  const { accounts, transactions } = item.statusDetail ?? {};
  if (!transactions && item.executionStatus === "PARTIAL_SUCCESS") return null;
  const ends = [transactions ? transactions.lastUpdatedAt : item.lastUpdatedAt];
  if (accounts?.isUpdated === false) ends.push(accounts.lastUpdatedAt);
  const times = ends.map((end) => (end ? new Date(end).getTime() : Number.NaN));
  const earliest = Math.min(...times);
  return Number.isNaN(earliest) ? null : new Date(earliest);
}

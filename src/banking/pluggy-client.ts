import { z } from "zod";
import { type BankMovement, toMovement, UnreadableTransactionError } from "./movement.ts";
import { PluggyError } from "./pluggy-error.ts";
import { createPluggyGet, type PluggyCall, type PluggyOptions, withSlash } from "./pluggy-http.ts";
import { type PluggyAccount, type PluggyItem, pluggyAccount, pluggyItem } from "./pluggy-shapes.ts";

/** Which entries to list. Pluggy refuses `dateFrom` together with `createdAtFrom`. */
export type TransactionQuery =
  | { /** First day or instant of the entries' dates. */ dateFrom: string | Date }
  | { /** Entries that Pluggy learned of since then. */ createdAtFrom: Date }
  | { ids: readonly string[] }
  | Record<string, never>;

export type PluggyClient = {
  getItem(itemId: string, call?: PluggyCall): Promise<PluggyItem>;
  /** Bank accounts of an item. Credit cards and loans hold no bank movements: only counted. */
  listAccounts(
    itemId: string,
    call?: PluggyCall,
  ): Promise<{ accounts: PluggyAccount[]; skipped: number }>;
  /**
   * Pages of at most 500 movements of a bank account, in Pluggy's order; empty pages are left out. An
   * entry that cannot be read does not hide the others: its error comes after the last page.
   */
  listTransactions(
    accountId: string,
    query: TransactionQuery,
    call?: PluggyCall,
  ): AsyncIterable<BankMovement[]>;
};

/**
 * How many ids go into one request. Pluggy takes 500, but 500 UUIDs make an address of 18 kB, over
 * the 8 to 16 kB that servers and proxies allow for the head of a request.
 */
export const IDS_PER_REQUEST = 100;

const accountsPage = z.looseObject({
  results: z.array(pluggyAccount),
  totalPages: z.number().int().nullish(),
});
const transactionsPage = z.looseObject({
  results: z.array(z.unknown()),
  next: z.string().nullish(),
});
type Page = z.infer<typeof transactionsPage>;

/**
 * A client for the part of Pluggy that this project needs, instead of `pluggy-sdk`. Tried with its
 * version 0.90.0: it ignores a base URL given to it (only a process-wide variable counts), it does
 * not encode query values, so that a cursor with `+` or `/` breaks paging, five parallel first calls
 * authenticate five times, and an error of `createItem` carries the credentials.
 *
 * All methods throw PluggyError; listTransactions also throws UnreadableTransactionError.
 * @see https://docs.pluggy.ai/reference
 */
export function createPluggyClient(options: PluggyOptions): PluggyClient {
  const get = createPluggyGet(options);
  const base = withSlash(options.baseUrl);

  async function* pages(accountId: string, first: URL, call?: PluggyCall) {
    const seen = new Set<string>();
    let unreadable: UnreadableTransactionError | undefined;
    for (let url: URL | undefined = first; url; ) {
      if (seen.has(url.href)) {
        throw new PluggyError("UNAVAILABLE", "Pluggy GET /v2/transactions: paging goes in a loop");
      }
      seen.add(url.href);
      const page: Page = await get(url, "GET /v2/transactions", transactionsPage, call);
      const movements: BankMovement[] = [];
      for (const entry of page.results) {
        const read = readEntry(entry, accountId);
        if (read instanceof UnreadableTransactionError) unreadable ??= read;
        else movements.push(read);
      }
      if (movements.length > 0) yield movements;
      url = page.next ? nextPage(first, page.next) : undefined;
    }
    if (unreadable) throw unreadable;
  }

  return {
    getItem: (itemId, call) =>
      get(new URL(`items/${encodeURIComponent(itemId)}`, base), "GET /items", pluggyItem, call),

    async listAccounts(itemId, call) {
      const found: PluggyAccount[] = [];
      for (let page = 1, last = 1; page <= last; page++) {
        const url = new URL("accounts", base);
        url.searchParams.set("itemId", itemId);
        if (page > 1) url.searchParams.set("page", String(page));
        const answer = await get(url, "GET /accounts", accountsPage, call);
        found.push(...answer.results);
        last = answer.results.length > 0 ? (answer.totalPages ?? 1) : page;
      }
      const accounts = found.filter((account) => account.type === "BANK");
      return { accounts, skipped: found.length - accounts.length };
    },

    async *listTransactions(accountId, query, call) {
      for (const parameters of requestsFor(query)) {
        const url = new URL("v2/transactions", base);
        url.searchParams.set("accountId", accountId);
        for (const [name, value] of parameters) url.searchParams.set(name, value);
        yield* pages(accountId, url, call);
      }
    },
  };
}

/** The movement of an entry, or why it must not be guessed at. */
function readEntry(entry: unknown, accountId: string): BankMovement | UnreadableTransactionError {
  try {
    const movement = toMovement(entry);
    // An entry of another account could be booked on another condominium.
    return movement.accountProviderId === accountId
      ? movement
      : new UnreadableTransactionError(movement.providerId, "ACCOUNT");
  } catch (error) {
    if (error instanceof UnreadableTransactionError) return error;
    throw error;
  }
}

/** The query parameters of each request that a query needs; none for an empty list of ids. */
function requestsFor(query: TransactionQuery): [name: string, value: string][][] {
  if ("ids" in query) {
    const requests: [string, string][][] = [];
    for (let from = 0; from < query.ids.length; from += IDS_PER_REQUEST) {
      requests.push([["ids", query.ids.slice(from, from + IDS_PER_REQUEST).join(",")]]);
    }
    return requests;
  }
  if ("createdAtFrom" in query) return [[["createdAtFrom", query.createdAtFrom.toISOString()]]];
  if ("dateFrom" in query) {
    const from = query.dateFrom;
    return [[["dateFrom", from instanceof Date ? from.toISOString() : from]]];
  }
  return [[]];
}

/**
 * The address of the next page. `next` may be a whole address, `/path?…`, `?…` or a bare cursor.
 * Of an address only the query counts, as it stands: its values are encoded already, and its host is
 * not to be trusted with the key.
 */
function nextPage(first: URL, next: string): URL {
  const url = new URL(first);
  const mark = next.indexOf("?");
  if (mark >= 0) url.search = next.slice(mark);
  else url.searchParams.set("after", next);
  return url;
}

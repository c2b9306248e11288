import type { ClientBase } from "pg";
import { addDays, dateInBrasilia } from "../calendar/brasilia.ts";
import { parseDecimal } from "../money/centavos.ts";
import type { Connection } from "./connection.ts";
import { type Freshness, freshness } from "./freshness.ts";
import { UnreadableTransactionError } from "./movement.ts";
import type { PluggyClient, TransactionQuery } from "./pluggy-client.ts";
import { PluggyError } from "./pluggy-error.ts";
import type { PluggyCall } from "./pluggy-http.ts";
import type { PluggyAccount, PluggyItem } from "./pluggy-shapes.ts";
import { type StoredAccount, upsertBankAccounts } from "./store-accounts.ts";
import { storeBalance } from "./store-balance.ts";
import { softDeleteMissingTransactions, softDeleteTransactions } from "./store-deletions.ts";
import { settleDeletions } from "./store-replacements.ts";
import { upsertBankTransactions } from "./store-transactions.ts";

/** How far back a first sync goes: the longest window in which anything is matched, and a month. */
const FIRST_SYNC_DAYS = 120;
/** How far before the known end a later sync begins: banks correct and back-date entries for days. */
const MARGIN_DAYS = 14;
/** Entries that Pluggy learned of after the last sync count from a little before it: clocks differ. */
const CREATED_MARGIN_MS = 3_600_000;

/** Movements that a notification named: fetched again by their ids, and marked where they are gone. */
export interface NamedMovements {
  accountProviderId: string;
  providerIds: readonly string[];
}

export interface SyncOptions {
  bank: PluggyClient;
  connection: Connection;
  named: NamedMovements | undefined;
  clock: () => Date;
  /** How each request is made. */
  call: PluggyCall;
  /** Runs one transaction. Each page has its own, so that what came is kept when the next page fails. */
  store<T>(use: (client: ClientBase) => Promise<T>): Promise<T>;
}

export interface SyncOutcome {
  freshness: Freshness;
  consentExpiresAt: Date | null;
  /** When the item's state was asked for. */
  askedAt: Date;
  inserted: number;
  updated: number;
  deleted: number;
  /** Provider ids of entries that could not be read. */
  unreadable: string[];
}

/**
 * Brings the accounts and movements of a connection up to date, and says how far its data can be trusted. The state
 * itself is the caller's to store, when all the movements are.
 *
 * @throws PluggyError except where the item is gone: that is a state (BROKEN); what `call.beforeRequest` throws
 */
export async function syncConnection(options: SyncOptions): Promise<SyncOutcome> {
  const { bank, connection, clock, call, store } = options;
  const askedAt = clock();
  const outcome: SyncOutcome = {
    freshness: { state: "BROKEN", asOf: null, cause: "ITEM_NOT_FOUND" },
    consentExpiresAt: null,
    askedAt,
    inserted: 0,
    updated: 0,
    deleted: 0,
    unreadable: [],
  };
  const item = await itemOf(bank, connection.providerItemId, call);
  if (!item) return outcome;
  outcome.consentExpiresAt = item.consentExpiresAt ? new Date(item.consentExpiresAt) : null;
  outcome.freshness = freshness(
    item,
    askedAt,
    connection.staleAfterHours === null ? undefined : connection.staleAfterHours * 3_600_000,
  );

  const { accounts } = await bank.listAccounts(connection.providerItemId, call);
  const stored = await store((client) => upsertBankAccounts(client, connection.id, accounts));
  for (const account of stored) {
    for (const step of [refetchNamed, syncAccount]) {
      try {
        await step(account, options, outcome);
      } catch (error) {
        if (!(error instanceof UnreadableTransactionError)) throw error;
        outcome.unreadable.push(error.providerId);
      }
    }
  }
  await storeBalances(accounts, stored, options, outcome);
  if (outcome.unreadable.length > 0 && outcome.freshness.state !== "BROKEN") {
    outcome.freshness = { state: "PARTIAL", asOf: null, cause: "UNREADABLE_TRANSACTION" };
  }
  return outcome;
}

async function itemOf(
  bank: PluggyClient,
  itemId: string,
  call: PluggyCall,
): Promise<PluggyItem | undefined> {
  try {
    return await bank.getItem(itemId, call);
  } catch (error) {
    if (error instanceof PluggyError && error.kind === "NOT_FOUND") return undefined;
    throw error;
  }
}

/** A balance says something only beside all movements up to it, and a card's is no balance. */
async function storeBalances(
  accounts: readonly PluggyAccount[],
  stored: readonly StoredAccount[],
  { store }: SyncOptions,
  { freshness: { state, asOf }, unreadable }: SyncOutcome,
): Promise<void> {
  if (state !== "FRESH" || asOf === null || unreadable.length > 0) return;
  const ids = new Map(stored.map(({ id, providerAccountId }) => [providerAccountId, id]));
  for (const { id, type, balance, currencyCode } of accounts) {
    const accountId = ids.get(id);
    // More than two decimals are not understood, and not stored.
    const centavos = parseDecimal(String(balance));
    const isBalance = type === "BANK" && (currencyCode ?? "BRL") === "BRL";
    if (accountId === undefined || centavos === undefined || !isBalance) continue;
    await store((client) => storeBalance(client, accountId, centavos, asOf));
  }
}

/** A notification is only a signal: what it called deleted is so when the provider no longer gives it. */
async function refetchNamed(
  account: StoredAccount,
  options: SyncOptions,
  outcome: SyncOutcome,
): Promise<void> {
  const { named, clock, store } = options;
  if (named?.accountProviderId !== account.providerAccountId) return;
  const found = await storePages(account, { ids: named.providerIds }, options, outcome);
  const gone = named.providerIds.filter((id) => !found.has(id));
  outcome.deleted += await store((client) =>
    softDeleteTransactions(client, account.id, gone, clock()),
  );
}

async function syncAccount(
  account: StoredAccount,
  options: SyncOptions,
  outcome: SyncOutcome,
): Promise<void> {
  const { connection, clock, store } = options;
  const listedAt = clock();
  const from = connection.knownUntil
    ? addDays(dateInBrasilia(connection.knownUntil), -MARGIN_DAYS)
    : addDays(dateInBrasilia(listedAt), -FIRST_SYNC_DAYS);
  // A day without an hour begins at midnight UTC, before it does in Brasília: the day is listed whole.
  const listed = await storePages(account, { dateFrom: from }, options, outcome);
  if (connection.knownUntil && connection.syncedAt) {
    const createdAtFrom = new Date(connection.syncedAt.getTime() - CREATED_MARGIN_MS);
    await storePages(account, { createdAtFrom }, options, outcome);
  }
  const { state } = outcome.freshness;
  if (state === "FRESH" || state === "STALE") {
    outcome.deleted += await store((client) =>
      softDeleteMissingTransactions(client, account.id, from, [...listed], {
        listedAt,
        deletedAt: clock(),
      }),
    );
  }
  await store((client) => settleDeletions(client, account.id, from, clock()));
}

/** Stores a listing page by page. @returns the provider ids of all its entries */
async function storePages(
  account: StoredAccount,
  query: TransactionQuery,
  { bank, clock, call, store }: SyncOptions,
  outcome: SyncOutcome,
): Promise<Set<string>> {
  const listed = new Set<string>();
  for await (const page of bank.listTransactions(account.providerAccountId, query, call)) {
    const counts = await store((client) =>
      upsertBankTransactions(client, account.id, page, clock()),
    );
    for (const movement of page) listed.add(movement.providerId);
    outcome.inserted += counts.inserted;
    outcome.updated += counts.updated;
  }
  return listed;
}

import type { ClientBase } from "pg";

/**
 * Marks movements that the provider reported as deleted (`transactions/deleted`). The rows stay, for
 * the audit and for what was decided on them; the first time of deletion counts.
 *
 * @param accountId blindagem.bank_accounts.id
 * @returns how many rows were marked now
 */
export async function softDeleteTransactions(
  client: ClientBase,
  accountId: string,
  providerIds: readonly string[],
  deletedAt: Date,
): Promise<number> {
  const result = await client.query(
    `
    update blindagem.bank_transactions
    set deleted_at = $3
    where account_id = $1 and provider_id = any ($2::text[]) and deleted_at is null
    `,
    [accountId, providerIds, deletedAt],
  );
  return result.rowCount ?? 0;
}

/**
 * Marks the movements from a day on that a complete listing from that day no longer holds: a
 * notification may be lost, and Pluggy replaces a PENDING entry by one of another id. Only for a
 * listing by `dateFrom` read to its end, of a connection that is not PARTIAL or BROKEN. What another
 * sync stored while the listing was read is spared: the listing may be older than the movement.
 *
 * @param accountId blindagem.bank_accounts.id
 * @param from calendar day in Brasília, 'YYYY-MM-DD', the first that the listing covers wholly
 * @param listed provider ids of all entries of the listing
 * @param times when the listing was asked for, and what to mark the movements with
 * @returns how many rows were marked now
 */
export async function softDeleteMissingTransactions(
  client: ClientBase,
  accountId: string,
  from: string,
  listed: readonly string[],
  times: { listedAt: Date; deletedAt: Date },
): Promise<number> {
  const result = await client.query(
    `
    update blindagem.bank_transactions
    set deleted_at = $4
    where account_id = $1 and posted_on >= $2 and deleted_at is null and last_seen_at <= $5
      -- What only files tell of, and parts of a pool's debit, the provider never listed.
      and provider_id not like 'file:%' and part_of is null
      and not exists (select from unnest($3::text[]) as listed (id) where listed.id = provider_id)
    `,
    [accountId, from, listed, times.deletedAt, times.listedAt],
  );
  return result.rowCount ?? 0;
}

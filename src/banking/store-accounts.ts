import type { ClientBase } from "pg";
import { maskAccountNumber } from "./account-key.ts";
import type { PluggyAccount } from "./pluggy-shapes.ts";

/** An account of ours and the provider's id for it. */
export interface StoredAccount {
  id: string;
  providerAccountId: string;
}

/**
 * Stores the accounts of a connection by provider id: those of a condominium's connection are the condominium's
 * (ordinary until a person says what else they are), those of any other are pool accounts of the organization. Of an
 * account that is known only name and number change: what it is for is for people to say.
 *
 * @param connectionId blindagem.bank_connections.id
 * @returns the accounts of the connection that were listed
 */
export async function upsertBankAccounts(
  client: ClientBase,
  connectionId: string,
  accounts: readonly PluggyAccount[],
): Promise<StoredAccount[]> {
  const rows = accounts.map((account) => ({
    provider_account_id: account.id,
    name: account.marketingName?.trim() || account.name?.trim() || "Conta bancária",
    number_masked: maskAccountNumber(account.number),
  }));
  await client.query(
    `insert into blindagem.bank_accounts as stored (
       condominium_id, organization_id, connection_id, provider_account_id, purpose, name, number_masked)
     select c.condominium_id, case when c.condominium_id is null then c.organization_id end, c.id,
       l.provider_account_id, case when c.condominium_id is null then 'POOL' else 'ORDINARY' end, l.name, l.number_masked
     from blindagem.bank_connections c,
       jsonb_to_recordset($2) as l (provider_account_id text, name text, number_masked text)
     where c.id = $1
     order by l.provider_account_id
     on conflict (provider_account_id) do update
     set name = excluded.name, number_masked = excluded.number_masked
     where stored.connection_id = excluded.connection_id
       and (stored.name, stored.number_masked) is distinct from (excluded.name, excluded.number_masked)`,
    [connectionId, JSON.stringify(rows)],
  );
  const { rows: stored } = await client.query<StoredAccount>(
    `select id::text, provider_account_id as "providerAccountId" from blindagem.bank_accounts
     where connection_id = $1 and provider_account_id = any ($2::text[])
     order by id`,
    [connectionId, accounts.map((account) => account.id)],
  );
  return stored;
}

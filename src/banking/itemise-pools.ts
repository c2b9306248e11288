import type { ClientBase } from "pg";

/** Gives the lump debits of a connection's pool accounts to the condominiums whose payments the bank's returns itemise. */
export async function itemisePools(client: ClientBase, connectionId: string): Promise<void> {
  await client.query(
    `select from blindagem.bank_accounts a cross join lateral blindagem_private.itemise_pool(a.id)
     where a.connection_id = $1 and a.purpose = 'POOL'`,
    [connectionId],
  );
}

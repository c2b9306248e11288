import type pg from "pg";

/** A consent to read accounts at the provider, as a sync needs it. */
export interface Connection {
  id: string;
  organizationId: string;
  /** Null: it serves a pool of the administradora. */
  condominiumId: string | null;
  providerItemId: string;
  /** Up to when the bank's data was known at the last sync. */
  knownUntil: Date | null;
  syncedAt: Date | null;
  /** The organization's limit of age, in hours; null: the platform's. */
  staleAfterHours: number | null;
}

/** The connection of that id, or undefined. */
export async function loadConnection(
  client: pg.ClientBase,
  connectionId: string,
): Promise<Connection | undefined> {
  const { rows } = await client.query<Connection>(
    `select c.id::text, c.organization_id::text as "organizationId", c.condominium_id::text as "condominiumId",
       c.provider_item_id as "providerItemId", c.known_until as "knownUntil", c.synced_at as "syncedAt",
       s.value as "staleAfterHours"
     from blindagem.bank_connections c
     left join blindagem.settings s on s.organization_id = c.organization_id and s.name = 'stale_bank_hours'
     where c.id = $1`,
    [connectionId],
  );
  return rows[0];
}

/** The condominiums whose movements come through a connection: its own, and those that its pool accounts serve. */
export async function condominiumsOfConnection(
  client: pg.ClientBase,
  connectionId: string,
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select c.condominium_id::text as id from blindagem.bank_connections c
     where c.id = $1 and c.condominium_id is not null
     union
     select a.condominium_id::text from blindagem.bank_accounts a
     where a.connection_id = $1 and a.condominium_id is not null
     union
     select t.condominium_id::text from blindagem.bank_transactions t
     join blindagem.bank_accounts a on a.id = t.account_id
     where a.connection_id = $1 and a.purpose = 'POOL' and t.condominium_id is not null`,
    [connectionId],
  );
  return rows.map(({ id }) => id);
}

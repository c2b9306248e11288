import type { ClientBase } from "pg";
import { STALE_AFTER_MS } from "./freshness.ts";

/** A connection that is to be synced. */
export interface DueConnection {
  connectionId: string;
  organizationId: string;
  condominiumId: string | null;
}

/** The connections that were not synced since that instant, the longest waiting first. */
export async function selectDueConnections(
  client: ClientBase,
  syncedBefore: Date,
): Promise<DueConnection[]> {
  const { rows } = await client.query<DueConnection>(
    `select id::text as "connectionId", organization_id::text as "organizationId",
       condominium_id::text as "condominiumId"
     from blindagem.bank_connections
     where synced_at is null or synced_at < $1
     order by synced_at nulls first, id`,
    [syncedBefore],
  );
  return rows;
}

/**
 * Calls STALE what was FRESH and has grown old without a sync: a provider that does not answer for days must not
 * leave "not paid" standing for "unknown".
 */
export async function markStaleConnections(client: ClientBase, now: Date): Promise<number> {
  const { rowCount } = await client.query(
    `update blindagem.bank_connections c set state = 'STALE', state_cause = 'TOO_OLD'
     where c.state = 'FRESH' and c.known_until < $1::timestamptz - interval '1 hour' * coalesce((
       select s.value from blindagem.settings s
       where s.organization_id = c.organization_id and s.name = 'stale_bank_hours'), $2)`,
    [now, STALE_AFTER_MS / 3_600_000],
  );
  return rowCount ?? 0;
}

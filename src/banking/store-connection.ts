import type { ClientBase } from "pg";
import type { Freshness } from "./freshness.ts";

/**
 * Keeps what a sync found out about a connection. `known_until` never goes back: data that was
 * complete up to an instant stays so when a later run fails or tells no date. Of two syncs at once the
 * one that asked later counts.
 *
 * @param connectionId blindagem.bank_connections.id
 * @param syncedAt when the provider was asked
 * @param consentExpiresAt as the provider says; null if the consent has no end
 */
export async function setConnectionState(
  client: ClientBase,
  connectionId: string,
  freshness: Freshness,
  consentExpiresAt: Date | null,
  syncedAt: Date,
): Promise<void> {
  await client.query(
    `
    update blindagem.bank_connections
    set state = $2, state_cause = $3, known_until = greatest(known_until, $4),
      consent_expires_at = $5, synced_at = $6
    where id = $1 and (synced_at is null or synced_at <= $6)
    `,
    [connectionId, freshness.state, freshness.cause, freshness.asOf, consentExpiresAt, syncedAt],
  );
}

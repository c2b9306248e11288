import type { ClientBase } from "pg";
import type { Reason } from "../validation/reason.ts";

/**
 * Asks a person to repair a connection, once while the question is open. A pool's connection has no condominium to
 * ask for: its state alone tells.
 */
export async function openConnectionReview(
  client: ClientBase,
  connectionId: string,
  cause: string | null,
): Promise<void> {
  const reason: Reason = {
    code: "BANK_CONNECTION_BROKEN",
    severity: "REVIEW",
    evidence: { cause },
  };
  await client.query(
    `insert into blindagem.reviews as r (condominium_id, kind, subject, reasons)
     select c.condominium_id, 'BANK', 'connection:' || c.id, $2 from blindagem.bank_connections c
     where c.id = $1 and c.condominium_id is not null
     on conflict (condominium_id, kind, subject) where outcome is null do update
     set reasons = excluded.reasons where r.reasons is distinct from excluded.reasons`,
    [connectionId, JSON.stringify([reason])],
  );
}

/** Ends the question: the connection works again. */
export async function supersedeConnectionReview(
  client: ClientBase,
  connectionId: string,
): Promise<void> {
  await client.query(
    `update blindagem.reviews r set outcome = 'SUPERSEDED', resolved_at = now()
     from blindagem.bank_connections c
     where c.id = $1 and r.condominium_id = c.condominium_id and r.kind = 'BANK'
       and r.subject = 'connection:' || c.id and r.outcome is null`,
    [connectionId],
  );
}

import { hash } from "node:crypto";
import { canonicalText, parseExactly } from "./canonical.ts";

/** A record of the audit log, every value as text that does not depend on the session's settings. */
export interface LogRecord {
  id: string;
  /** UTC with microseconds: "2026-11-05T03:00:00.123456Z". */
  recorded_at: string;
  organization_id: string | null;
  condominium_id: string | null;
  sensitivity: string;
  entity_type: string;
  entity_id: string;
  operation: string;
  action: string;
  actor_id: string | null;
  actor_role: string | null;
  on_behalf_of: string | null;
  /** JSON, as PostgreSQL writes a jsonb. */
  previous_state: string | null;
  /** JSON, as PostgreSQL writes a jsonb. */
  new_state: string | null;
  reason: string | null;
  ip: string | null;
  user_agent: string | null;
  request_id: string | null;
  job_id: string | null;
  session_login: string;
  application_name: string | null;
  client_address: string | null;
  transaction_id: string;
  /** Hexadecimal. */
  intent: string | null;
}

/** Stands in every entry, so that a later change of its fields cannot be taken for another content. */
const FORMAT = "blindagem-record-1";

/**
 * The bytes of a record that are hashed: a JSON object in canonical form (RFC 8785), numbers as strings, UTF-8.
 * They are stored beside the hash and never derived again.
 */
export function entryOf(record: LogRecord): Buffer {
  const { previous_state, new_state, ...fields } = record;
  const text = canonicalText({
    ...fields,
    format: FORMAT,
    previous_state: previous_state === null ? null : parseExactly(previous_state),
    new_state: new_state === null ? null : parseExactly(new_state),
  });
  return Buffer.from(text, "utf8");
}

const LEAF_PREFIX = Buffer.of(0x00);

/**
 * The hash of a leaf in a Merkle tree: SHA-256(0x00 || entry), 32 bytes. The prefix keeps a leaf from being passed
 * off as an inner node (0x01). Source: RFC 6962, section 2.1.
 */
export function leafHash(entry: Uint8Array): Buffer {
  return hash("sha256", Buffer.concat([LEAF_PREFIX, entry]), "buffer");
}

import { hash } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "./canonical-json.ts";

/** What an erasure leaves of a decision's facts (blindagem_private.erase_rows). */
export const ERASED_FACTS = '{"erased":true}';

/** SQL for whether an erasure, which the log knows of, took the facts of the decision d. Only for such are erasures read. */
export const IS_ERASED = `(d.facts = '${ERASED_FACTS}' and d.condominium_id || '/' || d.id in (
  select t.id from blindagem.erasures
  cross join lateral jsonb_to_recordset(erasures.targets) as t ("table" text, id text) where t."table" = 'decisions'))`;

/**
 * SQL for whether the expense e may have been decided before expenses bore the hash of the facts: it came before the oldest
 * definitions that a migration left, which all have the hash, and does not wait for a decision. By columns that the log
 * vouches for, of which none is the decision's: who puts a decision in SQL writes into that what they like.
 */
export const MAY_BE_OF_OLDER = `(e.status <> 'PENDING' and coalesce(
  e.submitted_at < (select min(recorded_at) from blindagem.definitions), false))`;

/** The facts that were kept with a decision. */
export interface KeptFacts {
  facts: string;
  /** SHA-256 (hex) of the facts' text, as the decision bears it. */
  factsHash: string;
  /** False for decisions of before the facts were kept as the very text that is hashed. */
  isCanonical: boolean;
  /** Whether the expense may have been decided before expenses bore the hash (MAY_BE_OF_OLDER). */
  isOfOlder: boolean;
  /** Whether an erasure names the decision. Who only writes that they were erased has altered them. */
  isErased: boolean;
}

/**
 * Whether the facts are those on which the expense was decided, or were erased. Decisions are not in the log; their hash is,
 * since the expense bears it.
 *
 * @param attestedHash the expense's; null for one that no machine decided, or before version 12 of the schema
 */
export function areAttested(
  { facts, factsHash, isCanonical, isOfOlder, isErased }: KeptFacts,
  attestedHash: string | null,
): boolean {
  const isOlder = attestedHash === null && isOfOlder && !isCanonical;
  if (factsHash !== attestedHash && !isOlder) return false;
  if (isErased && facts === ERASED_FACTS) return true;
  return hash("sha256", isCanonical ? facts : canonicalText(facts), "hex") === factsHash;
}

/** What is no JSON was not stored by us: its own text has no hash of ours either. */
function canonicalText(facts: string): string {
  try {
    return canonicalJson(z.json().parse(JSON.parse(facts)));
  } catch {
    return facts;
  }
}

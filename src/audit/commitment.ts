import { createHash } from "node:crypto";
import { decodeBase64 } from "./base64.ts";
import type { RecordEntry } from "./entry.ts";
import { AuditFault } from "./fault.ts";
import { HASH_SIZE, sameHash } from "./tree.ts";

/** Bytes of a record's secret salt. */
const SALT_SIZE = 16;

/** What all records of a statement share. */
const CONTEXT_FIELDS = ["ip", "user_agent", "client_address"] as const;

/** Fields of an entry that may be personal, beside the states. */
const PERSONAL_FIELDS = [...CONTEXT_FIELDS, "reason"] as const;

/**
 * What a record commits to without saying it: it can be shown to belong to the record, and it can be erased while the
 * record stays as it was hashed.
 */
export interface PersonalValues {
  /** The record's secret salt, 16 bytes in base64; without it, a commitment to a name could be guessed. */
  salt: string;
  /** That of what all records of a statement share (ip, user_agent, client_address), where it is another one. */
  contextSalt?: string | undefined;
  /** The JSON text of each value, by path: `new_state.name`, `reason`, `ip`. */
  values: Readonly<Record<string, string>>;
}

/** Keeps what is hashed for a commitment apart from the tree's leaves (0x00) and nodes (0x01). */
const COMMITMENT = Uint8Array.of(0x02);

/** The bytes that stand for a value: SHA-256(0x02 || salt || path || 0x00 || JSON text). */
export function commit(salt: Uint8Array, path: string, jsonText: string): Uint8Array {
  return createHash("sha256")
    .update(COMMITMENT)
    .update(salt)
    .update(`${path}\0${jsonText}`)
    .digest();
}

/** The commitment that stands in a value's place, in base64; undefined for a value that stands there itself. */
export function commitmentIn(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) {
    return undefined;
  }
  const text: unknown = Reflect.get(value, "commitment");
  return typeof text === "string" && decodeBase64(text)?.length === HASH_SIZE ? text : undefined;
}

/** All commitments of an entry, by path. */
export function commitmentsOf(entry: RecordEntry): Map<string, string> {
  const found = new Map<string, string>();
  const look = (path: string, value: unknown) => {
    const commitment = commitmentIn(value);
    if (commitment !== undefined) found.set(path, commitment);
  };
  for (const field of PERSONAL_FIELDS) look(field, entry[field]);
  for (const side of ["previous_state", "new_state"] as const) {
    const state = entry[side] ?? {};
    for (const field in state) look(`${side}.${field}`, state[field]);
  }
  return found;
}

/** The salt's bytes. @throws AuditFault MALFORMED unless it is the base64 of 16 bytes */
export function parseSalt(text: string): Uint8Array {
  const salt = decodeBase64(text);
  if (salt?.length !== SALT_SIZE) {
    throw new AuditFault("MALFORMED", `O sal de um registro é o base64 de ${SALT_SIZE} bytes.`);
  }
  return salt;
}

/**
 * Holds values against the commitments that their record has for them. Commitments without a value stand for values that
 * were erased, or that are not for this reader.
 *
 * @returns what is wrong, naming the path and never the value
 */
export function checkCommitments(
  commitments: ReadonlyMap<string, string>,
  personal: PersonalValues,
): AuditFault[] {
  const salt = parseSalt(personal.salt);
  const contextSalt = parseSalt(personal.contextSalt ?? personal.salt);
  return Object.entries(personal.values).flatMap(([path, jsonText]) => {
    const commitment = commitments.get(path);
    if (commitment === undefined) {
      return [
        mismatch(`O registro não tem compromisso em "${path}", mas vem com um valor para ele.`),
      ];
    }
    const isOfContext = CONTEXT_FIELDS.some((field) => field === path);
    return sameHash(
      commit(isOfContext ? contextSalt : salt, path, jsonText),
      Buffer.from(commitment, "base64"),
    )
      ? []
      : [mismatch(`O valor de "${path}" não é o do compromisso do registro: foi trocado.`)];
  });
}

function mismatch(message: string): AuditFault {
  return new AuditFault("COMMITMENT_MISMATCH", message);
}

import type pg from "pg";
import { z } from "zod";
import { openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { type Cosignature, checkCosignatures, verifyCosignatures } from "./cosignature.ts";
import { AuditFault } from "./fault.ts";
import { keysOf, type ListedKey } from "./key-list.ts";
import { type Note, parseNote } from "./note.ts";
import { firstTrue } from "./true-cosignatures.ts";
import { idBytes, type VerifierKey } from "./verifier-key.ts";

/** What was handed in. */
export interface SubmittedCosignatures {
  origin: string;
  /** Leaves of the checkpoint's tree. */
  size: number;
  /** Whose cosignatures they are, each with the time at which it was given, and whether the log had it already. */
  witnesses: { key: VerifierKey; at: Date; isNew: boolean }[];
  /** In whose names there are signatures that were passed over: false ones, or by keys that are not in the list, or not valid for that size. */
  passedOver: string[];
}

/** A checkpoint with the signatures of every witness there may be is shorter. */
export const LARGEST_COSIGNED_CHECKPOINT = 32_768;

/**
 * Keeps the cosignatures under a checkpoint of this log. They are verified before the database is asked anything: whoever
 * hands them in needs no other right than that a witness of the list has signed. The log's own signature is, too, or a
 * checkpoint that somebody made up would pass for a second history of the log.
 *
 * @param source the checkpoint's note with the witnesses' lines, as `witness cosign` leaves it in its state file
 * @param keys the key list; its witnesses count
 * @param database under a role that may execute blindagem_audit.kept_cosignatures and store_cosignatures
 * @throws AuditFault MALFORMED, FORGED when there are false ones alone, UNSIGNED when no witness of the list has signed or the log has not, KEY_OUT_OF_RANGE
 * @throws pg.DatabaseError BLD03 when the log keeps no checkpoint of that size, BLD11 when it keeps another one
 */
export async function submitCosignatures(
  source: string | Uint8Array,
  keys: readonly ListedKey[],
  database: pg.ClientBase | pg.Pool,
): Promise<SubmittedCosignatures> {
  const note = parseNote(source);
  const { origin, size } = parseCheckpoint(note.text);
  requireDistinct(note);
  const cosigned = requireCosignatures(note, keys, size);
  openCheckpoint(source, keys, origin);
  const standing = await firstTrue(
    database,
    cosigned.map(({ key }) => ({ text: note.text, size: String(size), key })),
  );
  // One by each key, and the first stays: the database, which cannot verify them, would take a second one.
  const missing = cosigned.filter((_, at) => standing[at] === undefined);
  const { rows } = await database.query(
    "select witness, key_id from blindagem_audit.store_cosignatures($1, $2, $3, $4, $5)",
    [
      note.text,
      size,
      missing.map(({ key }) => key.name),
      missing.map(({ key }) => idBytes(key)),
      missing.map(({ bytes }) => Buffer.from(bytes)),
    ],
  );
  const stored = z.array(storedRow).parse(rows);
  return {
    origin,
    size,
    witnesses: cosigned.map(({ key, timestamp }) => ({
      key,
      at: new Date(timestamp * 1000),
      isNew: stored.some(
        ({ witness, key_id }) => witness === key.name && key_id.equals(idBytes(key)),
      ),
    })),
    passedOver: othersThan(cosigned, note, keys),
  };
}

const storedRow = z.object({ witness: z.string(), key_id: z.instanceof(Buffer) });

/** One of a kind is verified: anybody can repeat a line that is public, and each takes as long as the first. */
function requireDistinct({ signatures }: Note): void {
  const keys = new Set(signatures.map(({ name, keyId }) => `${name}+${keyId}`));
  if (keys.size === signatures.length) return;
  throw new AuditFault("MALFORMED", "O checkpoint tem duas assinaturas da mesma chave.");
}

/** Those that count, whatever stands beside them: the log itself may have shown a false one. Without any, it is said why. */
function requireCosignatures(note: Note, keys: readonly ListedKey[], size: number): Cosignature[] {
  const { valid } = checkCosignatures(note, keys, size);
  if (valid.length > 0) return valid;
  const known = verifyCosignatures(note, keysOf(keys, "witness"));
  if (known.length === 0) throw unknownWitnesses(note, keys);
  const names = known.map(({ key }) => `"${key.name}"`).join(", ");
  throw new AuditFault(
    "KEY_OUT_OF_RANGE",
    `Pela lista de chaves (AUDIT_KEYS_FILE), ${names} não vale para um checkpoint de ${size} folhas.`,
  );
}

function unknownWitnesses(note: Note, keys: readonly ListedKey[]): AuditFault {
  const others = othersThan([], note, keys);
  if (others.length === 0) {
    return new AuditFault(
      "UNSIGNED",
      "O checkpoint não tem assinatura de testemunha: entregue o arquivo que `blindagem witness cosign` deixa em --state.",
    );
  }
  const names = others.map((name) => `"${name}"`).join(", ");
  return new AuditFault(
    "UNSIGNED",
    `Nenhuma testemunha da lista de chaves (AUDIT_KEYS_FILE) assinou; há assinaturas em nome de ${names}. Se uma delas é testemunha, ponha na lista a linha \`witness\` com a chave dela.`,
  );
}

/** The names of signatures that are neither these nor the log's own. */
function othersThan(
  cosigned: readonly Cosignature[],
  { signatures }: Note,
  keys: readonly ListedKey[],
): string[] {
  const log = keysOf(keys, "log");
  return signatures
    .filter(
      ({ name, keyId }) =>
        !log.some((key) => key.name === name) &&
        !cosigned.some(({ key }) => key.name === name && key.id === keyId),
    )
    .map(({ name }) => name);
}

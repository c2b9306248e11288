import { z } from "zod";
import { idText, OUT_OF_BAND, type RecordEntry } from "./entry.ts";
import { AuditFault } from "./fault.ts";
import { isValidAt, keysOf, type ListedKey } from "./key-list.ts";
import { parseNote, type Signer, signNote, verifyNote } from "./note.ts";

/** The first line of an intent's note: whatever else a process signs cannot be taken for one. */
const TITLE = "blindagem/intent";

const commitment = z.strictObject({ commitment: z.string() });

const schema = z
  .object({
    transaction_id: idText,
    actor_id: z.string(),
    actor_role: z.string().optional(),
    reason: z.union([z.string(), commitment]).optional(),
    request_id: z.string().optional(),
    job_id: z.string().optional(),
    actions: z.array(z.string()),
    records: z.int().nonnegative(),
    groups: z.array(z.object({ records: z.int().positive(), root: z.base64().length(44) })),
  })
  .refine(({ records, groups }) => records === groups.reduce((sum, each) => sum + each.records, 0));

/** What a process says, under its signature, that it did in a transaction. */
export type Intent = z.infer<typeof schema>;

/** The text of an intent's note. @throws AuditFault MALFORMED when its counts do not fit its groups */
export function formatIntent(intent: Intent): string {
  return `${TITLE}\n${JSON.stringify(checked(intent))}\n`;
}

/** The intent under the signature of the process that acts, as a note. */
export function signIntent(intent: Intent, signer: Signer): Promise<string> {
  return signNote(formatIntent(intent), [signer]);
}

/**
 * Reads an intent and verifies its signature.
 *
 * @param keys those of the role `intent` count
 * @param index the leaf index of the record in which it stands, at which the key has to be valid
 * @throws AuditFault MALFORMED, FORGED, UNSIGNED or KEY_OUT_OF_RANGE
 */
export function openIntent(source: string, keys: readonly ListedKey[], index: number): Intent {
  const note = parseNote(source);
  const signers = verifyNote(note, keysOf(keys, "intent"));
  if (!signers.some((key) => isValidAt(keys, "intent", key, index))) {
    const names = signers.map(({ name }) => `"${name}"`).join(", ");
    throw new AuditFault(
      "KEY_OUT_OF_RANGE",
      `A intenção está assinada por ${names}, que não vale no índice ${index}.`,
    );
  }
  const [title, json = "", ...rest] = note.text.split("\n");
  if (title !== TITLE || rest.length !== 1) throw malformed();
  try {
    return checked(JSON.parse(json));
  } catch {
    throw malformed();
  }
}

/** Whether a record says that a process of the platform made it. */
export function claimsActor({ action }: Pick<RecordEntry, "action">): boolean {
  return action !== OUT_OF_BAND;
}

/** A fault that says that nobody has signed for a record. */
export function unattested(message: string): AuditFault {
  return new AuditFault("UNATTESTED", message);
}

/** Who a record says acted, in which request or job, and why, where that stands there in words. */
export type Acting = Pick<RecordEntry, "actor_id" | "actor_role" | "request_id" | "job_id"> & {
  reason?: string | undefined;
};

/**
 * The fields in which a record says something else than its intent. A reason that somebody typed is behind a commitment:
 * the process signs what it was asked for ("mutation cancelExpense"), so there is nothing to hold the words against.
 */
export function differences(
  intent: Intent,
  { format, action }: Pick<RecordEntry, "format" | "action">,
  acting: Acting,
): string[] {
  return [
    ...(["actor_id", "actor_role", "request_id", "job_id"] as const).filter(
      (field) => intent[field] !== acting[field],
    ),
    ...(hasSignedReason(intent, format, acting) ? [] : ["reason"]),
    ...(intent.actions.includes(action) ? [] : ["action"]),
  ];
}

/**
 * In format 6, what stands there in words is what was signed. In the formats before, what somebody had typed could stand
 * there in words, too: format 5 began with the commitments (000029), and typed reasons became some only later (000047).
 */
function hasSignedReason(
  intent: Intent,
  format: RecordEntry["format"],
  { reason }: Acting,
): boolean {
  return format !== "blindagem-record-6" || reason === undefined || reason === intent.reason;
}

function checked(intent: unknown): Intent {
  const parsed = schema.safeParse(intent);
  if (!parsed.success) throw malformed();
  return parsed.data;
}

function malformed(): AuditFault {
  return new AuditFault(
    "MALFORMED",
    "A nota não é uma intenção: o seu texto não tem a forma esperada.",
  );
}

import { z } from "zod";
import { AuditFault } from "./fault.ts";

/** No id of the database is longer: they are 64 bits. */
export const MOST_ID_DIGITS = 19;

/** Ids come as strings, so that no reader rounds them; with bounds, so that none gives up on one. */
export const idText = z
  .string()
  .max(MOST_ID_DIGITS)
  .regex(/^(?:0|[1-9][0-9]*)$/);
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/);

/** A value, or a commitment to it (commitment.ts). */
const personal = z.union([z.string(), z.strictObject({ commitment: z.string() })]);

/** One side of a row: all columns but the empty ones, or those that an update changed. */
const state = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

/** Of records of installations that began before version 21 of the schema: without a salt, the first with nulls. */
const FORMER_FORMATS = ["blindagem-record-1", "blindagem-record-2"] as const;

/** Of records, the oldest first. */
export const recordFormat = z.enum([
  ...FORMER_FORMATS,
  "blindagem-record-3",
  "blindagem-record-4",
  "blindagem-record-5",
  "blindagem-record-6",
]);

const record = z.object({
  format: recordFormat,
  id: idText,
  salt: z.string(),
  recorded_at: instant,
  transaction_id: idText,
  organization_id: idText.optional(),
  condominium_id: idText.optional(),
  sensitivity: z.string(),
  entity_type: z.string(),
  entity_id: z.string(),
  operation: z.enum(["INSERT", "UPDATE", "DELETE", "TRUNCATE"]),
  action: z.string(),
  previous_state: state.optional(),
  new_state: state.optional(),
  actor_id: z.string().optional(),
  actor_role: z.string().optional(),
  on_behalf_of: z.string().optional(),
  reason: personal.optional(),
  ip: personal.optional(),
  user_agent: personal.optional(),
  request_id: z.string().optional(),
  job_id: z.string().optional(),
  session_login: z.string().optional(),
  application_name: z.string().optional(),
  client_address: personal.optional(),
});

/** What is null there, others leave out. */
const formerRecord = z.preprocess(
  (entry) =>
    typeof entry === "object" && entry !== null
      ? Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null))
      : entry,
  record.extend({ format: z.enum(FORMER_FORMATS), salt: z.string().default("") }),
);

const intent = z.object({
  format: z.literal("blindagem-intent-1"),
  id: idText,
  salt: z.string(),
  recorded_at: instant,
  transaction_id: idText,
  organization_id: idText.optional(),
  /** The signed note (intent.ts). */
  note: z.string(),
});

/** A change of a row: who, when, what (previous state -> new state). */
export type RecordEntry = z.infer<typeof record>;

/** What the acting process signed for the records of its transaction. */
export type IntentEntry = z.infer<typeof intent>;

export type Entry = RecordEntry | IntentEntry;

/** The action of a record that no process of the platform made. */
export const OUT_OF_BAND = "OUT_OF_BAND";

/**
 * Reads an entry of the log, whose UTF-8 bytes are the leaf.
 *
 * @throws AuditFault MALFORMED, naming the fields and never their values; UNKNOWN_FORMAT for one of another version
 */
export function parseEntry(text: string): Entry {
  const json = parseJson(text);
  const format: unknown =
    typeof json === "object" && json !== null ? Reflect.get(json, "format") : undefined;
  const schema = SCHEMAS.get(format);
  if (schema === undefined) {
    throw new AuditFault(
      "UNKNOWN_FORMAT",
      `O formato ${JSON.stringify(format) ?? "(nenhum)"} não é conhecido; use uma versão mais nova do verificador.`,
    );
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new AuditFault("MALFORMED", `O registro não tem a forma de ${format}: veja ${fields}.`);
}

const SCHEMAS: ReadonlyMap<unknown, z.ZodType<Entry>> = new Map<unknown, z.ZodType<Entry>>([
  ...recordFormat.options.map(
    (format) => [format, hasComparableValues(format) ? record : formerRecord] as const,
  ),
  ["blindagem-intent-1", intent],
]);

/**
 * Whether the values of that format are written as the later ones write them. Where they are not (numbers within values, times
 * in the zone of whoever wrote), a value cannot be held against one that came later.
 */
export function hasComparableValues(format: RecordEntry["format"]): boolean {
  return !FORMER_FORMATS.some((each) => each === format);
}

/** Whether that is a change of a row, and not an intent. */
export function isRecord(entry: Entry): entry is RecordEntry {
  return entry.format !== "blindagem-intent-1";
}

/** An id as it is ordered. The two kinds compare with each other. */
export type OrderedId = number | bigint;

/** The id of an entry; one that is longer than what a number counts is no number. */
export function orderedId(text: string): OrderedId {
  return text.length < 16 ? Number(text) : BigInt(text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes what it read.
    throw new AuditFault("MALFORMED", "O registro não é JSON.");
  }
}

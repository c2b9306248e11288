import { commitmentIn, commitmentsOf, type PersonalValues } from "../commitment.ts";
import { hasComparableValues, type OrderedId, orderedId, type RecordEntry } from "../entry.ts";
import type { Acting } from "../intent.ts";
import type { StateText } from "./state-text.ts";

/** What stands for a value that the reader does not know. */
export const UNKNOWN = Symbol("unknown");

/** The values of one side of a row, by column; UNKNOWN for those behind a commitment that is not shown. */
export type StateValues = ReadonlyMap<string, unknown>;

/** Bytes where they stand. */
export interface Span {
  bytes: Buffer;
  start: number;
  end: number;
}

/** Not in UTF-8: in JSON, an id may have halves of characters (U+D800 to U+DFFF), which would all be one in it. */
const UTF16 = 0xff;

/** The bytes of a row's id. */
export function idBytes(id: string): Span {
  const bytes = id.isWellFormed()
    ? Buffer.from(id)
    : Buffer.concat([Buffer.of(UTF16), Buffer.from(id, "utf16le")]);
  return { bytes, start: 0, end: bytes.length };
}

/** The row's id of these bytes. */
export function idIn({ bytes, start, end }: Span): string {
  return bytes[start] === UTF16
    ? bytes.toString("utf16le", start + 1, end)
    : bytes.toString("utf8", start, end);
}

/** What the checks ask of a record. A scanner's view changes with its next scan. */
export interface RecordView
  extends Pick<
    RecordEntry,
    | "format"
    | "transaction_id"
    | "organization_id"
    | "condominium_id"
    | "sensitivity"
    | "entity_type"
    | "operation"
    | "action"
  > {
  id: OrderedId;
  /** The row's id (idBytes). */
  entity: Span;
  /** The same object for records that follow one another and say the same of it. */
  acting: Acting;
  /** How many values are behind commitments. */
  commitments: number;
  before: StateText | StateValues;
  after: StateText | StateValues;
}

/** The view of an entry that was parsed. */
export function viewOf(entry: RecordEntry, personal: PersonalValues | undefined): RecordView {
  const { actor_id, actor_role, request_id, job_id } = entry;
  const reason = typeof entry.reason === "string" ? entry.reason : undefined;
  const side = (name: "previous_state" | "new_state") =>
    hasComparableValues(entry.format)
      ? stateValues(entry[name], (field) => shown(personal, name, field))
      : unknownValues(entry[name]);
  return {
    format: entry.format,
    id: orderedId(entry.id),
    transaction_id: entry.transaction_id,
    organization_id: entry.organization_id,
    condominium_id: entry.condominium_id,
    sensitivity: entry.sensitivity,
    entity_type: entry.entity_type,
    entity: idBytes(entry.entity_id),
    operation: entry.operation,
    action: entry.action,
    acting: { actor_id, actor_role, request_id, job_id, reason },
    commitments: commitmentsOf(entry).size,
    before: side("previous_state"),
    after: side("new_state"),
  };
}

/** @param shownValue what a commitment stands for, as far as it is known */
export function stateValues(
  state: RecordEntry["new_state"],
  shownValue: (field: string) => unknown = () => UNKNOWN,
): StateValues {
  const values = new Map<string, unknown>();
  for (const [field, value] of Object.entries(state ?? {})) {
    values.set(field, commitmentIn(value) === undefined ? value : shownValue(field));
  }
  return values;
}

function unknownValues(state: RecordEntry["new_state"]): StateValues {
  return new Map(Object.keys(state ?? {}).map((field) => [field, UNKNOWN]));
}

function shown(
  personal: PersonalValues | undefined,
  side: "previous_state" | "new_state",
  field: string,
): unknown {
  const text = personal?.values[`${side}.${field}`];
  if (text === undefined) return UNKNOWN;
  try {
    return JSON.parse(text);
  } catch {
    // Told by its commitment, which is to a JSON text.
    return UNKNOWN;
  }
}

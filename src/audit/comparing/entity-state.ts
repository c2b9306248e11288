import { commitmentIn } from "../commitment.ts";
import { areSame } from "../same-value.ts";

/** One side of a row as JSON: numbers as strings, null where nothing is. */
export type State = Readonly<Record<string, unknown>>;

/** What a record says of an entity. */
export interface LoggedChange {
  /** The record's id: a later change of a row has a greater one. */
  id: bigint;
  operation: "INSERT" | "UPDATE" | "DELETE" | "TRUNCATE";
  /** The whole row of an insertion without its null columns; the changed fields of an update, nulls included. */
  newState?: State | undefined;
}

/** A row as the log has it. */
export interface LoggedState {
  /** Undefined where the log has no record of it. */
  exists: boolean | undefined;
  /** What was told last of each field, and by which record. */
  fields: ReadonlyMap<string, { value: unknown; toldBy: bigint }>;
  /** The record of its insertion: a field that it does not name was null. Undefined for a row that is older than the log. */
  insertedBy: bigint | undefined;
}

/** Since which record a column is there, and since which it has the type it has now. */
export interface ColumnAge {
  /** An insertion by a later record that does not name the column says that it was null. Undefined: not known. */
  thereSince: bigint | undefined;
  /** Before this record it had another type, and its values another text. */
  typedSince: bigint;
}

/**
 * What a commitment stands for (the value of a field, told by that record); undefined leaves the field out. Those values
 * stand beside the log and not in it.
 */
export type Reveal = (record: bigint, field: string, commitment: string) => unknown;

/** How a row and the log contradict each other. */
export type RowDivergence =
  | { kind: "ROW_CHANGED"; fields: string[] }
  | { kind: "ROW_MISSING" | "ROW_UNKNOWN" };

/**
 * A row by the log: its records, in the order of their ids.
 *
 * @param isOlder the row was there before the log: without a record it still exists
 */
export function foldEntity(changes: readonly LoggedChange[], isOlder: boolean): LoggedState {
  let exists: boolean | undefined = isOlder || undefined;
  let insertedBy: bigint | undefined;
  const fields = new Map<string, { value: unknown; toldBy: bigint }>();
  for (const { id, operation, newState } of changes) {
    if (operation !== "UPDATE") {
      fields.clear();
      insertedBy = operation === "INSERT" ? id : undefined;
    }
    exists = operation === "INSERT" || operation === "UPDATE";
    for (const [field, value] of Object.entries(newState ?? {})) {
      fields.set(field, { value, toldBy: id });
    }
  }
  return { exists, fields, insertedBy };
}

/**
 * Holds a row against the log, field by field as far as the log tells. It does not tell the columns of a row that is
 * older than the log, nor those that were added or got another type after it was told of them.
 *
 * @param row as it is now, null columns left out or not; undefined when there is none
 * @param columns of the table now
 * @returns undefined when they agree
 */
export function compareEntity(
  logged: LoggedState,
  row: State | undefined,
  columns: ReadonlyMap<string, ColumnAge>,
  reveal?: Reveal,
): RowDivergence | undefined {
  if (row === undefined) return logged.exists ? { kind: "ROW_MISSING" } : undefined;
  if (!logged.exists) return { kind: "ROW_UNKNOWN" };
  const fields = [...columns].flatMap(([field, age]) => {
    const told = toldValue(logged, field, age, reveal);
    return told === undefined || isSame(told, row[field] ?? null) ? [] : [field];
  });
  return fields.length > 0 ? { kind: "ROW_CHANGED", fields } : undefined;
}

/** Undefined where the log does not tell. */
function toldValue(
  { fields, insertedBy }: LoggedState,
  field: string,
  { thereSince, typedSince }: ColumnAge,
  reveal: Reveal | undefined,
): unknown {
  const told = fields.get(field);
  if (told === undefined) {
    const wasThere =
      insertedBy !== undefined && thereSince !== undefined && thereSince < insertedBy;
    return wasThere ? null : undefined;
  }
  if (told.toldBy < typedSince) return undefined;
  const commitment = commitmentIn(told.value);
  return commitment === undefined ? told.value : reveal?.(told.toldBy, field, commitment);
}

/** The log's first formats had numbers as JSON numbers. */
function isSame(told: unknown, now: unknown): boolean {
  if (typeof told === "number" && typeof now === "string") return Number(now) === told;
  return areSame(told, now);
}

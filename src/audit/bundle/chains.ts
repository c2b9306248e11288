import { commitmentIn, type PersonalValues } from "../commitment.ts";
import { compareIds, type RecordEntry } from "../entry.ts";
import { AuditFault } from "../fault.ts";

type State = Readonly<Record<string, unknown>>;

/** What stands for a value that the reader does not know. */
const UNKNOWN = Symbol("unknown");

interface Entity {
  lastId: string;
  deleted: boolean;
  /** The fields whose last value is known. */
  fields: State;
  /** Where its insertion stands, which names all its columns but the empty ones. */
  insertedAt: number | undefined;
}

/**
 * Follows each row through its records, in the order of the log: what an update or a deletion says was there before has
 * to be what the record before it left.
 */
export class EntityChains {
  readonly #entities = new Map<string, Entity>();
  /** Where a column was first seen, by entity type: a row inserted before may have got a value when it was added. */
  readonly #columns = new Map<string, Map<string, number>>();

  /** Takes the next record of the log. @returns what does not fit the records before it */
  record(index: number, entry: RecordEntry, personal: PersonalValues | undefined): AuditFault[] {
    const key = `${entry.entity_type}\0${entry.entity_id}`;
    const known = this.#entities.get(key);
    const before = knownState(entry, "previous_state", personal);
    const after = knownState(entry, "new_state", personal);
    const faults: AuditFault[] = [];
    if (known !== undefined && compareIds(entry.id, known.lastId) <= 0) {
      faults.push(
        new AuditFault(
          "WRONG_ORDER",
          `O registro ${entry.id} vem depois do ${known.lastId}, da mesma linha.`,
        ),
      );
    }
    const lived = known !== undefined && !known.deleted;
    if (entry.operation === "INSERT" ? lived : known?.deleted) {
      faults.push(
        broken(entry, lived ? "é incluída, mas já existia" : "muda, mas estava excluída"),
      );
    }
    if (known !== undefined && lived) {
      const differing = Object.keys(before).filter(
        (field) => !mayEqual(this.#valueOf(entry.entity_type, known, field), before[field]),
      );
      if (differing.length > 0) {
        faults.push(broken(entry, `mudou sem registro em ${differing.join(", ")}`));
      }
    }
    this.#entities.set(key, {
      lastId: entry.id,
      deleted: entry.operation === "DELETE",
      fields: entry.operation === "UPDATE" ? { ...known?.fields, ...before, ...after } : after,
      insertedAt: entry.operation === "INSERT" ? index : known?.insertedAt,
    });
    this.#see(index, entry.entity_type, before);
    this.#see(index, entry.entity_type, after);
    return faults;
  }

  #valueOf(type: string, { fields, insertedAt }: Entity, field: string): unknown {
    if (Object.hasOwn(fields, field)) return fields[field];
    const seenAt = this.#columns.get(type)?.get(field);
    const wasEmpty = insertedAt !== undefined && seenAt !== undefined && seenAt < insertedAt;
    return wasEmpty ? null : UNKNOWN;
  }

  #see(index: number, type: string, state: State): void {
    let columns = this.#columns.get(type);
    if (columns === undefined) {
      columns = new Map();
      this.#columns.set(type, columns);
    }
    for (const field in state) if (!columns.has(field)) columns.set(field, index);
  }
}

/** One side of the row, with the values that commitments stand for where these are known. */
function knownState(
  entry: RecordEntry,
  side: "previous_state" | "new_state",
  personal: PersonalValues | undefined,
): State {
  const state = entry[side] ?? {};
  let known: Record<string, unknown> | undefined;
  for (const field in state) {
    if (commitmentIn(state[field]) === undefined) continue;
    known ??= { ...state };
    known[field] = shownValue(personal, `${side}.${field}`);
  }
  return known ?? state;
}

function shownValue(personal: PersonalValues | undefined, path: string): unknown {
  const text = personal?.values[path];
  if (text === undefined) return UNKNOWN;
  try {
    return JSON.parse(text);
  } catch {
    // Told by its commitment, which is to a JSON text.
    return UNKNOWN;
  }
}

function mayEqual(one: unknown, other: unknown): boolean {
  if (one === other || one === UNKNOWN || other === UNKNOWN) return true;
  return typeof one === "object" && JSON.stringify(one) === JSON.stringify(other);
}

function broken({ entity_type, entity_id }: RecordEntry, what: string): AuditFault {
  return new AuditFault("BROKEN_CHAIN", `A linha ${entity_id} de ${entity_type} ${what}.`);
}

import type { OrderedId } from "../entry.ts";
import { AuditFault } from "../fault.ts";
import { areSame } from "../same-value.ts";
import { KeptStates } from "./kept-states.ts";
import { idIn, type RecordView, type StateValues, UNKNOWN } from "./record-view.ts";
import { RowNumbers } from "./row-numbers.ts";
import { Rows } from "./rows.ts";
import { StateText } from "./state-text.ts";

const NOTHING: readonly AuditFault[] = [];

class Table {
  readonly numbers = new RowNumbers();
  readonly rows: Rows;
  /** Where a column was first seen: a row inserted before may have got a value when the column was added. */
  readonly columns = new FirstSeen();
  /** The record by which it was emptied last: no row from before is there any more. */
  emptiedBy: OrderedId | undefined;

  constructor(states: KeptStates) {
    this.rows = new Rows(states);
  }

  /** Takes the record of a truncation. @returns what does not fit the one before it */
  empty({ id, entity_type }: RecordView): readonly AuditFault[] {
    const before = this.emptiedBy;
    this.emptiedBy = id;
    if (before === undefined || id > before) return NOTHING;
    const message = `O registro ${id} vem depois do ${before}, que esvaziou a mesma tabela (${entity_type}).`;
    return [new AuditFault("WRONG_ORDER", message)];
  }

  isGone(row: number): boolean {
    if (this.rows.isDeleted(row)) return true;
    return this.emptiedBy !== undefined && this.rows.lastId(row) < this.emptiedBy;
  }
}

/**
 * Follows each row through its records, in the order of the log: what an update or a deletion says was there before has
 * to be what the record before it left.
 */
export class EntityChains {
  readonly #tables = new Map<string, Table>();
  readonly #states = new KeptStates();
  #lastType = "";
  #last = new Table(this.#states);

  /** Takes the next record of the log; those that a scanner has read have to be of the same scanner. @returns what does not fit the records before it */
  record(index: number, view: RecordView): readonly AuditFault[] {
    const table = this.#table(view.entity_type);
    if (view.operation === "TRUNCATE") return table.empty(view);
    const { bytes, start, end } = view.entity;
    const row = table.numbers.numberOf(bytes, start, end);
    let faults = NOTHING;
    if (row === table.rows.count) table.rows.add(index, view);
    else {
      faults = faultsOf(table, row, view);
      table.rows.advance(row, index, view);
    }
    table.columns.see(index, view.before);
    table.columns.see(index, view.after);
    return faults;
  }

  #table(type: string): Table {
    if (type === this.#lastType) return this.#last;
    let table = this.#tables.get(type);
    if (table === undefined) {
      table = new Table(this.#states);
      this.#tables.set(type, table);
    }
    this.#lastType = type;
    this.#last = table;
    return table;
  }
}

/** Where each column of a table was first seen. */
class FirstSeen {
  readonly #places = new Map<string, number>();
  /** By the numbers that a scanner gives to names: those that are in the map already. */
  readonly #scanned: boolean[] = [];

  see(index: number, side: StateText | StateValues): void {
    if (!(side instanceof StateText)) {
      for (const column of side.keys()) this.#add(column, index);
      return;
    }
    for (let at = 0; at < side.count; at++) {
      const column = side.column(at);
      if (this.#scanned[column]) continue;
      this.#scanned[column] = true;
      this.#add(side.names.name(column), index);
    }
  }

  of(column: string): number | undefined {
    return this.#places.get(column);
  }

  #add(column: string, index: number): void {
    if (!this.#places.has(column)) this.#places.set(column, index);
  }
}

function faultsOf(table: Table, row: number, view: RecordView): readonly AuditFault[] {
  const { rows, columns } = table;
  const { id, operation, before } = view;
  const lastId = rows.lastId(row);
  const isDeleted = table.isGone(row);
  const isInOrder = id > lastId;
  const isThere = operation === "INSERT" ? isDeleted : !isDeleted;
  const asWritten = isDeleted || (before instanceof StateText && rows.isWrittenAs(row, before));
  if (isInOrder && isThere && asWritten) return NOTHING;
  const faults: AuditFault[] = [];
  if (!isInOrder) {
    const message = `O registro ${id} vem depois do ${lastId}, da mesma linha.`;
    faults.push(new AuditFault("WRONG_ORDER", message));
  }
  if (!isThere) {
    faults.push(
      broken(view, isDeleted ? "muda, mas estava excluída" : "é incluída, mas já existia"),
    );
  }
  if (asWritten) return faults;
  const differing = [...(before instanceof StateText ? before.values() : before)]
    .filter(([column, value]) => !mayEqual(valueIn(rows, row, column, columns), value))
    .map(([column]) => column);
  if (differing.length > 0) {
    faults.push(broken(view, `mudou sem registro em ${differing.join(", ")}`));
  }
  return faults;
}

function valueIn(rows: Rows, row: number, column: string, columns: FirstSeen): unknown {
  const value = rows.valueOf(row, column);
  if (value !== undefined) return value;
  const insertedAt = rows.insertedAt(row);
  const seenAt = columns.of(column);
  const wasEmpty = insertedAt >= 0 && seenAt !== undefined && seenAt < insertedAt;
  return wasEmpty ? null : UNKNOWN;
}

function mayEqual(one: unknown, other: unknown): boolean {
  return one === UNKNOWN || other === UNKNOWN || areSame(one, other);
}

function broken({ entity_type, entity }: RecordView, what: string): AuditFault {
  return new AuditFault("BROKEN_CHAIN", `A linha ${idIn(entity)} de ${entity_type} ${what}.`);
}

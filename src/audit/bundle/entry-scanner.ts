import { MOST_ID_DIGITS, type OrderedId, orderedId, type RecordEntry } from "../entry.ts";
import type { Acting } from "../intent.ts";
import { ColumnNames } from "./column-names.ts";
import { ExpectedBytes, Words } from "./expected-bytes.ts";
import {
  CLOSE_OBJECT,
  COMMA,
  endOfCommitment,
  endOfFlatValue,
  endOfPlainString,
  endOfString,
  isAt,
  isDigit,
  OPEN_OBJECT,
  QUOTE,
  ZERO,
} from "./json-bytes.ts";
import type { RecordView } from "./record-view.ts";
import { MOST_COLUMNS, StateText } from "./state-text.ts";

const expected = (text: string) => new ExpectedBytes(Buffer.from(text));
const key = (name: string) => expected(`,"${name}":`);

const HEADS = (["blindagem-record-6", "blindagem-record-5", "blindagem-record-4"] as const).map(
  (format) => ({
    format,
    bytes: expected(`{"format":"${format}","id":`),
  }),
);
const SALT = key("salt");
const ORGANIZATION = key("organization_id");
const CONDOMINIUM = key("condominium_id");
const SENSITIVITY = key("sensitivity");
const ENTITY_TYPE = key("entity_type");
const ENTITY_ID = key("entity_id");
const OPERATION = key("operation");
const ACTION = key("action");
const NEW_STATE = key("new_state");
const PREVIOUS_STATE = key("previous_state");
const RECORDED_AT = key("recorded_at");
const TRANSACTION = key("transaction_id");
const REASON = key("reason");
/** Between the time and the transaction, in this order, each if there is something to say. */
const CONTEXT = [
  { bytes: key("actor_id"), acting: "actor_id" },
  { bytes: key("actor_role"), acting: "actor_role" },
  { bytes: key("on_behalf_of") },
  { bytes: REASON, personal: true },
  { bytes: key("ip"), personal: true },
  { bytes: key("user_agent"), personal: true },
  { bytes: key("request_id"), acting: "request_id" },
  { bytes: key("job_id"), acting: "job_id" },
  { bytes: key("session_login") },
  { bytes: key("application_name") },
  { bytes: key("client_address"), personal: true },
] as const satisfies { bytes: ExpectedBytes; acting?: keyof Acting; personal?: true }[];

const OPERATIONS = (["INSERT", "UPDATE", "DELETE", "TRUNCATE"] as const).map((operation) => ({
  operation,
  bytes: expected(`"${operation}"`),
}));
/** `"2026-11-24T12:00:00.000000Z"`, a 0 for any digit. */
const INSTANT = Buffer.from('"0000-00-00T00:00:00.000000Z"');

/**
 * Reads records in the layout in which the capture functions write them (sql/committed/000021-log-entries.sql), at a
 * third of what parsing them costs. It reads JSON in full, and takes only what it understands in full: what it takes has
 * the values that a parser of JSON would find.
 */
export class EntryScanner {
  /** What was scanned last. */
  #block: Buffer = Buffer.alloc(0);
  #words = new Words(this.#block);
  readonly #names = new ColumnNames();
  readonly #before = new StateText(this.#names);
  readonly #after = new StateText(this.#names);
  readonly #seen = new Int32Array(1024);
  #side = 0;
  readonly #condominium = new Repeated();
  readonly #organizations = new Passages<string>();
  readonly #kinds = new Passages<Pick<RecordView, "sensitivity" | "entity_type">>();
  readonly #actions = new Passages<Pick<RecordView, "operation" | "action">>();
  /** The end of the last entry, which the records of a statement share. */
  #tail: Buffer = Buffer.alloc(0);
  #tailRead: Tail = { acting: {}, transaction_id: "", commitments: 0 };
  readonly #view: RecordView = {
    format: "blindagem-record-6",
    id: 0,
    transaction_id: "",
    organization_id: undefined,
    condominium_id: undefined,
    sensitivity: "",
    entity_type: "",
    entity: { bytes: this.#block, start: 0, end: 0 },
    operation: "INSERT",
    action: "",
    acting: {},
    commitments: 0,
    before: this.#before,
    after: this.#after,
  };

  /**
   * Reads the entry that stands there.
   *
   * @param bytes valid UTF-8
   * @returns the record, until the next scan; undefined for anything else, which is to be parsed
   */
  scan(bytes: Buffer, start: number, end: number): RecordView | undefined {
    if (bytes !== this.#block) {
      this.#block = bytes;
      this.#words = new Words(bytes);
    }
    const view = this.#view;
    const words = this.#words;
    const head = HEADS.find((each) => each.bytes.isAt(words, start));
    if (head === undefined) return undefined;
    view.format = head.format;
    const id = start + head.bytes.length;
    let at = endOfId(bytes, id);
    if (at < 0) return undefined;
    view.id = idBetween(bytes, id + 1, at - 1);
    at = endOfString(bytes, SALT.after(words, at));
    if (at < 0) return undefined;
    at = this.#scanOrganization(bytes, at);
    if (at < 0) return undefined;
    view.condominium_id = undefined;
    if (CONDOMINIUM.isAt(words, at)) {
      const value = at + CONDOMINIUM.length;
      at = endOfId(bytes, value);
      if (at < 0) return undefined;
      view.condominium_id = this.#condominium.read(bytes, value, at);
    }
    const entity = this.#scanKind(bytes, at);
    at = endOfPlainString(bytes, entity);
    if (at < 0) return undefined;
    view.entity.bytes = bytes;
    view.entity.start = entity + 1;
    view.entity.end = at - 1;
    at = this.#scanAction(bytes, at);
    if (at < 0) return undefined;
    view.commitments = 0;
    at = this.#scanSide(bytes, at, NEW_STATE, this.#after);
    if (at < 0) return undefined;
    at = this.#scanSide(bytes, at, PREVIOUS_STATE, this.#before);
    if (at < 0) return undefined;
    const tail = this.#scanTail(bytes, at, end);
    if (tail === undefined) return undefined;
    view.acting = tail.acting;
    view.transaction_id = tail.transaction_id;
    view.commitments += tail.commitments;
    return view;
  }

  #scanOrganization(bytes: Buffer, place: number): number {
    const view = this.#view;
    const again = this.#organizations.again(this.#words, place);
    if (again !== undefined) {
      view.organization_id = again.value;
      return place + again.bytes.length;
    }
    view.organization_id = undefined;
    if (!ORGANIZATION.isAt(this.#words, place)) return place;
    const value = place + ORGANIZATION.length;
    const at = endOfId(bytes, value);
    if (at < 0) return -1;
    const organization = bytes.toString("latin1", value + 1, at - 1);
    view.organization_id = organization;
    this.#organizations.learn(organization, bytes, place, at, organization);
    return at;
  }

  /** @returns where the row's id begins */
  #scanKind(bytes: Buffer, place: number): number {
    const view = this.#view;
    const again = this.#kinds.again(this.#words, place);
    if (again !== undefined) {
      view.sensitivity = again.value.sensitivity;
      view.entity_type = again.value.entity_type;
      return place + again.bytes.length;
    }
    const sensitivity = SENSITIVITY.after(this.#words, place);
    const type = ENTITY_TYPE.after(this.#words, endOfPlainString(bytes, sensitivity));
    const end = endOfPlainString(bytes, type);
    const at = ENTITY_ID.after(this.#words, end);
    if (at < 0) return -1;
    view.sensitivity = bytes.toString("utf8", sensitivity + 1, type - ENTITY_TYPE.length - 1);
    view.entity_type = bytes.toString("utf8", type + 1, end - 1);
    const { sensitivity: level, entity_type } = view;
    this.#kinds.learn(`${level}"${entity_type}`, bytes, place, at, {
      sensitivity: level,
      entity_type,
    });
    return at;
  }

  #scanAction(bytes: Buffer, place: number): number {
    const view = this.#view;
    const again = this.#actions.again(this.#words, place);
    if (again !== undefined) {
      view.operation = again.value.operation;
      view.action = again.value.action;
      return place + again.bytes.length;
    }
    const operation = operationAt(this.#words, OPERATION.after(this.#words, place));
    if (operation === undefined) return -1;
    const value = ACTION.after(this.#words, place + OPERATION.length + operation.length + 2);
    const at = endOfPlainString(bytes, value);
    if (at < 0) return -1;
    const action = bytes.toString("utf8", value + 1, at - 1);
    view.operation = operation;
    view.action = action;
    this.#actions.learn(`${operation}"${action}`, bytes, place, at, { operation, action });
    return at;
  }

  /** @returns where the side ends, the given place when there is none, -1 when it has to be parsed */
  #scanSide(bytes: Buffer, place: number, name: ExpectedBytes, state: StateText): number {
    const words = this.#words;
    state.count = 0;
    if (!name.isAt(words, place)) return place;
    let at = place + name.length;
    if (bytes[at] !== OPEN_OBJECT) return -1;
    state.bytes = bytes;
    state.start = at;
    this.#side += 1;
    at += 1;
    if (bytes[at] === CLOSE_OBJECT) return this.#endSide(state, at + 1);
    for (let before = -1; ; ) {
      if (state.count === MOST_COLUMNS) return -1;
      const column = this.#names.idAt(bytes, words, at, before);
      // Of a name that comes twice, a parser keeps the last.
      if (column < 0 || this.#seen[column] === this.#side) return -1;
      this.#seen[column] = this.#side;
      before = column;
      const value = at + this.#names.lengthOfKey(column);
      at = this.#endOfColumn(bytes, value);
      if (at < 0) return -1;
      state.columns[state.count] = column;
      state.starts[state.count] = value;
      state.ends[state.count] = at;
      state.count += 1;
      const next = bytes[at];
      at += 1;
      if (next === CLOSE_OBJECT) return this.#endSide(state, at);
      if (next !== COMMA) return -1;
    }
  }

  #endSide(state: StateText, end: number): number {
    state.end = end;
    return end;
  }

  /** An object may be a commitment, and its keys could be taken for the row's columns. */
  #endOfColumn(bytes: Buffer, value: number): number {
    const first = bytes[value];
    if (first === QUOTE) return endOfString(bytes, value);
    if (first !== OPEN_OBJECT) return endOfFlatValue(bytes, value);
    const end = endOfCommitment(bytes, value);
    if (end < 0) return -1;
    this.#view.commitments += 1;
    return end;
  }

  #scanTail(bytes: Buffer, at: number, end: number): Tail | undefined {
    const tail = this.#tail;
    if (tail.length === end - at && tail.compare(bytes, at, end) === 0) return this.#tailRead;
    const read = readTail(bytes, this.#words, at, end);
    if (read === undefined) return undefined;
    this.#tail = Buffer.from(bytes.subarray(at, end));
    this.#tailRead = read;
    return read;
  }
}

/** What the records of a statement share, but for their beginning. */
interface Tail {
  acting: Acting;
  transaction_id: string;
  commitments: number;
}

function readTail(bytes: Buffer, words: Words, start: number, end: number): Tail | undefined {
  let at = endOfInstant(bytes, RECORDED_AT.after(words, start));
  if (at < 0) return undefined;
  const acting: { -readonly [Field in keyof Acting]: Acting[Field] } = {};
  let commitments = 0;
  for (const field of CONTEXT) {
    if (!field.bytes.isAt(words, at)) continue;
    const value = at + field.bytes.length;
    if ("acting" in field) {
      at = endOfPlainString(bytes, value);
      if (at >= 0) acting[field.acting] = bytes.toString("utf8", value + 1, at - 1);
    } else if ("personal" in field && bytes[value] === OPEN_OBJECT) {
      at = endOfCommitment(bytes, value);
      commitments += 1;
    } else {
      at = endOfString(bytes, value);
      if (at >= 0 && field.bytes === REASON) acting.reason = stringIn(bytes, value, at);
    }
    if (at < 0) return undefined;
  }
  const transaction = TRANSACTION.after(words, at);
  at = endOfId(bytes, transaction);
  if (at !== end - 1 || bytes[at] !== CLOSE_OBJECT) return undefined;
  const transaction_id = bytes.toString("latin1", transaction + 1, at - 1);
  return { acting, transaction_id, commitments };
}

/** @param start of its quotation mark */
function stringIn(bytes: Buffer, start: number, end: number): string {
  return String(JSON.parse(bytes.toString("utf8", start, end)));
}

interface Passage<Value> {
  bytes: ExpectedBytes;
  /** What it says. */
  value: Value;
}

const MOST_PASSAGES = 256;

/** Passages that most entries have from the one before: comparing them at once costs a third of reading them. */
class Passages<Value> {
  #last: Passage<Value> | undefined;
  /** By what they say. */
  readonly #known = new Map<string, Passage<Value>>();

  /** The passage of the entry before, if it stands there. */
  again(words: Words, at: number): Passage<Value> | undefined {
    return this.#last?.bytes.isAt(words, at) ? this.#last : undefined;
  }

  /** @param key all that differs between passages */
  learn(key: string, bytes: Buffer, start: number, end: number, value: Value): void {
    this.#last = this.#known.get(key);
    if (this.#last !== undefined || this.#known.size === MOST_PASSAGES) return;
    this.#last = { bytes: new ExpectedBytes(bytes.subarray(start, end)), value };
    this.#known.set(key, this.#last);
  }
}

/** Texts of which few differ; strings cost more than comparing bytes. */
class Repeated {
  readonly #bytes: Uint8Array[] = Array.from({ length: 64 }, () => Buffer.alloc(0));
  readonly #texts: string[] = Array.from({ length: 64 }, () => "");

  /** @param start of its quotation mark */
  read(bytes: Buffer, start: number, end: number): string {
    const slot = ((bytes[end - 2] ?? 0) ^ ((bytes[end - 3] ?? 0) << 2) ^ (end - start)) & 63;
    const known = this.#bytes[slot];
    if (known?.length !== end - start || !isAt(bytes, start, known)) {
      this.#bytes[slot] = Buffer.from(bytes.subarray(start, end));
      this.#texts[slot] = bytes.toString("utf8", start + 1, end - 1);
    }
    return this.#texts[slot] ?? "";
  }
}

function operationAt(words: Words, at: number): RecordEntry["operation"] | undefined {
  return OPERATIONS.find((each) => each.bytes.isAt(words, at))?.operation;
}

/** Of `"12"`, written in the only way (idText). */
function endOfId(bytes: Buffer, at: number): number {
  if (at < 0 || bytes[at] !== QUOTE) return -1;
  const first = at + 1;
  let end = first;
  while (isDigit(bytes[end])) end += 1;
  if (end - first > MOST_ID_DIGITS) return -1;
  const isId = end > first && (bytes[first] !== ZERO || end === first + 1) && bytes[end] === QUOTE;
  return isId ? end + 1 : -1;
}

function idBetween(bytes: Buffer, start: number, end: number): OrderedId {
  if (end - start > 15) return orderedId(bytes.toString("latin1", start, end));
  let id = 0;
  for (let at = start; at < end; at++) id = id * 10 + (bytes[at] ?? 0) - ZERO;
  return id;
}

function endOfInstant(bytes: Buffer, at: number): number {
  if (at < 0) return -1;
  for (let place = 0; place < INSTANT.length; place++) {
    const byte = bytes[at + place];
    if (INSTANT[place] === ZERO ? !isDigit(byte) : byte !== INSTANT[place]) return -1;
  }
  return at + INSTANT.length;
}

import { type BillKind, billKindOfExpense, billKindOfMemo } from "./bill-kind.ts";
import type { Channel, MemoRule } from "./memo-grammar.ts";
import { readChannel, readMemo } from "./memo-grammar.ts";
import { fold } from "./memo-text.ts";
import { cnpjsIn, type Parties, type Party } from "./party.ts";
import { remembered } from "./remembered.ts";
import type { Movement, Payable } from "./types.ts";

/** A movement with all that is read out of it once, since it is compared many times. */
export type PreparedMovement = {
  id: string;
  /** Whether the id is a number: then it tells the order, too. */
  isNumbered: boolean;
  movement: Movement;
  /** The description through `fold`. */
  memo: string;
  /** The counterparty's name through `fold`; empty if the bank gives none. */
  counterparty: string;
  /** Absolute amount in centavos. */
  size: bigint;
  direction: "CREDIT" | "DEBIT";
  rule: MemoRule | undefined;
  channel: Channel | undefined;
  party: Party;
  billKind: BillKind | undefined;
  /** Equal for movements that cannot be told apart but by amount and time. */
  key: string;
  /** Of account and amount: only movements of one block can be a debit and its full refund. */
  block: string;
  /** Days since 1970-01-01 of the date in Brasília. */
  day: number;
  /** Milliseconds since 1970. */
  instant: number;
  /** The bank gave no hour. */
  dateOnly: boolean;
};

export type PreparedPayable = {
  id: string;
  isNumbered: boolean;
  payable: Payable;
  party: Party;
  billKind: BillKind | undefined;
  key: string;
  dueDay: number;
};

type Numbered = Pick<PreparedMovement, "id" | "isNumbered">;

const DAY = 86_400_000;
const NUMBER = /^\d+$/;
/** A bank's own estorno may name the bank as its origin: that is not the supplier. */
const BANK_NAME =
  /\b(?:BANCO|BCO|UNIBANCO|CAIXA ECONOMICA|NU PAGAMENTOS|COOPERATIVA DE CREDITO|INSTITUICAO DE PAGAMENTO)\b/;

/** Roots of the CNPJs (equal to the ISPB) of the largest banks and payment institutions; BCB, list of STR participants. */
const BANKS: ReadonlySet<string> = new Set(
  "00000000 60701190 60746948 90400888 00360305 18236120 00416968 02038232 01181521 30306294 31872495 58160789 10573521".split(
    " ",
  ),
);

/**
 * @param ownDocuments CNPJs of the account holder, which memos repeat without naming the other side
 */
export function prepareMovement(
  movement: Movement,
  ownDocuments: ReadonlySet<string>,
  parties: Parties,
): PreparedMovement {
  const memo = fold(movement.description);
  const direction = movement.amount > 0n ? "CREDIT" : "DEBIT";
  const rule = readMemo(memo, direction);
  const channel = readChannel(memo, movement.operationType) ?? channelOfId(movement);
  const counterparty = fold(movement.counterpartyName ?? "");
  const fromBank =
    direction === "CREDIT" &&
    rule?.meaning === "REFUND" &&
    (BANK_NAME.test(counterparty) || BANKS.has(movement.counterpartyDocument?.slice(0, 8) ?? ""));
  const documents = fromBank
    ? cnpjsIn(movement.description)
    : [movement.counterpartyDocument, ...cnpjsIn(movement.description)];
  const party = parties.of(
    documents.filter((one) => one !== null && !ownDocuments.has(one)),
    fromBank ? [memo] : [counterparty, memo],
  );
  const instant = Date.parse(movement.postedAt);
  const size = movement.amount < 0n ? -movement.amount : movement.amount;
  return {
    id: movement.id,
    isNumbered: NUMBER.test(movement.id),
    movement,
    memo,
    counterparty,
    size,
    direction,
    rule,
    channel,
    party,
    billKind: billKindOfMemo(memo),
    key: party.key,
    block: `${movement.accountId}\n${size}`,
    day: dayNumber(movement.postedOn),
    instant,
    dateOnly: instant % DAY === 3 * 3_600_000,
  };
}

export function preparePayable(payable: Payable, parties: Parties): PreparedPayable {
  const name = payable.payeeName ?? payable.description;
  const party = parties.of([payable.payeeDocument], [fold(name)]);
  return {
    id: payable.id,
    isNumbered: NUMBER.test(payable.id),
    payable,
    party,
    billKind: billKindOfExpense(
      [payable.category, payable.payeeName, payable.description].map((text) => fold(text ?? "")),
    ),
    key: party.key,
    dueDay: dayNumber(payable.dueDate),
  };
}

/** Whether no text of the movement names anyone; it may have a document. */
export function isNameless({ party }: PreparedMovement): boolean {
  return party.names.every((name) => name.words.length === 0);
}

/** A movement as if its counterparty were known by the payee's names, too. */
export function withPayee(movement: PreparedMovement, payee: Party): PreparedMovement {
  const party = isNameless(movement) ? payee : payee.alsoNamed(movement.party);
  return { ...movement, party, key: payee.key };
}

/**
 * Whether the first can have come before the second. Where one of the two has only a date, the order
 * within that day is not known, so the day itself counts as before.
 */
export function canPrecede(first: PreparedMovement, second: PreparedMovement): boolean {
  if (first.day !== second.day) return first.day < second.day;
  return first.dateOnly || second.dateOnly || first.instant <= second.instant;
}

/** First in, first out: by day, instant, id, so that the order never depends on the input's. */
export function byMoment(a: PreparedMovement, b: PreparedMovement): number {
  return a.day - b.day || a.instant - b.instant || compareId(a, b);
}

export function byDueDate(a: PreparedPayable, b: PreparedPayable): number {
  return a.dueDay - b.dueDay || compareId(a, b);
}

/** By code unit: the same on every machine, unlike `localeCompare`. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Numbers as numbers (they keep the order in which the bank gave the entries), other ids as text. */
function compareId(a: Numbered, b: Numbered): number {
  const numbers = a.isNumbered && b.isNumbered;
  return (numbers ? a.id.length - b.id.length : 0) || compareText(a.id, b.id);
}

const dayNumber = remembered((date) => Date.parse(`${date}T00:00:00Z`) / DAY);

function channelOfId(movement: Movement): Channel | undefined {
  return movement.endToEndId !== null || movement.originalEndToEndId !== null ? "PIX" : undefined;
}

import { decodeText } from "../expenses/decode-text.ts";
import { type OfxTag, ofxTags } from "./ofx-elements.ts";
import { readOfxAmount, readOfxMoment } from "./ofx-values.ts";
import { type Statement, type StatementEntry, StatementFileError } from "./statement.ts";
import { withEntryKeys } from "./statement-keys.ts";

/** An entry as written: the first value of each tag, and where it begins. */
type Written = { line: number; values: Map<string, string> };
/** A value of the account itself, and where it stands. */
type Value = { text: string; line: number };
type Account = { values: Map<string, Value>; entries: Written[]; isCreditCard: boolean };

const STATEMENTS = new Set(["STMTRS", "CCSTMTRS"]);
/** Kinds of entry that take money out, where a bank writes no signs at all. */
const OUTGOING = new Set([
  "DEBIT",
  "CHECK",
  "PAYMENT",
  "FEE",
  "SRVCHG",
  "POS",
  "CASH",
  "DIRECTDEBIT",
  "REPEATPMT",
]);
const BALANCE_LINE = /^\s*(?:S ?A ?L ?D ?O\b|SDO\b)/i;
const SHARED_ID = /^0*$/;
/** Zeros, with or without a zone, where a bank has no date. */
const NO_DAY = /^0+\s*(?:\[.*)?$/;

/**
 * Reads an OFX 1 (SGML) or OFX 2 (XML) file as Brazilian banks write it: UTF-8 or Windows-1252 whatever its header says,
 * end tags missing, decimal commas, no or repeated FITIDs, dates without zone, unsigned amounts, and lines that are
 * balances, not entries (left out).
 *
 * @returns one statement per account, in the order of the file
 * @throws StatementFileError when the file is no OFX or has been cut off, an entry lacks a date or an amount that can be
 *   read, or the period or the balance is given and cannot be read
 */
export function readOfx(bytes: Uint8Array): Statement[] {
  const text = decodeText(bytes);
  const tags = text === undefined ? undefined : ofxTags(text);
  if (!tags) throw new StatementFileError("não é um arquivo OFX (falta a marca <OFX>).", null);
  // A file that was cut off would tell fewer entries than its period has, and its last amount may lack digits.
  if (!tags.some(({ kind, name }) => kind === "CLOSE" && name === "OFX")) {
    throw new StatementFileError(
      "o arquivo OFX está incompleto: termina sem a marca </OFX>.",
      tags.at(-1)?.line ?? null,
    );
  }
  const statements = accountsOf(tags).map(statementOf);
  if (statements.length === 0) {
    throw new StatementFileError("o arquivo OFX não traz nenhum extrato de conta.", null);
  }
  return statements;
}

/** Gathers values by account and entry. An aggregate that is not closed ends where the next of its kind begins. */
function accountsOf(tags: readonly OfxTag[]): Account[] {
  const accounts: Account[] = [];
  let account: Account | undefined;
  let entry: Written | undefined;
  let balance = "";
  for (const tag of tags) {
    if (tag.kind === "OPEN" && STATEMENTS.has(tag.name)) {
      account = { values: new Map(), entries: [], isCreditCard: tag.name === "CCSTMTRS" };
      accounts.push(account);
      entry = undefined;
    } else if (tag.kind === "OPEN" && tag.name === "STMTTRN") {
      entry = { line: tag.line, values: new Map() };
      account?.entries.push(entry);
    } else if (tag.kind === "OPEN" && tag.name.endsWith("BAL")) {
      entry = undefined;
      balance = tag.name;
    } else if (tag.kind === "CLOSE" && (tag.name === "STMTTRN" || tag.name === "BANKTRANLIST")) {
      entry = undefined;
    } else if (tag.kind === "VALUE") {
      const name = tag.name === "BALAMT" || tag.name === "DTASOF" ? balance + tag.name : tag.name;
      if (entry) addFirst(entry.values, name, tag.value);
      else if (account) addFirst(account.values, name, { text: tag.value, line: tag.line });
    }
  }
  return accounts;
}

function addFirst<V>(values: Map<string, V>, name: string, value: V): void {
  if (!values.has(name)) values.set(name, value);
}

function statementOf({ values, entries, isCreditCard }: Account): Statement {
  const account = values.get("ACCTID")?.text;
  if (account === undefined)
    throw new StatementFileError("falta o número da conta (ACCTID).", null);
  const read = entries.flatMap((entry) => {
    const line = readEntry(entry);
    return line ? [{ ...line, isOutgoing: OUTGOING.has(entry.values.get("TRNTYPE") ?? "") }] : [];
  });
  const unsigned = read.every((one) => one.amount >= 0n) && read.some((one) => one.isOutgoing);
  const signed = read.map(({ isOutgoing, ...one }) => ({
    ...one,
    amount: unsigned && isOutgoing ? -one.amount : one.amount,
  }));
  return {
    bankCode: values.get("BANKID")?.text.replace(/^0+(?=\d{3})/, "") ?? null,
    branch: values.get("BRANCHID")?.text ?? null,
    account,
    isCreditCard,
    from: dayOf(values.get("DTSTART"), "o início do período (DTSTART) não pode ser lido."),
    to: endOf(values),
    closingBalance: closingBalanceOf(values),
    entries: withEntryKeys(signed),
  };
}

function readEntry({
  line,
  values,
}: Written): Omit<StatementEntry, "entryKey" | "otherKey"> | undefined {
  const memo = values.get("MEMO") ?? "";
  const name = values.get("NAME") ?? "";
  const written = values.get("TRNAMT") ?? "";
  const amount = readOfxAmount(written);
  if (BALANCE_LINE.test(memo || name) && (amount === undefined || isSharedId(values))) {
    return undefined;
  }
  if (amount === undefined) {
    throw new StatementFileError("o valor (TRNAMT) falta ou não pode ser lido.", line);
  }
  const moment = readOfxMoment(values.get("DTPOSTED") ?? values.get("DTUSER") ?? "");
  if (!moment) throw new StatementFileError("a data (DTPOSTED) falta ou não pode ser lida.", line);
  const repeats = name !== "" && memo.toUpperCase().startsWith(name.toUpperCase());
  return {
    bankId: isSharedId(values) ? null : (values.get("FITID") ?? null),
    postedOn: moment.on,
    postedAt: moment.at,
    amount,
    description: repeats || memo === "" ? memo || name : [name, memo].filter(Boolean).join(" "),
    // Beside a memo, NAME is the other side; alone it is the memo.
    counterpartyName: name !== "" && memo !== "" && !repeats ? name : null,
    checkNumber: meaningful(values.get("CHECKNUM")) ?? meaningful(values.get("REFNUM")),
  };
}

function isSharedId(values: ReadonlyMap<string, string>): boolean {
  return SHARED_ID.test(values.get("FITID") ?? "");
}

/** Banks fill what they do not know with zeros. */
function meaningful(value: string | undefined): string | null {
  return value === undefined || SHARED_ID.test(value) ? null : value;
}

function closingBalanceOf(values: ReadonlyMap<string, Value>): Statement["closingBalance"] {
  const written = values.get("LEDGERBALBALAMT");
  if (written === undefined) return null;
  const amount = readOfxAmount(written.text);
  if (amount === undefined) {
    throw new StatementFileError("o saldo (LEDGERBAL, BALAMT) não pode ser lido.", written.line);
  }
  const unreadable = "a data do saldo (LEDGERBAL, DTASOF) não pode ser lida.";
  const on = dayOf(values.get("LEDGERBALDTASOF"), unreadable) ?? endOf(values);
  return on === null ? null : { amount, on };
}

function endOf(values: ReadonlyMap<string, Value>): string | null {
  return dayOf(values.get("DTEND"), "o fim do período (DTEND) não pode ser lido.");
}

/** The day that is written; null where there is none. What is there and cannot be read is not as if it were absent. */
function dayOf(written: Value | undefined, unreadable: string): string | null {
  if (written === undefined || NO_DAY.test(written.text)) return null;
  const moment = readOfxMoment(written.text);
  if (!moment) throw new StatementFileError(unreadable, written.line);
  return moment.on;
}

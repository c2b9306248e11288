import { formatDecimal } from "../../money/centavos.ts";
import { absolute, agrees, gross, net } from "../amounts.ts";
import type { ExpenseFacts, ReadingFacts } from "../facts.ts";
import { instalmentCount } from "../instalment.ts";
import type { Evidence } from "../reason.ts";
import { daysOutside, receiptDate } from "../receipt-date.ts";
import { type RuleFamily, type RuleFunction, reasonOf } from "./rule-function.ts";

/**
 * Does each receipt say what the expense says? What a reading does not contain is not compared, and
 * RECEIPT_FIELD_UNREAD says so.
 */
export const receiptRules = {
  RECEIPT_NEEDS_REVIEW: onEachReading((reading) =>
    reading.verdict === "MANUAL_REVIEW"
      ? [{ readingReasons: [...new Set(reading.reasonCodes)].sort() }]
      : [],
  ),

  RECEIPT_SCHEDULED: onEachReading((reading) => (isScheduling(reading) ? [{}] : [])),

  RECEIPT_AMOUNT_MISMATCH: onEachReading((reading, facts) =>
    reading.amount === null || amountAgrees(reading.amount, facts) || isWhole(reading, facts)
      ? []
      : [
          {
            receiptAmount: formatDecimal(reading.amount),
            grossAmount: formatDecimal(gross(facts.expense)),
            netAmount: formatDecimal(net(facts.expense)),
          },
        ],
  ),

  RECEIPT_AMOUNT_OF_WHOLE_DOCUMENT: onEachReading((reading, facts) =>
    reading.amount !== null && isWhole(reading, facts)
      ? [
          {
            receiptAmount: formatDecimal(reading.amount),
            grossAmount: formatDecimal(gross(facts.expense)),
            instalment: facts.expense.instalment,
          },
        ]
      : [],
  ),

  RECEIPT_TAKER_MISMATCH: onEachReading(({ takerCnpj }, { condominium }) =>
    takerCnpj !== null && condominium.cnpj !== null && takerCnpj !== condominium.cnpj
      ? [{ takerCnpj, condominiumCnpj: condominium.cnpj }]
      : [],
  ),

  RECEIPT_PAYEE_MISMATCH: onEachReading(({ cnpj }, { expense: { payee } }) =>
    cnpj !== null && payee.kind === "CNPJ" && payee.document !== null && cnpj !== payee.document
      ? [
          {
            receiptCnpj: cnpj,
            payeeCnpj: payee.document,
            sameCompany: sameRoot(cnpj, payee.document),
          },
        ]
      : [],
  ),

  RECEIPT_DATE_MISMATCH: onEachReading((reading, { expense, thresholds }) => {
    const { issueDate, dueDate } = expense;
    const dates = { date: receiptDate(reading), dueDate: reading.dueDate };
    return Object.entries(dates).flatMap(([field, date]) => {
      if (date === null) return [];
      const days = daysOutside(date, field === "date" ? [issueDate, dueDate] : [dueDate]);
      return days > thresholds.receiptDays
        ? [{ field, receiptDate: date, issueDate, dueDate, days, allowed: thresholds.receiptDays }]
        : [];
    });
  }),

  RECEIPT_FIELD_UNREAD: onEachReading((reading, { expense, condominium }) => {
    const comparable = {
      amount: reading.amount,
      date: reading.timestamp,
      ...(expense.payee.kind === "CNPJ" ? { cnpj: reading.cnpj } : {}),
      ...(condominium.cnpj === null ? {} : { takerCnpj: reading.takerCnpj }),
    };
    return Object.entries(comparable).flatMap(([field, value]) =>
      value === null ? [{ field }] : [],
    );
  }),
} satisfies RuleFamily;

/** Lifts a check of one reading over all that were read; each reason says of which document it is. */
function onEachReading(
  check: (reading: ReadingFacts, facts: ExpenseFacts) => Evidence[],
): RuleFunction {
  return (facts, rule) =>
    facts.receipts.flatMap(({ documentId, reading }) =>
      reading === null
        ? []
        : check(reading, facts).map((evidence) =>
            reasonOf(rule, { documentId, receiptKind: reading.kind, ...evidence }),
          ),
    );
}

function isScheduling(reading: ReadingFacts): boolean {
  return reading.kind === "SCHEDULING" || reading.reasonCodes.includes("SCHEDULED_NOT_PAID");
}

/** A note shows the gross, a proof of payment the net. */
function amountAgrees(amount: bigint, { expense, thresholds }: ExpenseFacts): boolean {
  return [gross(expense), net(expense)].some((expected) =>
    agrees(absolute(amount), expected, thresholds.amountTolerance),
  );
}

/** The expense is an instalment and the document shows the sum of all; each may round by a centavo. */
function isWhole({ amount }: ReadingFacts, facts: ExpenseFacts): boolean {
  const { instalment } = facts.expense;
  if (amount === null || instalment === null || amountAgrees(amount, facts)) return false;
  const count = instalmentCount(instalment);
  return agrees(absolute(amount), gross(facts.expense) * count, count);
}

/** The first 8 characters of a CNPJ are the company's, the next 4 its establishment's. */
function sameRoot(one: string, other: string): boolean {
  return one.slice(0, 8) === other.slice(0, 8);
}

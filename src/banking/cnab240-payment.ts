import type { CnabRecord } from "./cnab240-record.ts";
import { StatementFileError } from "./statement.ts";

/** One payment that a bank tells of in a return file. Money in centavos, dates YYYY-MM-DD. */
export type ReturnedPayment = {
  /** A: to an account or by Pix; J: a boleto; O: a utility's or tax's barcode; N: a tax without one. */
  segment: "A" | "J" | "O" | "N";
  /** PAID has left the account; SCHEDULED was taken in and may still fail; UNKNOWN says nothing. */
  outcome: "PAID" | "SCHEDULED" | "REJECTED" | "CANCELLED" | "UNKNOWN";
  /** The bank's codes (FEBRABAN G059), up to five. */
  occurrences: string[];
  payeeName: string | null;
  payeeDocument: string | null;
  /** What was or is to be paid. */
  amount: bigint;
  /** Of a boleto: its own amount, what was taken off and what was put on it. */
  faceAmount: bigint | null;
  discount: bigint | null;
  fine: bigint | null;
  dueOn: string | null;
  /** When it was paid, or is to be. */
  paidOn: string | null;
  /** 44 digits; 48 with their check digits from Itaú. */
  barcode: string | null;
  /** The payer's number of the payment ("seu número"), by which it is known again. */
  ownNumber: string | null;
  bankNumber: string | null;
  authentication: string | null;
  endToEndId: string | null;
  /** Where it begins in the file. */
  line: number;
};

const PAID = new Set(["00", "03", "FC", "FD", "CP"]);
const SCHEDULED = new Set(["BD", "BE", "AE", "IR", "PD", "RS", "EM"]);
const CANCELLED = new Set(["02", "CE", "LC", "NA", "SS"]);
const END_TO_END_ID = /\b[ED][0-9A-Z]{8}\d{12}[A-Za-z0-9]{11}\b/;
/** Its segment O has the barcode with its four check digits, and with it all else elsewhere. */
const ITAU = "341";

/**
 * The payment that a segment A, J, O or N tells of (FEBRABAN, Layout Padrão 240 posições, 8.6, "Pagamentos"; Itaú SISPAG
 * 086 for its segment O).
 * @throws StatementFileError
 */
export function paymentOf(
  record: CnabRecord,
  segment: ReturnedPayment["segment"],
  bank: string,
): ReturnedPayment {
  const occurrences = record.text(231, 240).match(/\S{2}/g) ?? [];
  const common = {
    segment,
    outcome: record.text(15, 15) === "9" ? ("CANCELLED" as const) : outcomeOf(occurrences),
    occurrences,
    payeeDocument: null,
    faceAmount: null,
    discount: null,
    fine: null,
    dueOn: null,
    barcode: null,
    authentication: null,
    endToEndId: null,
    line: record.line,
  };
  switch (segment) {
    case "A":
      return {
        ...common,
        payeeName: record.code(44, 73),
        ownNumber: record.code(74, 93),
        bankNumber: record.code(135, 154),
        paidOn: record.date(155, 162) ?? record.date(94, 101),
        amount: record.number(163, 177) || record.number(120, 134),
      };
    case "J":
      return {
        ...common,
        barcode: record.code(18, 61),
        payeeName: record.code(62, 91),
        dueOn: record.date(92, 99),
        faceAmount: record.number(100, 114),
        discount: record.number(115, 129),
        fine: record.number(130, 144),
        paidOn: record.date(145, 152),
        amount: record.number(153, 167),
        ownNumber: record.code(183, 202),
        bankNumber: bank === ITAU ? record.code(216, 230) : record.code(203, 222),
      };
    case "O":
      return bank === ITAU
        ? {
            ...common,
            barcode: record.code(18, 65),
            payeeName: record.code(66, 95),
            dueOn: record.date(96, 103),
            paidOn: record.date(137, 144),
            amount: record.number(145, 159) || record.number(122, 136),
            ownNumber: record.code(175, 194),
            bankNumber: record.code(216, 230),
          }
        : {
            ...common,
            barcode: record.code(18, 61),
            payeeName: record.code(62, 91),
            dueOn: record.date(92, 99),
            paidOn: record.date(100, 107),
            amount: record.number(108, 122),
            ownNumber: record.code(123, 142),
            bankNumber: record.code(143, 162),
          };
    case "N":
      if (bank === ITAU) {
        throw new StatementFileError(
          "o segmento N do Itaú tem um leiaute por tributo, que ainda não é lido.",
          record.line,
          "importe o extrato da conta, que traz o que saiu.",
        );
      }
      return {
        ...common,
        ownNumber: record.code(18, 37),
        bankNumber: record.code(38, 57),
        // The name is the taxpayer's, so the payer's own.
        payeeName: null,
        paidOn: record.date(88, 95),
        amount: record.number(96, 110),
      };
  }
}

/** What a segment after the payment's own adds to it: B the payee's document, J-52 the beneficiary, Z the authentication. */
export function withComplement(payment: ReturnedPayment, record: CnabRecord): ReturnedPayment {
  const segment = record.text(14, 14);
  const endToEndId = END_TO_END_ID.exec(record.text(15, 230))?.[0] ?? payment.endToEndId;
  if (segment === "B" && payment.segment === "A") {
    return { ...payment, endToEndId, payeeDocument: record.document(18, 19, 32) };
  }
  if (segment === "J" && record.text(18, 19) === "52") {
    return {
      ...payment,
      endToEndId,
      payeeDocument: record.document(76, 77, 91),
      payeeName: record.code(92, 131) ?? payment.payeeName,
    };
  }
  if (segment === "Z") {
    return { ...payment, endToEndId, authentication: record.code(15, 78) };
  }
  return { ...payment, endToEndId };
}

/** Of several codes the one that moves money counts, then what undoes it. */
function outcomeOf(occurrences: readonly string[]): ReturnedPayment["outcome"] {
  const has = (codes: ReadonlySet<string>) => occurrences.some((code) => codes.has(code));
  if (has(PAID)) return "PAID";
  if (has(CANCELLED)) return "CANCELLED";
  if (occurrences.some((code) => !SCHEDULED.has(code))) return "REJECTED";
  return has(SCHEDULED) ? "SCHEDULED" : "UNKNOWN";
}

import type { Reason } from "../validation/reason.ts";
import type { Box } from "./words.ts";

/** What a document is. SCHEDULING is a slip of a payment that is only scheduled, which proves none. */
export type ReceiptKind =
  | "PIX_PROOF"
  | "TED_PROOF"
  | "BOLETO"
  | "BOLETO_PROOF"
  | "NFCE"
  | "NFE"
  | "NFSE"
  | "UTILITY_BILL"
  | "RPA"
  | "TAX_SLIP"
  | "TILL_RECEIPT"
  | "SCHEDULING"
  | "UNKNOWN";

/** A field as read. What the document does not carry is null with confidence 0; nothing is ever filled in. */
export interface Field {
  value: string | null;
  /** 0 to 1. */
  confidence: number;
  /** Where it stands, in the units of that page (see `Box`); null when it has no place of its own. */
  box: Box | null;
  /** The page of the box, from 0. */
  page: number | null;
}

export type TimestampPrecision = "day" | "minute" | "second";

/** When the document says it was paid or issued. */
export interface TimestampField extends Field {
  /** 'YYYY-MM-DD', or with the printed hour 'YYYY-MM-DDTHH:MM:SS-03:00'; with precision "minute" the seconds are 00. */
  value: string | null;
  precision: TimestampPrecision | null;
  /** Codes of what speaks for it, such as SECOND_READING or END_TO_END_ID. */
  evidence: string[];
}

export type ReceiptIdentifierKind =
  | "PIX_END_TO_END"
  | "BOLETO_LINE"
  | "DFE_KEY"
  | "NFSE_KEY"
  | "BR_CODE";

export interface ReceiptIdentifier {
  kind: ReceiptIdentifierKind;
  value: string;
  /** Whether its check digits (for the end-to-end id, which has none: its shape and time) hold. */
  valid: boolean;
}

export interface ReceiptFields {
  timestamp: TimestampField;
  /** Reais with a decimal point: "1234.56". */
  amount: Field;
  /** Of the issuer of a fiscal document or boleto, or of the payee of a payment: 14 characters; a person has none. */
  cnpj: Field;
  /** Of the taker of a fiscal document, or of the payer: 14 characters. */
  takerCnpj: Field;
  /** The name of the issuer or payee, as printed beside its label. */
  payee: Field;
  /** The name of the taker or payer. */
  payer: Field;
  /** Of the note, receipt or boleto; of a payment's proof the transaction's id or the bank's authentication. */
  documentNumber: Field;
  /** 'YYYY-MM-DD'. */
  dueDate: Field;
  identifiers: ReceiptIdentifier[];
}

/** The reading of one document. MANUAL_REVIEW always comes with at least one reason. */
export interface ReceiptReading {
  kind: ReceiptKind;
  /** OCR as soon as one page had to be read from its picture. */
  method: "OCR" | "TEXT_LAYER";
  /** The sizes in whose units the boxes are. */
  pages: { width: number; height: number }[];
  fields: ReceiptFields;
  verdict: "ACCEPTED" | "MANUAL_REVIEW";
  reasons: Reason[];
}

/** A field that the document does not carry. */
export const ABSENT: Field = { value: null, confidence: 0, box: null, page: null };

/** A timestamp that was not read. */
export const NO_TIMESTAMP: TimestampField = { ...ABSENT, precision: null, evidence: [] };

/** The reading of a document that could not be read, with the cause as a code. */
export function unreadable(cause: string): ReceiptReading {
  return {
    kind: "UNKNOWN",
    method: "OCR",
    pages: [],
    fields: {
      timestamp: NO_TIMESTAMP,
      amount: ABSENT,
      cnpj: ABSENT,
      takerCnpj: ABSENT,
      payee: ABSENT,
      payer: ABSENT,
      documentNumber: ABSENT,
      dueDate: ABSENT,
      identifiers: [],
    },
    verdict: "MANUAL_REVIEW",
    reasons: [{ code: "UNREADABLE", severity: "REVIEW", evidence: { cause } }],
  };
}

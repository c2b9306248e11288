import type { Field, ReceiptReading, TimestampField } from "../receipts/reading.ts";
import { reasonText } from "../validation/reason-catalogue.ts";

/** What `blindagem read --json` prints of a file: one line, in the shape that docs/reading.md gives. */
export function readingLine(file: string, reading: ReceiptReading): string {
  const { timestamp, identifiers, ...fields } = reading.fields;
  return JSON.stringify({
    file,
    kind: reading.kind,
    fields: {
      timestamp: timestampOf(timestamp),
      amount: fieldOf(fields.amount),
      cnpj: fieldOf(fields.cnpj),
      takerCnpj: fieldOf(fields.takerCnpj),
      payee: fieldOf(fields.payee),
      payer: fieldOf(fields.payer),
      documentNumber: fieldOf(fields.documentNumber),
      dueDate: fieldOf(fields.dueDate),
      identifiers,
    },
    verdict: reading.verdict,
    reasons: reading.reasons.map((reason) => ({
      code: reason.code,
      text: reasonText(reason),
      evidence: reason.evidence,
    })),
  });
}

function timestampOf({ precision, evidence, ...field }: TimestampField) {
  const { value, confidence, box, page } = fieldOf(field);
  return { value, precision, confidence, evidence, box, page };
}

function fieldOf({ value, confidence, box, page }: Field) {
  return {
    value,
    confidence: Math.round(confidence * 10_000) / 10_000,
    box: box?.map((edge) => Math.round(edge * 10) / 10) ?? null,
    page,
  };
}

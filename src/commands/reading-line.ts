import type { Field, ReceiptReading, TimestampField } from "../receipts/reading.ts";
import { reasonText } from "../validation/reason-catalogue.ts";

/** What `blindagem read --json` prints of a file: one line, in the shape that docs/reading.md gives. */
export function readingLine(file: string, reading: ReceiptReading): string {
  const { timestamp, amount, cnpj, takerCnpj, dueDate, identifiers } = reading.fields;
  return JSON.stringify({
    file,
    kind: reading.kind,
    fields: {
      timestamp: timestampOf(timestamp),
      amount: fieldOf(amount),
      cnpj: fieldOf(cnpj),
      takerCnpj: fieldOf(takerCnpj),
      dueDate: fieldOf(dueDate),
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

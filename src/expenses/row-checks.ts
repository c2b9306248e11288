import { daysBetween } from "../calendar/brasilia.ts";
import type { DocumentKind } from "./document-kind.ts";
import type { Detail, RowErrorCode } from "./row-error.ts";

/** Reports an error of the row at hand. */
export type Report = (field: string, code: RowErrorCode, detail?: Detail) => void;

const EARLIEST = "2000-01-01";

/** Kinds that exist only with an issuer, a number and a date of issue. */
const FISCAL: ReadonlySet<DocumentKind> = new Set(["NFE", "NFSE", "NFCE", "CREDIT_NOTE"]);

export interface RowDates {
  issueDate: string | undefined;
  dueDate: string | undefined;
  competence: string | undefined;
}

/**
 * No issue in the future; a due date no more than a year before (a note may follow its payment) or ten
 * years after (a financed work) the issue; a competence up to two years ahead (an insurance paid at once).
 */
export function checkDates(dates: RowDates, today: string, report: Report): void {
  const { issueDate, dueDate, competence } = dates;
  if (issueDate !== undefined && issueDate > today) {
    report("issueDate", "DATE_IN_FUTURE");
  }
  if (issueDate !== undefined && issueDate < EARLIEST) {
    report("issueDate", "DATE_TOO_OLD", EARLIEST);
  }
  const daysToPay = dueDate === undefined ? 0 : daysBetween(issueDate ?? today, dueDate);
  if (daysToPay < -366 || daysToPay > 3653) {
    report("dueDate", "DUE_DATE_IMPLAUSIBLE");
  }
  const implausible =
    competence !== undefined &&
    (competence < EARLIEST.slice(0, 7) ||
      competence > `${Number(today.slice(0, 4)) + 2}${today.slice(4, 7)}`);
  if (implausible) {
    report("competence", "COMPETENCE_IMPLAUSIBLE");
  }
}

export interface PayeeAndDocument {
  documentKind: DocumentKind | undefined;
  /** Whether the row names it, be it right or wrong: what is wrong has been reported already. */
  has: (field: "documentNumber" | "issueDate" | "payeeDocument" | "payeeName") => boolean;
  payeeKind: "CNPJ" | "CPF" | undefined;
}

/** What the document's kind requires, and that somebody is named as payee. */
export function checkPayeeAndDocument(row: PayeeAndDocument, report: Report): void {
  const { documentKind, has } = row;
  const fiscal = documentKind !== undefined && FISCAL.has(documentKind);
  for (const field of fiscal ? (["documentNumber", "issueDate", "payeeDocument"] as const) : []) {
    if (!has(field)) {
      report(field, "REQUIRED_FOR_DOCUMENT_KIND", documentKind);
    }
  }
  if (
    documentKind === "RPA" &&
    row.payeeKind !== "CPF" &&
    !(has("payeeDocument") && !row.payeeKind)
  ) {
    report("payeeDocument", "PAYEE_CPF_REQUIRED");
  }
  if (!fiscal && documentKind !== "RPA" && !has("payeeDocument") && !has("payeeName")) {
    report("payeeName", "PAYEE_REQUIRED");
  }
}

/** Retentions take away less than the whole, and nothing from a credit note: it pays nobody. */
export function checkRetentions(
  documentKind: DocumentKind | undefined,
  grossAmount: bigint | undefined,
  retentions: readonly { amount: bigint }[],
  report: Report,
): void {
  const sum = retentions.reduce((total, { amount }) => total + amount, 0n);
  if (grossAmount !== undefined && sum > 0n && sum >= grossAmount) {
    report("grossAmount", "RETENTIONS_NOT_BELOW_GROSS");
  }
  if (documentKind === "CREDIT_NOTE" && sum > 0n) {
    report("retentions", "RETENTIONS_ON_CREDIT_NOTE");
  }
}

/** Each document once. */
export function checkDocuments(documents: readonly DocumentReference[], report: Report): void {
  if (documents.length < 2) {
    return;
  }
  const seen = new Set<string>();
  documents.forEach((document, position) => {
    const name = "sha256" in document ? document.sha256 : `name:${document.fileName}`;
    if (seen.has(name)) {
      report(`documents[${position}]`, "DOCUMENT_REPEATED");
    }
    seen.add(name);
  });
}

/** Each externalId once in a batch; `indexOfId` remembers where each stood first. */
export function checkExternalId(
  externalId: string | undefined,
  index: number,
  indexOfId: Map<string, number>,
  report: Report,
): void {
  if (externalId === undefined) {
    return;
  }
  const first = indexOfId.get(externalId);
  if (first === undefined) {
    indexOfId.set(externalId, index);
  } else {
    report("externalId", "EXTERNAL_ID_REPEATED", first);
  }
}

/** A document of an expense: by the hash of its bytes (lower-case hex), or by file name. */
export type DocumentReference = { sha256: string } | { fileName: string };

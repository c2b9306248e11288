import { formatCnpj } from "../identifiers/cnpj.ts";
import type { Field, ReceiptIdentifierKind, ReceiptReading } from "../receipts/reading.ts";
import { day, receiptKind } from "../validation/catalogue/portuguese.ts";
import { reasonText } from "../validation/reason-catalogue.ts";

const IDENTIFIERS: Readonly<Record<ReceiptIdentifierKind, string>> = {
  PIX_END_TO_END: "Id. do Pix",
  BOLETO_LINE: "Linha digitável",
  DFE_KEY: "Chave da nota",
  NFSE_KEY: "Chave da NFS-e",
  BR_CODE: "Pix copia e cola",
};

/** What speaks for a timestamp, in Portuguese. */
const EVIDENCE: Readonly<Record<string, string>> = {
  TEXT_LAYER: "texto do PDF",
  SECOND_READING: "outra leitura igual",
  OTHER_LANGUAGE_DATA: "lida igual com os dados de outra língua",
  END_TO_END_ID: "identificador do Pix",
  DFE_KEY: "chave da nota",
  WEEKDAY: "dia da semana",
  PRINTED_TWICE: "impressa mais de uma vez",
  ANOTHER_DATE: "ordem de outra data do documento",
  PORTUGUESE_DOCUMENT: "documento em português",
  MALAYSIAN_DOCUMENT: "documento da Malásia",
  GERMAN_DOCUMENT: "documento da Alemanha",
  UNITED_STATES_DOCUMENT: "documento dos Estados Unidos",
};

const NAME_WIDTH = 18;
const VALUE_WIDTH = 24;

/** What `blindagem read` prints of a file for people: a heading, a row for each field, and the verdict. */
export function readingTable(file: string, reading: ReceiptReading): string {
  const { kind, fields, verdict, reasons } = reading;
  const evidence = fields.timestamp.evidence.map((code) => EVIDENCE[code] ?? code).join(", ");
  return [
    `${file}: ${receiptKind(kind)}`,
    row("Data e hora", fields.timestamp, printedMoment, evidence),
    row("Valor", fields.amount, amountOf),
    row("CNPJ", fields.cnpj, formatCnpj),
    row("CNPJ do pagador", fields.takerCnpj, formatCnpj),
    row("Favorecido", fields.payee, asPrinted),
    row("Pagador", fields.payer, asPrinted),
    row("Número", fields.documentNumber, asPrinted),
    row("Vencimento", fields.dueDate, day),
    ...fields.identifiers.map(
      ({ kind: name, value, valid }) =>
        `  ${IDENTIFIERS[name].padEnd(NAME_WIDTH)}${value}${valid ? "" : "  (não confere)"}`,
    ),
    ...(verdict === "ACCEPTED"
      ? ["  ACEITO"]
      : reasons.map((reason) => `  REVISÃO MANUAL: ${reasonText(reason)} [${reason.code}]`)),
  ].join("\n");
}

function row(name: string, field: Field, shown: (value: string) => string, note = ""): string {
  const { value, confidence } = field;
  const text = value === null ? "não lido" : shown(value);
  const sure = value === null ? "" : sureness(confidence).padStart(5);
  return `  ${name.padEnd(NAME_WIDTH)}${text.padEnd(VALUE_WIDTH)}${sure}${note && `  ${note}`}`.trimEnd();
}

/** The hour as it is printed, in whatever zone that is. */
function printedMoment(value: string): string {
  const [date, clock] = value.split("T");
  return clock === undefined ? day(date) : `${day(date)} ${clock.slice(0, 8)}`;
}

/** Names and numbers are shown as they stand on the paper. */
function asPrinted(value: string): string {
  return value;
}

/** With a decimal comma; of which currency, the reading does not say. */
function amountOf(value: string): string {
  return value.replace(".", ",");
}

/** 0.9996 -> "99,9%": what is not certain is not rounded to certainty. */
function sureness(confidence: number): string {
  return `${String(Math.floor(confidence * 1000) / 10).replace(".", ",")}%`;
}

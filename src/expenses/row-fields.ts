import { parseDate } from "../calendar/brasilia.ts";
import { parseCnpj } from "../identifiers/cnpj.ts";
import { parseCpf } from "../identifiers/cpf.ts";
import { parsePixKey } from "../identifiers/pix-key.ts";
import { parseDecimal } from "../money/centavos.ts";
import { parseCategory } from "../suppliers/categories.ts";
import { parseDocumentKind } from "./document-kind.ts";
import type { Detail, RowErrorCode } from "./row-error.ts";

/** What reading a field gives in place of a value that is not right. */
export class Refused {
  readonly code: RowErrorCode;
  readonly detail: Detail;
  constructor(code: RowErrorCode, detail?: Detail) {
    this.code = code;
    this.detail = detail;
  }
}

const refuse = (code: RowErrorCode) => new Refused(code);

/** How the text of a field is read: its greatest length, and what turns it into a value. */
export interface Field<T> {
  maximum: number;
  read: (text: string) => T | Refused;
}

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
// Control, format (soft hyphen, bidi overrides, zero width), lone surrogates, line separators.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const SPREADSHEET_ERROR = /^#(?:N\/[AD]|[A-ZÚ]+[!?]|DIV\/0!)$/;

const AMBIGUOUS_AMOUNT = /^-?\d{1,3}(?:[.,]\d{3})+$/;
/** numeric(14,2), in centavos. */
const LARGEST_AMOUNT = 99_999_999_999_999n;

/**
 * Reads the text of a field. It is trimmed and put into Unicode's composed form (NFC: file names from a
 * Mac come decomposed), and must hold nothing invisible.
 */
export function readField<T>({ maximum, read }: Field<T>, raw: string): T | Refused {
  const text = raw.trim();
  if (text.length > maximum) {
    return new Refused("TEXT_TOO_LONG", maximum);
  }
  if (SPREADSHEET_ERROR.test(text)) {
    return refuse("SPREADSHEET_ERROR");
  }
  if (PRINTABLE_ASCII.test(text)) {
    return read(text);
  }
  return INVISIBLE.test(text) ? refuse("CONTROL_CHARACTER") : read(text.normalize("NFC"));
}

function field<T>(maximum: number, read: (text: string) => T | Refused): Field<T> {
  return { maximum, read };
}

const text = (maximum: number) => field(maximum, (value) => value);

const date = field(40, (value) => parseDate(value) ?? refuse("DATE_INVALID"));

/** An amount of at least `least` centavos; below that, the code says what is wrong. */
function amount(least: bigint, below: RowErrorCode) {
  return field(40, (value) => {
    const centavos = parseDecimal(value);
    if (centavos === undefined) {
      return refuse(AMBIGUOUS_AMOUNT.test(value) ? "AMOUNT_AMBIGUOUS" : "AMOUNT_INVALID");
    }
    if (centavos > LARGEST_AMOUNT) {
      return refuse("AMOUNT_TOO_LARGE");
    }
    return centavos < least ? refuse(below) : centavos;
  });
}

const grossAmount = amount(1n, "AMOUNT_NOT_POSITIVE");
const retainedAmount = amount(0n, "AMOUNT_NEGATIVE");

/** A CNPJ, or the administrator's own code; what is plainly meant as a CNPJ must be a right one. */
const condominium = field(60, (value) => {
  const meantAsCnpj = /^\d{14}$/.test(value) || /^.{2}\..{3}\..{3}\/.{4}-.{2}$/.test(value);
  return parseCnpj(value) ?? (meantAsCnpj ? refuse("CONDOMINIUM_CNPJ_INVALID") : value);
});

const competence = field(40, (value) =>
  /^\d{4}-(0[1-9]|1[0-2])$/.test(value) ? value : refuse("COMPETENCE_INVALID"),
);

const payeeDocument = field(40, (value) => {
  const cnpj = parseCnpj(value);
  if (cnpj !== undefined) {
    return { kind: "CNPJ" as const, document: cnpj };
  }
  const cpf = parseCpf(value);
  return cpf === undefined
    ? refuse("PAYEE_DOCUMENT_INVALID")
    : { kind: "CPF" as const, document: cpf };
});

const instalment = field(20, (value) => {
  const match = /^(\d{1,3}) ?(?:\/|de) ?(\d{1,3})$/i.exec(value);
  if (!match) {
    return refuse("INSTALMENT_INVALID");
  }
  const number = Number(match[1]);
  const total = Number(match[2]);
  return number >= 1 && number <= total ? { number, total } : refuse("INSTALMENT_OUT_OF_RANGE");
});

/** By its SHA-256 if it looks like one, else by the name of the file, without any folder. */
const document = field(255, (value) => {
  if (/^[0-9a-f]{64}$/i.test(value)) {
    return { sha256: value.toLowerCase() };
  }
  return /[/\\]/.test(value) || /^\.*$/.test(value)
    ? refuse("DOCUMENT_REFERENCE_INVALID")
    : { fileName: value };
});

/** How each text of a row is read. */
export function rowFields(categories: ReadonlySet<string>) {
  return {
    externalId: text(100),
    condominium,
    category: field(60, (value) => {
      const category = categories.has(value) ? value : parseCategory(value);
      return category !== undefined && categories.has(category)
        ? category
        : refuse("CATEGORY_UNKNOWN");
    }),
    documentKind: field(60, (value) => parseDocumentKind(value) ?? refuse("DOCUMENT_KIND_UNKNOWN")),
    documentNumber: text(60),
    date,
    competence,
    grossAmount,
    retainedAmount,
    payeeDocument,
    payeeName: text(200),
    payeePixKey: field(77, (value) => parsePixKey(value) ?? refuse("PIX_KEY_INVALID")),
    instalment,
    document,
    description: text(500),
  };
}

export type RowFields = ReturnType<typeof rowFields>;

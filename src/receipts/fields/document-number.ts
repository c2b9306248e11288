import { withoutZeros } from "../../identifiers/dfe-key.ts";
import { ABSENT, type Field, type ReceiptIdentifier, type ReceiptKind } from "../reading.ts";
import type { Line } from "../words.ts";
import { pixIdOf } from "./identifiers.ts";
import { fieldIn, labelledIn, onlyValue, type Place } from "./labelled.ts";

/** "Nº", "N°", "No.", "#", and what OCR makes of them. */
const NUMBER_SIGN = "(?:N(?:UMERO|[º°O.]{1,2})|#)";
const LABEL_END = String.raw`(?=[\s:.=_#]|$)`;

const label = (words: string): RegExp => new RegExp(`^(?:${words})${LABEL_END}`);

const NOTE = label(
  `${NUMBER_SIGN} D[AO] (?:NOTA(?: FISCAL)?|NFS?C?-?E|RECIBO|RPA)|(?:NOTA FISCAL|NFS?C?-?E|RECIBO|RPA|EXTRATO) ?${NUMBER_SIGN}`,
);
const NUMBER = label(NUMBER_SIGN);
const PAPER = label(
  `${NUMBER_SIGN} D[EO] DOCUMENTO|${NUMBER_SIGN} DOCUMENTO|${NUMBER_SIGN} DOC\\.?`,
);
const OURS = label("NOSSO NUMERO");
const TRANSACTION = label(
  "ID(?:ENTIFICADOR)? D[AO] (?:TRANSACAO|PIX|OPERACAO)|(?:CODIGO|NUMERO) D[AO] (?:TRANSACAO|OPERACAO)",
);
const AUTHENTICATION = label(
  "(?:CODIGO DE |NUMERO DE )?AUTENTICACAO(?: (?:ELETRONICA|BANCARIA|MECANICA|DIGITAL))?(?: SISBB)?",
);
const TILL = label(
  `COO|CUPOM(?: FISCAL)? ?${NUMBER_SIGN}|(?:BILL|RECEIPT|INVOICE|TAX INVOICE|DOC(?:UMENT)?|CHECK|SLIP) ?(?:NO|NUMBER|#)\\.?`,
);

/** Labels by kind, the best first: a later one counts only where none of an earlier one is printed. */
const LABELS: Record<ReceiptKind, RegExp[]> = {
  PIX_PROOF: [TRANSACTION, AUTHENTICATION],
  TED_PROOF: [TRANSACTION, AUTHENTICATION, PAPER],
  BOLETO: [PAPER, OURS],
  BOLETO_PROOF: [PAPER, OURS, AUTHENTICATION],
  NFCE: [NOTE, TILL],
  NFE: [NOTE, NUMBER],
  NFSE: [NOTE, NUMBER],
  UTILITY_BILL: [NOTE],
  RPA: [NOTE, NUMBER],
  TAX_SLIP: [PAPER],
  TILL_RECEIPT: [TILL, NOTE],
  SCHEDULING: [],
  UNKNOWN: [],
};

/** What is no number of a document, though it looks like one: a date, an amount, a taxpayer, an hour. */
const SOMETHING_ELSE =
  /^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}$|^\d{4}-\d{2}-\d{2}$|^\d{1,3}(?:\.\d{3})*,\d{2}$|^\d{1,3}(?:,\d{3})*\.\d{2}$|\d{2}\.\d{3}\.\d{3}\/|^\d{3}\.\d{3}\.\d{3}-\d{2}$|^\d{1,2}:\d{2}/;

/** Letters and digits, parted by strokes or points; or groups of hexadecimal digits apart from each other. */
const CODE = /^(?=.*\d)(?:[0-9A-Za-z]+(?:[./-][0-9A-Za-z]+)*|[0-9A-F]{2,}(?: [0-9A-F]{2,})+)$/;

/** Kinds whose numbers are digits alone, of which leading zeros say nothing. */
const PLAIN_DIGITS: ReadonlySet<ReceiptKind> = new Set(["NFCE", "NFE", "NFSE", "RPA"]);

/**
 * The number of the document, by its label: of a note, receipt or boleto; of a payment's proof the id of the transaction or the
 * bank's authentication. A key with check digits that is the document's own is exact; of a Pix the id is taken that has the shape.
 *
 * @param keyNumber the number in the document's own access key, without leading zeros.
 */
export function findDocumentNumber(
  lines: readonly Line[],
  kind: ReceiptKind,
  identifiers: readonly ReceiptIdentifier[],
  keyNumber: string | undefined,
): Field {
  const printed = printedNumber(lines, kind);
  if (keyNumber !== undefined) {
    const place = printed.value === keyNumber ? printed : ABSENT;
    return { ...place, value: keyNumber, confidence: KEY_CONFIDENCE };
  }
  const pixId = kind === "PIX_PROOF" ? pixIdOf(identifiers)?.id : undefined;
  const found = pixId === undefined ? printed : placed(lines, pixId);
  return isUnsureCode(found) ? ABSENT : found;
}

/** That of a key whose check digits hold. */
const KEY_CONFIDENCE = 0.99;

/**
 * Letters among digits have no check digit that would tell O from 0 or S from 5: of 24 drawn ids and authentications 14 were
 * misread, the surest of them with 0.86.
 */
const SURE_OF_CODE = 0.9;

function isUnsureCode({ value, confidence }: Field): boolean {
  return value !== null && /[A-Za-z]/.test(value) && confidence < SURE_OF_CODE;
}

function printedNumber(lines: readonly Line[], kind: ReceiptKind): Field {
  for (const each of LABELS[kind]) {
    const found = lines.flatMap((_, index) =>
      labelledIn(lines, index, each).flatMap((places) => {
        const numbers = places.flatMap((place) => numberAt(place, kind, each) ?? []);
        return numbers.slice(0, 1);
      }),
    );
    if (found.length > 0) {
      return onlyValue(found);
    }
  }
  return ABSENT;
}

function numberAt({ cell, start }: Place, kind: ReceiptKind, of: RegExp): Field | undefined {
  const rest = cell.text.slice(start).replace(/^[\s#º°.:]+/, "");
  const from = cell.text.length - rest.length;
  // Of an authentication all of the cell is taken, for it is printed in groups; of other numbers what follows is another matter.
  const token = of === AUTHENTICATION ? rest : (rest.split(" ")[0] ?? "");
  const digits = PLAIN_DIGITS.has(kind);
  const shaped = digits ? /^\d{1,15}$/.test(token.replaceAll(".", "")) : CODE.test(token);
  if (!shaped || SOMETHING_ELSE.test(token)) {
    return undefined;
  }
  const value = digits ? withoutZeros(token.replaceAll(".", "")) : token;
  return fieldIn(cell, from, from + token.length, value);
}

/** The id where a line has it as it is: what was mended, or is broken over lines, is not sure. */
function placed(lines: readonly Line[], id: string): Field {
  for (const line of lines) {
    const at = line.text.indexOf(id);
    if (at >= 0) {
      return fieldIn(line, at, at + id.length, id);
    }
  }
  return ABSENT;
}

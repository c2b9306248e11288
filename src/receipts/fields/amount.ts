import { formatDecimal, parseBrazilian, parseDecimal } from "../../money/centavos.ts";
import { ABSENT, type Field, type ReceiptKind } from "../reading.ts";
import { type Line, wordsBetween } from "../words.ts";
import { boxOf, overlaps } from "./cells.ts";
import { isHandedOver } from "./till-arithmetic.ts";
import { tillTotal } from "./till-total.ts";

/** Nothing that could be part of the number stands before it ("1.2?4,56"); a currency's letters may. */
const BEFORE = String.raw`(?:(?<![\dA-Z.,?*#_])|(?<=\b[A-Z]{0,5}(?:R[A-Z]?|[A-Z]?M|EUR|USD)))`;
const AFTER = String.raw`(?![\d.,]*\d)(?!\s?[%?*])`;

/** "1.234,56" and "R$ 12,00"; a space that OCR put before the comma is forgiven. */
const BRAZILIAN_AMOUNT = new RegExp(
  String.raw`${BEFORE}(\d{1,3}(?:\.\d{3})+|\d{1,9})\s?,\s?(\d{2})${AFTER}`,
  "g",
);
const POINT_AMOUNT = new RegExp(
  String.raw`${BEFORE}(\d{1,3}(?:,\d{3})+|\d(?: \d){1,5}(?= \.)|\d{1,9})\s?\.\s?(\d{2})${AFTER}`,
  "g",
);

/** Labels per kind, best first. All are searched in folded text. */
function labels(kind: ReceiptKind): RegExp[] {
  const paid = /VALOR (?:TOTAL )?PAGO|TOTAL PAGO|VALOR DO PAGAMENTO|VALOR COBRADO/;
  const transferred =
    /VALOR D[AEO] (?:PIX|TRANSFERENCIA|TED|TRANSACAO|OPERACAO|DEBITO)|VALOR ENVIADO|VALOR TRANSFERIDO/;
  const document = /VALOR D[OE] (?:DOCUMENTO|BOLETO|TITULO)|VALOR DOCUMENTO/;
  const total =
    /VALOR TOTAL D[AO]S? (?:NOTA|NFS?-?E|NFSE|SERVICOS?)|TOTAL DA NOTA|VALOR A PAGAR|TOTAL A PAGAR|VALOR TOTAL(?! D[AO]S? (?:PRODUTO|TRIBUTO))|VALOR D[OA]S? SERVICOS?|VALOR BRUTO/;
  const value =
    /(?<!\w)VALOR(?! (?:DO |DOS |DA |D[EO] )?(?:DESCONTO|ABATIMENTO|JUROS|MULTA|MORA|ENCARGOS?|TARIFA|ICMS|IPI|ISS|PIS|COFINS|FRETE|SEGURO|UNIT|DEDUC|APROX|TRIBUTOS?|PRODUTOS))/;
  const till =
    /GRAND TOTAL|TOTAL (?:AMOUNT|SALES|AMT|DUE|PAYABLE)|AMOUNT DUE|NET TOTAL|ROUNDED TOTAL|ZU ZAHLEN|GESAMT\w*|SUMME|(?<!SUB[ -]?)\bTOTAL\b(?! (?:QTY|ITEM|TAX|GST|DISC|DE ITENS|ITENS))/;
  switch (kind) {
    case "BOLETO_PROOF":
      return [paid, transferred, document, total, value];
    case "BOLETO":
      return [document, paid, total, value];
    case "PIX_PROOF":
    case "TED_PROOF":
    case "SCHEDULING":
      return [transferred, paid, value, total];
    case "TILL_RECEIPT":
    case "UNKNOWN":
      return [total, till, value];
    default:
      return [total, /VALOR LIQUIDO/, value, till];
  }
}

/** The lines that bear the best label that the document has: where an amount that was not read must stand. */
export function amountLines(lines: readonly Line[], kind: ReceiptKind): Line[] {
  for (const label of labels(kind)) {
    const found = lines.flatMap((line, index) =>
      label.test(line.folded) ? [line, lines[index + 1]] : [],
    );
    if (found.length > 0) {
      return found.flatMap((line) => line ?? []);
    }
  }
  return [];
}

/**
 * The amount of the document: the value beside or below the best label of its kind; on a Pix or TED proof also the
 * only amount that is printed. Amounts in German and Brazilian style have a decimal comma, in English a point.
 *
 * @param witness centavos that an identifier with check digits (a boleto's line) states, if any.
 */
export function findAmount(lines: readonly Line[], kind: ReceiptKind, witness?: bigint): Field {
  const all = lines.map((line) => amountsIn(line).map((amount) => ({ ...amount, line })));
  const till =
    kind === "TILL_RECEIPT" || kind === "UNKNOWN"
      ? tillTotal(
          lines,
          all.flat(),
          lines.filter((_, at) => !all[at]?.length).flatMap(withoutPoint),
        )
      : undefined;
  if (till) {
    return toField(till.amount, till.borneOut ? 1 : UNCHECKED, witness);
  }
  const printed = all.map((some) => some.filter(({ centavos }) => centavos > 0n));
  for (const label of labels(kind)) {
    const found = lines
      .flatMap((line, index) => labelled(line, index, label, printed))
      .filter(({ line }) => kind !== "TILL_RECEIPT" || !isHandedOver(line));
    const best = found.find(({ centavos }) => centavos === witness) ?? likeliest(found, kind);
    if (best) {
      // Several different values under one label: the choice is a guess, and said to be one.
      const values = new Set(found.map(({ centavos }) => centavos));
      return toField(best, values.size > 1 && best.centavos !== witness ? 0.5 : 1, witness);
    }
  }
  const values = new Set(printed.flat().map(({ centavos }) => centavos));
  const [only] = printed.flat();
  return only && values.size === 1 && kind !== "UNKNOWN" ? toField(only, 0.9, witness) : ABSENT;
}

/** Of totals that only a label points to, some are of a tax or a group. */
const UNCHECKED = 0.95;

interface PrintedAmount {
  centavos: bigint;
  start: number;
  end: number;
  line: Line;
}

function amountsIn(line: Line): Omit<PrintedAmount, "line">[] {
  const found: Omit<PrintedAmount, "line">[] = [];
  for (const match of line.folded.matchAll(BRAZILIAN_AMOUNT)) {
    const centavos = parseBrazilian(`${match[1]},${match[2]}`);
    if (centavos !== undefined) {
      found.push({ centavos, start: match.index, end: match.index + match[0].length });
    }
  }
  for (const match of line.folded.matchAll(POINT_AMOUNT)) {
    const centavos = parseDecimal(`${match[1]?.replace(/[, ]/g, "")}.${match[2]}`);
    if (centavos !== undefined) {
      found.push({ centavos, start: match.index, end: match.index + match[0].length });
    }
  }
  return found;
}

const WITHOUT_POINT = /(?<![\d.,/:-])(\d{1,5}) ?(\d{2})(?![\d.,/:-])/g;

/** Figures of a line without an amount that would be one if OCR had not lost its point: "9280" or "88 17". */
function withoutPoint(line: Line): PrintedAmount[] {
  return Array.from(line.folded.matchAll(WITHOUT_POINT), (match) => ({
    centavos: BigInt(`${match[1]}${match[2]}`),
    start: match.index,
    end: match.index + match[0].length,
    line,
  }));
}

/** The value right of the label, else the one below it (of two lines) that shares its width or stands alone. */
function labelled(
  line: Line,
  index: number,
  label: RegExp,
  printed: readonly (readonly PrintedAmount[])[],
): PrintedAmount[] {
  return Array.from(line.folded.matchAll(new RegExp(label.source, "g"))).flatMap((match) => {
    const end = match.index + match[0].length;
    const right = printed[index]?.find((amount) => amount.start >= end);
    if (right) {
      return [right];
    }
    const box = boxOf(line, match.index, end);
    const below = printed
      .slice(index + 1, index + 3)
      .flat()
      .filter((amount) => amount.line.page === line.page);
    const under = below.filter((amount) =>
      overlaps(boxOf(amount.line, amount.start, amount.end), box),
    );
    const [alone] = below;
    return under.length > 0 ? under.slice(0, 1) : below.length === 1 && alone ? [alone] : [];
  });
}

/** On till receipts the largest total counts: the smaller ones are of a tax, a group or before it. Elsewhere the first. */
function likeliest(found: readonly PrintedAmount[], kind: ReceiptKind): PrintedAmount | undefined {
  if (kind !== "TILL_RECEIPT" && kind !== "UNKNOWN") {
    return found[0];
  }
  return found.reduce<PrintedAmount | undefined>(
    (most, each) => (most && most.centavos >= each.centavos ? most : each),
    undefined,
  );
}

function toField(amount: PrintedAmount, certainty: number, witness: bigint | undefined): Field {
  const words = wordsBetween(amount.line, amount.start, amount.end);
  const read = Math.min(...words.map((word) => word.confidence));
  const confidence = amount.centavos === witness ? Math.max(read, 0.99) : read * certainty;
  return {
    value: formatDecimal(amount.centavos),
    confidence,
    box: boxOf(amount.line, amount.start, amount.end),
    page: amount.line.page,
  };
}

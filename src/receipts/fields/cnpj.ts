import { parseCnpj } from "../../identifiers/cnpj.ts";
import { ABSENT, type Field, type ReceiptKind } from "../reading.ts";
import { type Line, weakestOf, wordsBetween } from "../words.ts";
import { boxOf, cellsOf } from "./cells.ts";

/** The two sides of a document. PAYEE: who is paid, the issuer; PAYER: who pays, the taker. */
export type Side = "PAYEE" | "PAYER";

const PUNCTUATED =
  /(?<![A-Z0-9])([A-Z0-9]{2}\s?[.,]\s?[A-Z0-9]{3}\s?[.,]\s?[A-Z0-9]{3}\s?\/\s?[A-Z0-9]{4}\s?-\s?[0-9OILS]{2})(?![A-Z0-9])/g;
const BARE = /(?<![A-Z0-9./-])([A-Z0-9]{12}\d{2})(?![A-Z0-9./-])/g;

const SIDES: Record<Side, RegExp> = {
  PAYEE:
    /\b(?:RECEBEDOR|FAVORECIDO|DESTINO|QUEM (?:RECEBEU|RECEBE)|BENEFICIARIO|CEDENTE|EMITENTE|PRESTADOR|PARA|CREDITADO|CREDITO EM|CONTA CREDITO|EMPRESA|CONCESSIONARIA|SACADOR)\b/g,
  PAYER:
    /\b(?:PAGADOR|ORIGEM|QUEM (?:PAGOU|ENVIOU|FEZ)|SACADO|TOMADOR|DESTINATARIO|CONSUMIDOR|CLIENTE|DEBITADO|DEBITO EM|CONTA DEBITO|REMETENTE|DE|UNIDADE CONSUMIDORA|CONTRATANTE)\b/g,
};

/** A bank prints its own CNPJ at the foot of a proof, beside its name and its telephone numbers. */
const BANKS_OWN =
  /INSTITUICAO DE PAGAMENTO|PAGAMENTOS S\.?\/?A|\bBANCO\b.*S\.?\/?A|OUVIDORIA|\bSAC\b|CENTRAL DE ATENDIMENTO/;

const CPF_LENGTH = 11;

/** CNPJs of the document that hold by their check digits, with the side on which each stands. */
export interface PrintedCnpj {
  value: string;
  side: Side | undefined;
  confidence: number;
  line: Line;
  start: number;
  end: number;
}

/**
 * Issuer or payee, and taker or payer. The first CNPJ under a heading of its side counts; on fiscal documents one that
 * stands before any heading is the issuer's.
 *
 * @param keyIssuer who issued it by its own key: a CNPJ; or a CPF, and then no CNPJ on the paper is the issuer's.
 */
export function findParties(
  lines: readonly Line[],
  kind: ReceiptKind,
  keyIssuer: string | undefined,
): { cnpj: Field; takerCnpj: Field } {
  const all = printedCnpjs(lines, kind);
  const payee = all.find(({ side }) => side === "PAYEE");
  const payer = all.find(({ side, value }) => side === "PAYER" && value !== payee?.value);
  if (keyIssuer?.length === CPF_LENGTH) {
    return { cnpj: ABSENT, takerCnpj: toField(payer, 0) };
  }
  const issuer = all.find(({ value }) => value === keyIssuer) ?? payee;
  return {
    cnpj:
      keyIssuer !== undefined && issuer?.value !== keyIssuer
        ? { value: keyIssuer, confidence: 0.99, box: null, page: null }
        : toField(issuer, keyIssuer !== undefined ? 0.99 : 0),
    takerCnpj: toField(payer?.value === keyIssuer ? undefined : payer, 0),
  };
}

/** Every CNPJ, in reading order. */
export function printedCnpjs(lines: readonly Line[], kind: ReceiptKind): PrintedCnpj[] {
  const found: PrintedCnpj[] = [];
  let side: Side | undefined = isIssuersHead(kind) ? "PAYEE" : undefined;
  let column: Map<number, Side> = new Map();
  for (const line of lines) {
    const sides = sidesOf(line);
    if (sides.size > 0) {
      column = sides;
    }
    for (const { value, start, end, certainty } of cnpjsIn(line)) {
      const ownHeading = lastSide(line.folded.slice(0, start));
      const box = boxOf(line, start, end);
      const above = column.size > 1 ? nearestColumn(column, box[0]) : undefined;
      const own = BANKS_OWN.test(line.folded) && ownHeading === undefined;
      found.push({
        value,
        side: own ? undefined : (ownHeading ?? above ?? side),
        confidence: weakestOf(wordsBetween(line, start, end)) * certainty,
        line,
        start,
        end,
      });
    }
    side = lastSide(line.folded) ?? side;
    if (BANKS_OWN.test(line.folded) && sides.size === 0 && cnpjsIn(line).length > 0) {
      side = undefined;
    }
  }
  return found;
}

/** Fiscal documents and bills begin with their issuer. */
function isIssuersHead(kind: ReceiptKind): boolean {
  return ["NFE", "NFCE", "NFSE", "UTILITY_BILL", "TILL_RECEIPT", "TAX_SLIP"].includes(kind);
}

/** The headings of a line by where they stand: two of them side by side head two columns. */
function sidesOf(line: Line): Map<number, Side> {
  const found = new Map<number, Side>();
  for (const cell of cellsOf(line)) {
    const side = lastSide(cell.folded);
    if (side) {
      found.set(cell.box[0], side);
    }
  }
  return found;
}

function nearestColumn(columns: ReadonlyMap<number, Side>, x: number): Side | undefined {
  const left = [...columns].filter(([at]) => at <= x + 1).sort((a, b) => b[0] - a[0])[0];
  return left?.[1];
}

/** The heading that ends last in the text. */
function lastSide(folded: string): Side | undefined {
  let best: { side: Side; end: number } | undefined;
  for (const side of ["PAYEE", "PAYER"] as const) {
    for (const match of folded.matchAll(SIDES[side])) {
      // "DE" is a heading only where it begins a line or a cell: "De: Condomínio ...".
      if (match[0] === "DE" && !/^DE\b\s*(?::|$)/.test(folded.slice(match.index))) {
        continue;
      }
      if (
        match[0] === "PARA" &&
        !/^PARA\b\s*(?::|$)/.test(folded.slice(match.index)) &&
        match.index > 0
      ) {
        continue;
      }
      const end = match.index + match[0].length;
      if (!best || end > best.end) {
        best = { side, end };
      }
    }
  }
  return best?.side;
}

function cnpjsIn(line: Line): { value: string; start: number; end: number; certainty: number }[] {
  return [PUNCTUATED, BARE].flatMap((shape) =>
    Array.from(line.folded.matchAll(shape)).flatMap((match) => {
      const text = match[1] ?? "";
      const read = checked(text);
      const start = match.index;
      return read ? [{ ...read, start, end: start + match[0].length }] : [];
    }),
  );
}

/** As read; else with the letters that look like digits taken as digits, if only then the check digits hold. */
function checked(text: string): { value: string; certainty: number } | undefined {
  const characters = text.replace(/[^A-Z0-9]/g, "");
  const asRead = parseCnpj(characters);
  if (asRead !== undefined) {
    return { value: asRead, certainty: 1 };
  }
  const digits = characters
    .replace(/[OQ]/g, "0")
    .replace(/[IL]/g, "1")
    .replace(/S/g, "5")
    .replace(/B/g, "8");
  const mended = /^\d{14}$/.test(digits) ? parseCnpj(digits) : undefined;
  return mended === undefined ? undefined : { value: mended, certainty: 0.7 };
}

function toField(found: PrintedCnpj | undefined, least: number): Field {
  return found
    ? {
        value: found.value,
        confidence: Math.max(found.confidence, least),
        box: boxOf(found.line, found.start, found.end),
        page: found.line.page,
      }
    : ABSENT;
}

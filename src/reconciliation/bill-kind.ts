import { remembered } from "./remembered.ts";

/** What a bill is for, where memo or expense say it: "PAGTO CONTA LUZ" names no one, but no water company is paid by it. */
export type BillKind = "WATER" | "ENERGY" | "GAS" | "TELECOM" | "PAYROLL" | "TAX" | "CARD" | "FEE";

/** The concessionárias by their names too: statements have them in place of the bill's kind. */
const KINDS: readonly [BillKind, RegExp][] = [
  [
    "WATER",
    /\b(?:AGUA|AGUAS|ESGOTO|SANEAMENTO|SABESP|CEDAE|COPASA|SANEPAR|EMBASA|COMPESA|CORSAN|CASAN|SANASA|CAGECE|CAESB)\b/,
  ],
  [
    "ENERGY",
    /\b(?:LUZ|ENERGIA|ENEL|ELETROPAULO|CEMIG|COPEL|CPFL|LIGHT|CELESC|COELBA|CELPE|NEOENERGIA|ENERGISA|EQUATORIAL|EDP|RGE|CEEE)\b/,
  ],
  ["GAS", /\b(?:GAS|COMGAS|NATURGY|ULTRAGAZ|SULGAS|COMPAGAS|GASMIG|LIQUIGAS|SUPERGASBRAS)\b/],
  ["TELECOM", /\b(?:TELEFONE|TELEFONICA|INTERNET|TELECOM\w*|VIVO|CLARO|EMBRATEL)\b/],
  ["PAYROLL", /\b(?:FOLHA|SALARIOS?|SAL|PROVENTOS|ORDENADOS?|FERIAS|13 SALARIO|RESCISAO)\b/],
  ["TAX", /\b(?:DARF|GPS|ISS|ISSQN|IPTU|INSS|FGTS|GRF|TRIBUTOS?|IMPOSTOS?|PREFEITURA)\b/],
  ["FEE", /\b(?:TARIFAS?|TAXAS? BANCARIAS?|DESPESAS? BANCARIAS?|IOF)\b/],
  ["CARD", /\bFATURA (?:DE |DO )?(?:CARTAO|CARD)\b|\bCARTAO (?:DE )?CREDITO\b/],
];
/** "TRATAMENTO DE AGUA" is no water bill: of a memo only what stands by the word for a bill counts. */
const BILL =
  /\b(?:CONTAS?|CTA|CT|DEB\w*|DA|DARE?|PAGTO|PGTO|PAG|PAGAMENTO|FATURA|CONSUMO|ARRECADACAO|CONV\w*|FOLHA|SALARIOS?|SISPAG)\b/;
/** Most texts name none: one look tells. */
const ANY_KIND = new RegExp(KINDS.map(([, pattern]) => pattern.source).join("|"));
const UTILITY: ReadonlySet<BillKind> = new Set(["WATER", "ENERGY", "GAS", "TELECOM"]);

/** @param folded the memo through `fold` */
export function billKindOfMemo(folded: string): BillKind | undefined {
  if (/\b(?:PIX|TED|DOC)\b/.test(folded) || !BILL.test(folded)) return undefined;
  return onlyKind(folded);
}

/**
 * The kind by category, else by payee and description: the first of these that names exactly one. A card's bill has no
 * category of its own: it is entered among the bank's fees.
 * @param folded texts through `fold`, the surest first
 */
export function billKindOfExpense(folded: readonly string[]): BillKind | undefined {
  const kinds = folded.flatMap((text) => {
    const kind = onlyKind(text);
    return kind ? [kind] : [];
  });
  const [surest] = kinds;
  return surest === "FEE" && kinds.includes("CARD") ? "CARD" : surest;
}

const onlyKind = remembered((folded): BillKind | undefined => {
  if (!ANY_KIND.test(folded)) return undefined;
  const [kind, other] = KINDS.filter(([, pattern]) => pattern.test(folded));
  return kind && !other ? kind[0] : undefined;
});

/** Whether the bill is debited when it is due or before it is known, month after month, with another amount each. */
export function isUtility(kind: BillKind | undefined): boolean {
  return kind !== undefined && UTILITY.has(kind);
}

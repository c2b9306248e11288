import type { ReceiptKind } from "../reading.ts";

/** What a printed date is the date of, by its label. NONE: no label that is known. */
export type DateRole =
  | "PAYMENT"
  | "ISSUE"
  | "PLAIN"
  | "NONE"
  | "DUE"
  | "SCHEDULED"
  | "PRINTED"
  | "PERIOD"
  | "OTHER";

/** M and N, which dotted and blurred print makes alike, are forgiven in the labels of days that are none of a payment or issue. */
const LABELS: [DateRole, RegExp][] = [
  [
    "PAYMENT",
    /DATA (?:(?:E|\/) ?HORA(?:RIO)? )?D[AOE]S? (?:PAGAMENTO|PAGTO|TRANSACAO|TRANSFERENCIA|DEBITO|OPERACAO|MOVIMENT\w+|PIX|ENVIO|TED|LIQUIDACAO|EFETIVACAO|CREDITO)|(?:PAG[OA]|REALIZAD[OA]|EFETUAD[OA]|EFETIVAD[OA]|ENVIAD[OA]|TRANSFERID[OA]|DEBITAD[OA]|CONCLUID[OA]) EM|DATA ?(?:E|\/) ?HORA(?:RIO)?|DATA PAGAMENTO|PAYMENT DATE/g,
  ],
  [
    "ISSUE",
    /EMISSAO|EMITID[OA](?: EM)?|DATA D[OE] DOCUMENTO|DATA DOCUMENTO|DATA DA (?:NOTA|COMPRA|VENDA)|DATA D[OE] RECIBO|(?:INVOICE|BILL|RECEIPT|ISSUE|TRANS(?:ACTION)?) DATE|DATE OF ISSUE/g,
  ],
  [
    "DUE",
    /VE[NM]C(?:I[MN]E[NM]TO|TOS?|TE)?\b|VE[NM]CE\b|PAG(?:AR|AVEL) ATE|\bDUE\b|VALID(?:[OA]|ADE|ITY)\b|EXPIR\w*|LIMITE\b|\bEXP\b|BEST BEFORE|\bUNTIL\b/g,
  ],
  ["SCHEDULED", /AGENDA\w*|PREVIST[OA]|PROGRAMAD[OA]/g],
  ["PRINTED", /I[MN]PRESS\w*|CO[NM]SULTA\w*|GERAD[OA](?: EM)?|(?:2\S?|SEGU[NM]DA) VIA\b|PRINT\w*/g],
  [
    "PERIOD",
    /COMPETENCIA|PERIODO|REFERENCIA|LEITURA|APURACAO|EXERCICIO|FATO GERADOR|\bMES\b|\bPERIOD\b/g,
  ],
  [
    "OTHER",
    /PROCESSAMENTO|AUTORIZACAO|PROTOCOLO|\bSAIDA\b|\bENTRADA\b|NASCIMENTO|ABERTURA|CADASTR\w+|CONTRATO|PRESTACAO|ADMISSAO|VIGENCIA|DELIVERY|LANCAMENTO|\bINICIO\b|\bFIM\b|DESDE|RESOLUCAO|\bLEI\b|DECRETO|\bBIRTH\w*|\bREG(?:ISTRATION)?\b(?! ?(?:#|(?:C\d+ ?)?$))/g,
  ],
  ["PLAIN", /\bDATA\b|\bDATE\b|\bDATUM\b|\bDT\b/g],
];

/** The role that the label nearest before the date gives, else the nearest in the label above it. */
export function dateRole(before: string, above: string): DateRole {
  return nearest(before) ?? nearest(above) ?? "NONE";
}

/** The label that ends last; of two that end together the more specific, which stands first in the list. */
function nearest(text: string): DateRole | undefined {
  let best: { role: DateRole; end: number } | undefined;
  for (const [role, pattern] of LABELS) {
    for (const match of text.matchAll(pattern)) {
      const end = match.index + match[0].length;
      if (!best || end > best.end) {
        best = { role, end };
      }
    }
  }
  return best?.role;
}

/** "Emissão normal" tells how a note was issued, not when. */
const NOT_OF_A_DAY = /EMISSAO (?:NORMAL|EM CONTINGENCIA)|EMITID[OA] (?:EM CONTINGENCIA|POR)/;

/** Whether a line has a label of the day of payment or issue. */
export function isLabelOfItsDay(folded: string): boolean {
  const role = nearest(folded);
  return (role === "PAYMENT" || role === "ISSUE") && !NOT_OF_A_DAY.test(folded);
}

/** Roles that can be the timestamp of a kind, best first; a role in the same list is as good. Due dates never are. */
export function timestampRoles(kind: ReceiptKind): DateRole[][] {
  switch (kind) {
    case "PIX_PROOF":
    case "TED_PROOF":
    case "BOLETO_PROOF":
      return [["PAYMENT"], ["PLAIN"], ["NONE"]];
    case "BOLETO":
      return [["ISSUE"], ["PLAIN"]];
    case "NFCE":
    case "NFE":
    case "NFSE":
    case "UTILITY_BILL":
    case "TAX_SLIP":
      return [["ISSUE"], ["PLAIN"], ["NONE"]];
    case "RPA":
    case "TILL_RECEIPT":
    case "UNKNOWN":
      return [["ISSUE", "PAYMENT", "PLAIN"], ["NONE"]];
    case "SCHEDULING":
      return [];
  }
}

/** Whether a role is that of a day which is none of a payment or issue, whatever the document is. */
export function isOfAnother(role: DateRole): boolean {
  return !["PAYMENT", "ISSUE", "PLAIN", "NONE"].includes(role);
}

/** Kinds whose day without an hour is not enough: on these the hour tells one payment from the next. */
export function requiresHour(kind: ReceiptKind): boolean {
  return kind === "PIX_PROOF" || kind === "TED_PROOF";
}

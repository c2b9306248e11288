import { dfeKeyOf } from "./fields/identifiers.ts";
import type { ReceiptIdentifier, ReceiptKind } from "./reading.ts";
import type { Line } from "./words.ts";

/** A title stands within so many lines from the top. */
const TITLE_LINES = 12;

const SCHEDULED = /AGENDAM\w{2,4}\b|\bAGENDAD[OA0]S?\b/;
/** "Agendamento" in these is no statement about this payment. */
const NOT_SCHEDULED =
  /(?:NAO|SEM) AGENDA\w*|(?:CONSULT\w+|CANCEL\w+|FACA|FAZER|REALIZE|NOVO|SEUS|ALTERAR|PARA) (?:\w+ ){0,2}AGENDAM\w+|AGENDAD[OA]S? ?: ?NAO/g;

const PROOF =
  /COMPROVANTE|(?:PIX|TRANSFERENCIA|PAGAMENTO|TED) (?:PIX )?(?:REALIZAD|ENVIAD|EFETUAD|CONCLUID|EFETIVAD|FEIT)|RECIBO (?:D[EO] )?(?:PIX|TRANSFERENCIA|TED)|VOCE (?:FEZ|PAGOU|TRANSFERIU)/;
const BOLETO_WORDS =
  /BOLETO|LINHA DIGITAVEL|CODIGO DE BARRAS|\bTITULO\b|COBRANCA|CONVENIO|ARRECADACAO|BENEFICIARIO FINAL/;

/**
 * What the document is, by its own words and by the identifiers that hold. Titles go first: a Pix proof may name a
 * boleto in its message, and a note may say that it was paid by Pix.
 */
export function kindOf(
  lines: readonly Line[],
  identifiers: readonly ReceiptIdentifier[],
): ReceiptKind {
  const text = readable(lines);
  const title = readable(lines.slice(0, TITLE_LINES));
  const has = (kind: ReceiptIdentifier["kind"]): boolean =>
    identifiers.some((identifier) => identifier.kind === kind && identifier.valid);
  if (isScheduled(text)) {
    return "SCHEDULING";
  }
  if (PROOF.test(title)) {
    return proofKind(text, title, has("PIX_END_TO_END"), has("BOLETO_LINE"));
  }
  return (
    fiscalKind(text, dfeKeyOf(identifiers)?.model, has("NFSE_KEY")) ??
    billKind(text, has("BOLETO_LINE")) ??
    (has("PIX_END_TO_END") ? "PIX_PROOF" : undefined) ??
    (/\b(?:CUPOM|TOTAL|TROCO|CASH|CHANGE|RECEIPT|INVOICE|SUMME|BILL)\b/.test(text)
      ? "TILL_RECEIPT"
      : "UNKNOWN")
  );
}

function isScheduled(text: string): boolean {
  return SCHEDULED.test(text.replace(NOT_SCHEDULED, " "));
}

function proofKind(
  text: string,
  title: string,
  endToEndId: boolean,
  boletoLine: boolean,
): ReceiptKind {
  if (/\bTED\b|\bDOC\b.*ELETRONICO/.test(title)) {
    return "TED_PROOF";
  }
  if (endToEndId || /\bPIX\b/.test(title)) {
    return "PIX_PROOF";
  }
  if (boletoLine || BOLETO_WORDS.test(text)) {
    return "BOLETO_PROOF";
  }
  if (/\bTED\b/.test(text)) {
    return "TED_PROOF";
  }
  return /\bPIX\b/.test(text) ? "PIX_PROOF" : "UNKNOWN";
}

function fiscalKind(
  text: string,
  model: string | undefined,
  nfseKey: boolean,
): ReceiptKind | undefined {
  if (model === "65" || model === "59" || /NFC-?E\b|NOTA FISCAL (?:DE|AO) CONSUMIDOR/.test(text)) {
    return "NFCE";
  }
  if (nfseKey || /NFS-?E\b|NOTA FISCAL (?:ELETRONICA )?DE SERVICOS?/.test(text)) {
    return "NFSE";
  }
  if (/\bRPA\b|RECIBO DE PAGAMENTO (?:A |DE )?AUTONOMO|PAGAMENTO A AUTONOMO/.test(text)) {
    return "RPA";
  }
  // An RPA names them, too.
  if (/PRESTADOR D[EO]S? SERVICOS?/.test(text)) {
    return "NFSE";
  }
  if (model === "66" || model === "62") {
    return "UTILITY_BILL";
  }
  if (model === "55" || /\bDANFE\b|NOTA FISCAL ELETRONICA/.test(text)) {
    return "NFE";
  }
  return undefined;
}

/** "DAS" and "DAM" alone are no guia: "Jardim das Acácias". */
const TAX_SLIP =
  /\bDARF\b|\bDAS-?MEI\b|\bGPS\b|\bGNRE\b|FGTS DIGITAL|GUIA (?:D[EAO] )?(?:RECOLHIMENTO|PREVIDENCIA|FGTS|ISS\w*|PAGAMENTO)|DOCUMENTO (?:\w+ )?DE ARRECADACAO/;

function billKind(text: string, boletoLine: boolean): ReceiptKind | undefined {
  if (TAX_SLIP.test(text)) {
    return "TAX_SLIP";
  }
  if (
    /\bKWH\b|CONSUMO (?:DE |FATURADO|MEDIDO|EM )|CONTA DE (?:LUZ|ENERGIA|AGUA|GAS)|FATURA DE|UNIDADE CONSUMIDORA|LEITURA ATUAL|HIDROMETRO/.test(
      text,
    )
  ) {
    return "UTILITY_BILL";
  }
  const words = [
    "BENEFICIARIO",
    "CEDENTE",
    "NOSSO NUMERO",
    "VENCIMENTO",
    "PAGADOR",
    "SACADO",
    "LOCAL DE PAGAMENTO",
    "VALOR DO DOCUMENTO",
  ];
  const found = words.filter((word) => text.includes(word)).length;
  return found >= 3 || (boletoLine && found >= 1) ? "BOLETO" : undefined;
}

/** Folded text, with the digits that OCR puts into words turned back into letters: "AGENDAMENT0". */
function readable(lines: readonly Line[]): string {
  return lines
    .map((line) =>
      line.folded.replace(/[A-Z01]*[A-Z]{2}[01][A-Z01]*/g, (word) =>
        word.replaceAll("0", "O").replaceAll("1", "I"),
      ),
    )
    .join("\n");
}

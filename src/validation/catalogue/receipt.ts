import type { Evidence } from "../reason.ts";
import { type Entry, namesOf } from "./entry.ts";
import { cnpj, count, day, money, receiptKind, text, type Value } from "./portuguese.ts";
import { readingTexts } from "./reading.ts";

const DOCUMENT = { documentId: "7f6c…", receiptKind: "NFSE" };

const FIELDS: Readonly<Record<string, string>> = {
  amount: "o valor",
  date: "a data",
  cnpj: "o CNPJ do emitente ou favorecido",
  takerCnpj: "o CNPJ do tomador ou pagador",
};

/** What a receipt says against what the expense says. */
export const receiptTexts = {
  RECEIPT_NEEDS_REVIEW: {
    name: "leitura do documento incerta",
    example: { ...DOCUMENT, readingReasons: ["HOUR_MISSING", "TIMESTAMP_LOW_CONFIDENCE"] },
    text: (e) =>
      `${where(e)}: a leitura automática não basta (${readingReasons(e.readingReasons)}). Abra o documento, confira os dados destacados e decida, ou anexe uma cópia mais nítida.`,
  },
  RECEIPT_SCHEDULED: {
    name: "agendamento em vez de pagamento",
    example: { ...DOCUMENT, receiptKind: "SCHEDULING" },
    text: (e) =>
      `${where(e)}: é um agendamento, que não prova pagamento. Anexe o comprovante definitivo, emitido depois do débito.`,
  },
  RECEIPT_AMOUNT_MISMATCH: {
    name: "valor do documento diferente",
    example: {
      ...DOCUMENT,
      receiptAmount: "1200.00",
      grossAmount: "1000.00",
      netAmount: "843.50",
    },
    text: (e) =>
      `${where(e)}: o valor lido, ${money(e.receiptAmount)}, não é nem o valor bruto (${money(e.grossAmount)}) nem o líquido (${money(e.netAmount)}) da despesa. Corrija o valor ou as retenções da despesa, ou anexe o documento certo.`,
  },
  RECEIPT_AMOUNT_OF_WHOLE_DOCUMENT: {
    name: "documento com o total das parcelas",
    example: {
      ...DOCUMENT,
      receiptAmount: "3000.00",
      grossAmount: "1000.00",
      instalment: "2/3",
    },
    text: (e) =>
      `${where(e)}: mostra o total de ${money(e.receiptAmount)}; a despesa é a parcela ${text(e.instalment)}, de ${money(e.grossAmount)}. Nada a fazer.`,
  },
  RECEIPT_TAKER_MISMATCH: {
    name: "documento em nome de outro tomador",
    example: {
      ...DOCUMENT,
      takerCnpj: "11222333000181",
      condominiumCnpj: "12ABC34501DE35",
    },
    text: (e) =>
      `${where(e)}: o tomador ou pagador é ${cnpj(e.takerCnpj)}, e o CNPJ do condomínio é ${cnpj(e.condominiumCnpj)}. Peça ao fornecedor o documento em nome do condomínio, ou lance a despesa no condomínio certo.`,
  },
  RECEIPT_PAYEE_MISMATCH: {
    name: "documento de outro favorecido",
    example: {
      ...DOCUMENT,
      receiptCnpj: "11222333000181",
      payeeCnpj: "12ABC34501DE35",
      sameCompany: false,
    },
    text: (e) =>
      `${where(e)}: o emitente ou favorecido é ${cnpj(e.receiptCnpj)}, e o favorecido da despesa é ${cnpj(e.payeeCnpj)}${
        e.sameCompany === true ? " (outro estabelecimento da mesma empresa)" : ""
      }. Confira quem deve receber antes de pagar.`,
  },
  RECEIPT_DATE_MISMATCH: {
    name: "data do documento distante",
    example: {
      ...DOCUMENT,
      field: "date",
      receiptDate: "2026-09-01",
      issueDate: "2026-11-01",
      dueDate: "2026-11-10",
      days: 61,
      allowed: 15,
    },
    text: (e) =>
      `${where(e)}: ${e.field === "dueDate" ? "o vencimento" : "a data"} ${day(e.receiptDate)} está a ${count(e.days, "dia", "dias")} da emissão (${day(e.issueDate)}) ou do vencimento (${day(e.dueDate)}) da despesa; o limite é de ${count(e.allowed, "dia", "dias")}. Confira se o documento é desta despesa e não de outro mês.`,
  },
  RECEIPT_FIELD_UNREAD: {
    name: "campo não encontrado no documento",
    example: { ...DOCUMENT, field: "takerCnpj" },
    text: (e) =>
      `${where(e)}: não traz ${FIELDS[String(e.field)] ?? text(e.field)}, ou a leitura não o encontrou; por isso não foi comparado.`,
  },
} satisfies Record<string, Entry>;

function where({ receiptKind: kind }: Evidence): string {
  return `Documento anexado (${receiptKind(kind)})`;
}

function readingReasons(codes: Value): string {
  return Array.isArray(codes) && codes.length > 0
    ? namesOf(readingTexts, codes)
    : "motivo não informado";
}

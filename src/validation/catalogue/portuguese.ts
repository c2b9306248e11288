import { dateInBrasilia, parseDate } from "../../calendar/brasilia.ts";
import { formatCnpj } from "../../identifiers/cnpj.ts";
import { formatBrazilian, parseDecimal } from "../../money/centavos.ts";
import { CATEGORIES, isCategory } from "../../suppliers/categories.ts";
import { formatCnae } from "../../suppliers/cnae.ts";
import type { Evidence } from "../reason.ts";

export type Value = Evidence[string] | undefined;

const UNKNOWN = "não informado";

const RECEIPT_KINDS: Readonly<Record<string, string>> = {
  PIX_PROOF: "comprovante de Pix",
  TED_PROOF: "comprovante de TED",
  BOLETO: "boleto",
  BOLETO_PROOF: "comprovante de pagamento de boleto",
  NFCE: "NFC-e",
  NFE: "NF-e",
  NFSE: "NFS-e",
  UTILITY_BILL: "conta de consumo",
  RPA: "RPA",
  TAX_SLIP: "guia de tributo",
  TILL_RECEIPT: "cupom",
  SCHEDULING: "comprovante de agendamento",
  UNKNOWN: "tipo não reconhecido",
};

const IDENTIFIERS: Readonly<Record<string, string>> = {
  DOCUMENT_HASH: "o mesmo arquivo",
  PIX_END_TO_END: "o mesmo identificador de Pix",
  BOLETO_LINE: "a mesma linha digitável de boleto",
  DFE_KEY: "a mesma chave de nota fiscal",
  NFSE_KEY: "a mesma chave de nota fiscal de serviço",
  BR_CODE: "o mesmo código Pix copia e cola",
};

const CLOCK = new Intl.DateTimeFormat("pt-BR", {
  timeZone: "America/Sao_Paulo",
  timeStyle: "medium",
});

const STATUSES: Readonly<Record<string, string>> = {
  PENDING: "em análise",
  APPROVED: "aprovada",
  REJECTED: "rejeitada",
  MANUAL_REVIEW: "em revisão",
  AWAITING_SECOND_APPROVAL: "à espera da segunda aprovação",
  CANCELLED: "cancelada",
};

/** Text as it is; eleven digits on their own, or in a CPF's punctuation, are hidden. */
export function text(value: Value): string {
  if (value === undefined || value === null || value === "") return UNKNOWN;
  const plain = Array.isArray(value) ? list(value) : String(value);
  return plain
    .replace(/\b\d{3}\.\d{3}\.\d{3}-\d{2}\b/g, "***")
    .replace(/(?<![0-9A-Za-z])\d{11}(?![0-9A-Za-z])/g, "***");
}

/** "1234.56" -> "R$ 1.234,56" */
export function money(value: Value): string {
  const amount = typeof value === "string" ? parseDecimal(value) : undefined;
  return amount === undefined ? text(value) : formatBrazilian(amount);
}

/** "2026-11-05" -> "05/11/2026"; an instant is shown by its day in Brasília. */
export function day(value: Value): string {
  if (typeof value !== "string") return text(value);
  const instant = Date.parse(value);
  const date =
    value.includes("T") && !Number.isNaN(instant) ? dateInBrasilia(new Date(instant)) : value;
  return parseDate(date) === undefined ? text(value) : date.split("-").reverse().join("/");
}

/** 0.82 -> "82%" */
export function percent(share: Value): string {
  return typeof share === "number" ? `${Math.round(share * 100)}%` : text(share);
}

/**
 * "2026-11-05T17:12:00-03:00" -> "05/11/2026 17:12:00" in Brasília, "2026-11-05 17:12" -> "05/11/2026 17:12"
 * as it stands, so does the hour of another zone than UTC, a date alone as `day`, and lists of them.
 */
export function moment(value: Value): string {
  if (Array.isArray(value)) return value.length === 0 ? UNKNOWN : list(value.map(moment));
  const printed = typeof value === "string" ? /^(\S{10}) (\d\d:\d\d(?::\d\d)?)$/.exec(value) : null;
  if (printed) return `${day(printed[1])} ${printed[2]}`;
  const zoned =
    typeof value === "string"
      ? /^(\S{10})T(\d\d:\d\d:\d\d)(?!.00:00)[+-]\d\d:\d\d$/.exec(value)
      : null;
  if (zoned) return `${day(zoned[1])} ${zoned[2]}`;
  const instant = typeof value === "string" && value.includes("T") ? Date.parse(value) : Number.NaN;
  return Number.isNaN(instant) ? day(value) : `${day(value)} ${CLOCK.format(instant)}`;
}

/** "11222333000181" -> "11.222.333/0001-81" */
export function cnpj(value: Value): string {
  return typeof value === "string" && value.length === 14 ? formatCnpj(value) : text(value);
}

/** "8121400" -> "8121-4/00", and lists of it. */
export function cnae(value: Value): string {
  if (Array.isArray(value)) return value.length === 0 ? UNKNOWN : list(value.map(cnae));
  return typeof value === "string" && /^\d{7}$/.test(value) ? formatCnae(value) : text(value);
}

/** "AGUA_ESGOTO" -> "“Água e esgoto”" */
export function category(value: Value): string {
  return typeof value === "string" && isCategory(value) ? `“${CATEGORIES[value]}”` : text(value);
}

/** "NFSE" -> "NFS-e" */
export function receiptKind(value: Value): string {
  return (typeof value === "string" ? RECEIPT_KINDS[value] : undefined) ?? text(value);
}

/** "APPROVED" -> "aprovada" */
export function status(value: Value): string {
  return (typeof value === "string" ? STATUSES[value] : undefined) ?? text(value);
}

/** "DFE_KEY" -> "a mesma chave de nota fiscal" */
export function sameIdentifier(value: Value): string {
  return (typeof value === "string" ? IDENTIFIERS[value] : undefined) ?? "o mesmo identificador";
}

/** 1100 -> "11%", 465 -> "4,65%" */
export function rate(basisPoints: Value): string {
  if (typeof basisPoints !== "number") return text(basisPoints);
  const whole = Math.trunc(basisPoints / 100);
  const rest = String(basisPoints % 100)
    .padStart(2, "0")
    .replace(/0+$/, "");
  return rest === "" ? `${whole}%` : `${whole},${rest}%`;
}

/** 1 -> "1 dia", 3 -> "3 dias" */
export function count(value: Value, one: string, many: string): string {
  return value === 1 ? `1 ${one}` : `${text(value)} ${many}`;
}

/** "a", "b", "c" -> "a, b e c" */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} e ${items.at(-1)}`;
}

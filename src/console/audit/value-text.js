import { CATEGORIES, DOCUMENT_KINDS, REASONS } from "./catalogue.js";
import { EVIDENCE, EVIDENCE_VALUES } from "./evidence.js";
import { SEGMENTS, SETTINGS, VALUES } from "./values.js";
import {
  DIVERGENCES,
  dayText,
  entityText,
  monthText,
  ROLES,
  tableText,
  timeText,
} from "./words.js";

const money = new Intl.NumberFormat("pt-BR", { style: "currency", currency: "BRL" });

/** Fields whose values have words of their own. */
const BY_FIELD = {
  category: CATEGORIES,
  document_kind: DOCUMENT_KINDS,
  name: SETTINGS,
  role: ROLES,
  segment: SEGMENTS,
};

/** Fields that somebody has typed, or a bank: what stands there is no code, also where it looks like one. */
const TYPED = new Set([
  "block",
  "city",
  "counterparty_name",
  "description",
  "document_number",
  "external_id",
  "file_name",
  "idempotency_key",
  "name",
  "operation_name",
  "own_number",
  "payee_name",
  "payee_pix_key",
  "pix_key",
  "reason",
  "resolution_reason",
]);

/** Reviews are about an expense or a movement. */
const SUBJECTS = { expense: "despesa", transaction: "movimento" };

/** What a list of words has for a code; nothing for what every object has by itself, such as "constructor". */
const wordOf = (words, code) => (Object.hasOwn(words, code) ? words[code] : undefined);

/** A value of a record as people read it. */
export function valueText(name, value) {
  if (value === null || value === undefined || value === "") return "—";
  if (typeof value === "boolean") return value ? "sim" : "não";
  if (Array.isArray(value)) {
    return value.length === 0 ? "nenhum" : value.map((each) => partText(name, each)).join("; ");
  }
  if (name === "counts") return countsText(value);
  if (typeof value === "object") return JSON.stringify(value);
  const text = String(value);
  const own = wordOf(BY_FIELD[name] ?? {}, text);
  if (own) return own;
  if (TYPED.has(name)) return text;
  if (/amount$|balance$/.test(name) && /^-?\d+(?:\.\d+)?$/.test(text)) return money.format(text);
  if (/^\d{4}-\d{2}-\d{2}T/.test(text)) return timeText(text);
  if (name === "competence" || name === "month") return monthText(text);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return dayText(text);
  if (name === "subject") return subjectText(text);
  return wordOf(VALUES, text) ?? text;
}

/** One of a list: a reason by its name, with the evidence that it was given; a row by its table's name. */
function partText(name, part) {
  if (typeof part !== "object" || part === null) return valueText(name, part);
  if (wordOf(REASONS, part.code)) {
    const evidence = evidenceText(part.evidence ?? {});
    return evidence === "" ? REASONS[part.code] : `${REASONS[part.code]} (${evidence})`;
  }
  if (part.table && part.id) return entityText(part.table, part.id);
  return JSON.stringify(part);
}

/** What a reason rests on, field by field. */
function evidenceText(evidence) {
  return Object.entries(evidence)
    .map(([name, value]) => `${wordOf(EVIDENCE, name) ?? name}: ${evidenceValueText(name, value)}`)
    .join(", ");
}

function evidenceValueText(name, value) {
  if (Array.isArray(value)) {
    const parts = value.map((each) => evidenceValueText(name, each));
    return parts.length === 0 ? "nenhum" : parts.join("; ");
  }
  if (value?.erased) return "apagado (LGPD)";
  if (value?.commitment) return "não se mostra";
  if (typeof value === "object" && value !== null) return evidenceText(value);
  for (const words of [EVIDENCE_VALUES, REASONS, CATEGORIES, DOCUMENT_KINDS]) {
    const own = wordOf(words, value);
    if (own) return own;
  }
  if (name === "table") return tableText(value);
  if (name === "kind") return wordOf(DIVERGENCES, value) ?? valueText(name, value);
  if (typeof value === "string" && /^-?\d+\.\d{2}$/.test(value)) return money.format(value);
  return valueText(name, value);
}

function countsText(counts) {
  return Object.entries(counts)
    .map(([table, count]) => `${tableText(table)}: ${count}`)
    .join("; ");
}

function subjectText(text) {
  const [kind, id] = text.split(":");
  return id && wordOf(SUBJECTS, kind) ? `${SUBJECTS[kind]} ${id}` : (wordOf(VALUES, text) ?? text);
}

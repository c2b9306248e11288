import { CATEGORIES, DOCUMENT_KINDS, REASONS } from "./catalogue.js";
import { SEGMENTS, SETTINGS, VALUES } from "./values.js";
import { dayText, entityText, monthText, ROLES, tableText, timeText } from "./words.js";

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
  "counterparty_name",
  "description",
  "file_name",
  "name",
  "operation_name",
  "payee_name",
  "reason",
  "resolution_reason",
]);

/** Reviews are about an expense or a movement. */
const SUBJECTS = { expense: "despesa", transaction: "movimento" };

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
  const own = BY_FIELD[name]?.[text];
  if (own) return own;
  if (TYPED.has(name)) return text;
  if (/amount$|balance$/.test(name) && /^-?\d+(?:\.\d+)?$/.test(text)) return money.format(text);
  if (/^\d{4}-\d{2}-\d{2}T/.test(text)) return timeText(text);
  if (name === "competence" || name === "month") return monthText(text);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return dayText(text);
  if (name === "subject") return subjectText(text);
  return VALUES[text] ?? text;
}

/** One of a list: a reason by its name, with the evidence that it was given; a row by its table's name. */
function partText(name, part) {
  if (typeof part !== "object" || part === null) return valueText(name, part);
  if (REASONS[part.code]) {
    const evidence = JSON.stringify(part.evidence ?? {});
    return evidence === "{}" ? REASONS[part.code] : `${REASONS[part.code]} ${evidence}`;
  }
  if (part.table && part.id) return entityText(part.table, part.id);
  return JSON.stringify(part);
}

function countsText(counts) {
  return Object.entries(counts)
    .map(([table, count]) => `${tableText(table)}: ${count}`)
    .join("; ");
}

function subjectText(text) {
  const [kind, id] = text.split(":");
  return id && SUBJECTS[kind] ? `${SUBJECTS[kind]} ${id}` : (VALUES[text] ?? text);
}

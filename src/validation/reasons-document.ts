import { day } from "./catalogue/portuguese.ts";
import { REASON_CATALOGUE, type ReasonCode } from "./reason-catalogue.ts";
import { DEFAULT_RULES } from "./rule-set.ts";

/**
 * docs/reasons.md, rendered from catalogue and default rule set; a test compares it with the file.
 * To write it anew:
 * `node -e 'import("./src/validation/reasons-document.ts").then((it) => process.stdout.write(it.reasonsDocument()))' > docs/reasons.md`
 */
export function reasonsDocument(): string {
  const rows = codes().map(
    (code) => `| \`${code}\` | ${weight(code)} | ${text(code)} | ${source(code)} |`,
  );
  return `${[...HEAD, ...rows].join("\n")}\n`;
}

const HEAD = [
  "# Reasons",
  "",
  "Every status carries reasons: a code, a severity, and evidence. This is the list of all codes, with the",
  "text that people see (Portuguese, here with example evidence). It is rendered from",
  "`src/validation/reason-catalogue.ts` and `src/validation/rule-set.ts`.",
  "",
  "- **BLOCK** rejects the expense at once, even while other facts are missing.",
  "- **REVIEW** brings it to a person (`MANUAL_REVIEW`).",
  "- **NOTE** is information and never changes the status; only `APPROVAL_LIMIT` and `ADMINISTRATION_FEE`",
  "  lead to `AWAITING_SECOND_APPROVAL`.",
  "",
  "The severity of a rule is that of its row in the table `rules`; here is the one it begins with. Of an",
  "expense apply the rows in force on the issue date of its document, or, where there is none, on the first day of its",
  "competence.",
  "",
  "| Code | Severity | Text | Source |",
  "|---|---|---|---|",
];

function codes(): ReasonCode[] {
  return Object.keys(REASON_CATALOGUE).filter(
    (code): code is ReasonCode => code in REASON_CATALOGUE,
  );
}

function text(code: ReasonCode): string {
  const entry = REASON_CATALOGUE[code];
  return entry.text(entry.example);
}

function weight(code: ReasonCode): string {
  return (
    own(code)?.severity ?? [...new Set(rules(code).map(({ severity }) => severity))].join(", ")
  );
}

function source(code: ReasonCode): string {
  return (
    own(code)?.source ??
    rules(code)
      .map((rule) => `${rule.source}${span(rule)}`)
      .join("; ")
  );
}

function own(code: ReasonCode) {
  const entry = REASON_CATALOGUE[code];
  return "source" in entry ? entry : undefined;
}

function rules(code: ReasonCode) {
  return DEFAULT_RULES.filter((rule) => rule.code === code);
}

/** The dates of a rule that has any. */
function span({ validFrom, validTo }: { validFrom: string; validTo: string | null }): string {
  if (validTo !== null) return ` (${day(validFrom)} a ${day(validTo)})`;
  return validFrom.startsWith("0001") ? "" : ` (desde ${day(validFrom)})`;
}

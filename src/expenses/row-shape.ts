import { z } from "zod";
import type { Detail, RowErrorCode } from "./row-error.ts";
import { isRowErrorCode } from "./row-error.ts";

/*
 * The outer shape of a submitted row: which fields there are, and that they are texts and lists. What the
 * texts say is read by row-fields.ts. One zod object for all fields, because a schema of its own for
 * every field, transforms included, took three times as long for 10,000 rows.
 */

// The message of an issue is the code of the error.
const text = z.string({
  error: (issue) => (issue.input === undefined ? "REQUIRED" : "NOT_TEXT"),
});
const optionalText = text.nullish();

/** Counted before its items are looked at, so that a million bad ones cannot make a million errors. */
function list<T extends z.ZodType>(maximum: number, item: T) {
  const counted = z.array(z.unknown()).max(maximum, "TOO_MANY");
  return z.array(z.unknown(), "NOT_LIST").pipe(counted).pipe(z.array(item)).nullish();
}

const objectError = (issue: { code?: string | undefined }) =>
  issue.code === "unrecognized_keys" ? "UNKNOWN_FIELD" : "NOT_OBJECT";

const rowShape = z.strictObject(
  {
    externalId: optionalText,
    condominium: optionalText,
    category: optionalText,
    documentKind: optionalText,
    documentNumber: optionalText,
    issueDate: optionalText,
    competence: optionalText,
    grossAmount: optionalText,
    retentions: list(
      4,
      z.strictObject(
        { kind: z.enum(["INSS", "CSRF", "ISS", "IRRF"], "RETENTION_KIND_UNKNOWN"), amount: text },
        { error: objectError },
      ),
    ),
    retentionInss: optionalText,
    retentionCsrf: optionalText,
    retentionIss: optionalText,
    retentionIrrf: optionalText,
    payeeDocument: optionalText,
    payeeName: optionalText,
    payeePixKey: optionalText,
    dueDate: optionalText,
    instalment: optionalText,
    documents: list(20, text),
    description: optionalText,
  },
  { error: objectError },
);

export type ShapedRow = z.output<typeof rowShape>;
export type FieldName = keyof ShapedRow;

const NONE: ReadonlySet<string> = new Set();

/** Of a row with thousands of unknown fields, so many are told. */
const UNKNOWN_FIELDS_TOLD = 20;

/**
 * The row with the fields whose shape is right. The others are reported and left out, so that what the
 * rest says is checked all the same; `misshapen` has their names.
 *
 * @returns undefined when the row is not an object at all (reported too).
 */
export function shapeRow(
  raw: unknown,
  report: (field: string, code: RowErrorCode, detail?: Detail) => void,
): { row: ShapedRow; misshapen: ReadonlySet<string> } | undefined {
  const result = rowShape.safeParse(raw);
  if (result.success) {
    return { row: result.data, misshapen: NONE };
  }
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    report("", "ROW_NOT_OBJECT");
    return undefined;
  }
  const misshapen = new Set<string>();
  for (const issue of result.error.issues) {
    if (issue.code === "unrecognized_keys") {
      const prefix = pathOf(issue.path);
      for (const key of issue.keys.slice(0, UNKNOWN_FIELDS_TOLD)) {
        report(`${prefix}${prefix && "."}${printable(key)}`, "UNKNOWN_FIELD");
      }
    } else {
      const detail = issue.code === "too_big" ? Number(issue.maximum) : undefined;
      const code = isRowErrorCode(issue.message) ? issue.message : "NOT_TEXT";
      report(pathOf(issue.path), code, detail);
    }
    if (issue.path.length > 0) {
      misshapen.add(String(issue.path[0]));
    }
  }
  const right = Object.entries(raw).filter(
    ([name]) => Object.hasOwn(rowShape.shape, name) && !misshapen.has(name),
  );
  return { row: rowShape.parse(Object.fromEntries(right)), misshapen };
}

/** ["retentions", 1, "amount"] -> "retentions[1].amount" */
function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) =>
      typeof part === "number" ? `[${part}]` : `${at > 0 ? "." : ""}${String(part)}`,
    )
    .join("");
}

/** A stranger's field name, fit to be shown. */
function printable(name: string): string {
  return name.replace(/[^\p{L}\p{N}_ .-]/gu, "?").slice(0, 60);
}

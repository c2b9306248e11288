import { z } from "zod";
import { dateInBrasilia, parseDate, startOfDayBrasilia } from "../calendar/brasilia.ts";
import { parseDecimal } from "../money/centavos.ts";
import type { Movement, Payable } from "./types.ts";

/** One condominium of a case file. */
export type CondominiumCase = { condominiumId: string; payables: Payable[]; movements: Movement[] };

/** A case as read: its condominiums in order of id, and the fields that were not understood. */
export type CaseFile = { condominiums: CondominiumCase[]; unknownFields: string[] };

/** The file is no case. The message names each place by its path in the JSON, and never quotes a value. */
export class CaseFileError extends Error {}

const SHOWN_ERRORS = 20;
const INSTANT = z.iso.datetime({ offset: true });
const UTC_MIDNIGHT = /T00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:00)$/;

const id = z.string("deve ser um texto").min(1, "não pode ser vazio");
const text = z.string("deve ser um texto");
const optional = text.nullish().transform((value) => (value?.trim() ? value.trim() : null));
const amount = z
  .string('deve ser um texto como "1234.56", e não um número')
  .transform((value, context) => {
    const centavos = parseDecimal(value);
    if (centavos !== undefined) return centavos;
    context.addIssue({ code: "custom", message: 'deve ser um valor como "1234.56" ou "-1234.56"' });
    return z.NEVER;
  });
const date = text.refine((value) => parseDate(value) !== undefined, {
  message: "deve ser uma data AAAA-MM-DD",
});
const moment = text.transform((value, context) => {
  const read = readMoment(value);
  if (read) return read;
  context.addIssue({
    code: "custom",
    message: 'deve ser um instante com fuso, como "2026-11-05T17:12:00Z", ou uma data AAAA-MM-DD',
  });
  return z.NEVER;
});
const document = (length: 11 | 14, name: string) =>
  optional.transform((value, context) => {
    const plain = value?.replace(/[.\-/\s]/g, "").toUpperCase() ?? null;
    const shape = length === 14 ? /^[A-Z0-9]{12}\d{2}$/ : /^\d{11}$/;
    if (plain === null || shape.test(plain)) return plain;
    context.addIssue({ code: "custom", message: `deve ser um ${name}, com ou sem pontuação` });
    return z.NEVER;
  });
const instalment = optional.refine((value) => value === null || /^\d{1,3}\/\d{1,3}$/.test(value), {
  message: 'deve ser uma parcela como "2/3"',
});

const expenseShape = z.object({
  id,
  condominiumId: id,
  description: optional,
  category: optional,
  supplierCnpj: document(14, "CNPJ"),
  supplierCpf: document(11, "CPF"),
  supplierName: optional,
  amount,
  netAmount: amount.nullish(),
  dueDate: date,
  digitableLine: optional,
  endToEndId: optional,
  instalment,
});

const transactionShape = z.object({
  id,
  condominiumId: id,
  accountId: id,
  postedAt: moment,
  amount,
  description: optional,
  operationType: optional,
  counterpartyDocument: optional,
  counterpartyName: optional,
  endToEndId: optional,
  originalEndToEndId: optional,
  checkNumber: optional,
  status: z.enum(["POSTED", "PENDING"], 'deve ser "POSTED" ou "PENDING"'),
});

const caseShape = z.object(
  {
    expenses: z.array(expenseShape, "deve ser uma lista"),
    transactions: z.array(transactionShape, "deve ser uma lista"),
  },
  "deve ser um objeto",
);

/**
 * Reads a case: `{"expenses": […], "transactions": […]}`, as the README describes it. A field that may be null may also
 * be missing. What is not understood is told, not refused: the file may carry more than the matcher needs.
 *
 * @throws CaseFileError when the text is not JSON, a field is missing or wrong, or an id stands for two different things
 */
export function readCase(json: string): CaseFile {
  const raw = parseJson(json);
  const parsed = caseShape.safeParse(raw);
  if (!parsed.success) {
    throw new CaseFileError(
      listed(parsed.error.issues.map(({ path, message }) => `${pathText(path)}: ${message}`)),
    );
  }
  const { expenses, transactions } = parsed.data;
  const repeated = [
    ...contradictions("expenses", expenses),
    ...contradictions("transactions", transactions),
  ];
  if (repeated.length > 0) throw new CaseFileError(listed(repeated));

  const condominiums = new Map<string, CondominiumCase>();
  const of = (condominiumId: string) => {
    const known = condominiums.get(condominiumId);
    if (known) return known;
    const fresh: CondominiumCase = { condominiumId, payables: [], movements: [] };
    condominiums.set(condominiumId, fresh);
    return fresh;
  };
  for (const one of distinct(expenses)) of(one.condominiumId).payables.push(payableOf(one));
  for (const one of distinct(transactions)) of(one.condominiumId).movements.push(movementOf(one));
  return {
    condominiums: [...condominiums.values()].sort((a, b) =>
      a.condominiumId < b.condominiumId ? -1 : 1,
    ),
    unknownFields: unknownFields(raw),
  };
}

function payableOf(expense: z.output<typeof expenseShape>): Payable {
  const owed = expense.netAmount ?? expense.amount;
  return {
    id: expense.id,
    expenseId: expense.id,
    kind: owed < 0n ? "CREDIT_NOTE" : "SUPPLIER",
    payeeDocument: expense.supplierCnpj ?? expense.supplierCpf,
    payeeName: expense.supplierName,
    amount: owed,
    dueDate: expense.dueDate,
    digitableLine: expense.digitableLine?.replace(/\D/g, "") || null,
    endToEndIds: expense.endToEndId === null ? [] : [expense.endToEndId],
    description: expense.description ?? "",
    category: expense.category,
    instalment: expense.instalment,
  };
}

function movementOf(transaction: z.output<typeof transactionShape>): Movement {
  const { condominiumId: _, postedAt, counterpartyDocument, description, ...rest } = transaction;
  return {
    ...rest,
    ...postedAt,
    description: description ?? "",
    // A masked one (***.000.000-**) keeps its stars, and so equals no document.
    counterpartyDocument: counterpartyDocument?.replace(/[.\-/\s]/g, "").toUpperCase() ?? null,
  };
}

/** Midnight in UTC is a date without an hour, as a bank's export gives it, not 21:00 of the day before in Brasília. */
function readMoment(value: string): Pick<Movement, "postedAt" | "postedOn"> | undefined {
  const day = UTC_MIDNIGHT.test(value) ? value.slice(0, 10) : value;
  if (parseDate(day) !== undefined) {
    return { postedAt: startOfDayBrasilia(day).toISOString(), postedOn: day };
  }
  if (!INSTANT.safeParse(value).success) return undefined;
  const instant = new Date(value);
  return { postedAt: instant.toISOString(), postedOn: dateInBrasilia(instant) };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\uFEFF/, ""));
  } catch (error) {
    // The parser's own words quote the file.
    const place = /line \d+ column \d+/.exec(error instanceof Error ? error.message : "")?.[0];
    const [, line, column] = /(\d+)\D+(\d+)/.exec(place ?? "") ?? [];
    throw new CaseFileError(
      `não é JSON${line === undefined ? "" : ` (linha ${line}, coluna ${column})`}.`,
    );
  }
}

/** The same thing twice counts once; two things under one id cannot be told apart in the answer. */
function contradictions(list: string, items: readonly { id: string }[]): string[] {
  const first = new Map<string, { at: number; item: { id: string } }>();
  return items.flatMap((item, at) => {
    const known = first.get(item.id);
    if (!known) first.set(item.id, { at, item });
    return known && contentOf(known.item) !== contentOf(item)
      ? [`${list}[${at}].id: o mesmo id, com outro conteúdo, está em ${list}[${known.at}].id`]
      : [];
  });
}

function contentOf(item: object): string {
  return JSON.stringify(item, (_, value) => (typeof value === "bigint" ? String(value) : value));
}

function distinct<T extends { id: string }>(items: readonly T[]): Iterable<T> {
  return new Map(items.map((item) => [item.id, item])).values();
}

/** Paths of the fields that the shapes do not have; a field is told once per list. */
function unknownFields(raw: unknown): string[] {
  const shapes = new Map<string, object>([
    ["expenses", expenseShape.shape],
    ["transactions", transactionShape.shape],
  ]);
  const found = new Set<string>();
  for (const [list, items] of Object.entries(raw ?? {})) {
    const shape = shapes.get(list);
    if (!shape) found.add(list);
    else if (Array.isArray(items)) {
      for (const field of items.flatMap((item) => Object.keys(item))) {
        if (!Object.hasOwn(shape, field)) found.add(`${list}[].${field}`);
      }
    }
  }
  return [...found].sort();
}

function pathText(path: readonly PropertyKey[]): string {
  const told = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`));
  return told.join("").replace(/^\./, "") || "o arquivo";
}

function listed(errors: readonly string[]): string {
  const rest = errors.length - SHOWN_ERRORS;
  const more = rest > 0 ? [`… e mais ${rest} erros.`] : [];
  return [...errors.slice(0, SHOWN_ERRORS), ...more].join("\n");
}

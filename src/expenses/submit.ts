import type pg from "pg";
import { z } from "zod";
import { formatDecimal } from "../money/centavos.ts";
import { contentHash } from "./content-hash.ts";
import { writeRefusedRows } from "./refused-rows.ts";
import type { ExpenseRow } from "./row.ts";
import { parseExpenseRows } from "./row.ts";
import { isRowErrorCode, type RowError, rowError } from "./row-error.ts";

/** The most rows of one batch. */
export const MAXIMUM_ROWS = 10_000;

/** A batch as it is handed in. */
export interface Submission {
  /** Rows as parsed from JSON, or as csv.ts and xlsx.ts give them. */
  rows: readonly unknown[];
  /** A repeat under the same key gives the same batch; with other rows it is refused (BLD05). */
  idempotencyKey?: string | undefined;
  /** `refuse`: one bad row refuses the batch. `acceptValid`: the good rows are stored, the bad ones come back. */
  onError: "refuse" | "acceptValid";
  /** Only checks; nothing is stored. */
  dryRun: boolean;
  /** Today in Brasília, 'YYYY-MM-DD'. */
  today: string;
  /** The first part, when a large file is handed in as several batches. */
  parentId?: string | undefined;
}

export interface SubmissionResult {
  /** Null when nothing was stored. */
  batchId: string | null;
  /** How many expenses the batch holds. */
  accepted: number;
  /** Every error of every row that was refused. */
  errors: RowError[];
  /** True when the batch was there before, under the same idempotency key. */
  repeated: boolean;
  /** With `acceptValid`: the refused rows as a CSV file to mend and submit again; null when there are none. */
  refusedFile: string | null;
}

/** A submission that cannot be a batch at all. `code` is of the registry of errors. */
export class SubmissionError extends Error {
  readonly code = "BLD04";
}

const answer = z.object({
  batchId: z.string().nullable(),
  accepted: z.int(),
  errors: z.array(
    z.object({
      index: z.int(),
      field: z.string(),
      code: z.string().refine(isRowErrorCode),
      message: z.string().optional(),
    }),
  ),
  repeated: z.boolean(),
});

/**
 * Checks and stores a batch of expenses: the one way that REST, GraphQL and the command line share. Batch, expenses
 * and jobs are written by one statement, inside the transaction of the client, whose settings (blindagem.*) say who
 * submits.
 *
 * @throws SubmissionError for no rows, too many, or rows nested too deeply; database errors of class BLD
 *   (BLD02 the role may not submit, BLD05 the key has another content)
 */
export async function submitExpenseBatch(
  client: pg.ClientBase,
  submission: Submission,
): Promise<SubmissionResult> {
  const { rows } = submission;
  if (rows.length === 0 || rows.length > MAXIMUM_ROWS) {
    throw new SubmissionError("Um lote tem de 1 a 10.000 despesas.");
  }
  const hash = contentHashOf(rows);
  const categories = await loadCategories(client);
  const parsed = parseExpenseRows(rows, { today: submission.today, categories });
  const { rows: answers } = await client.query<{ answer: unknown }>(
    `select blindagem.submit_expense_batch(
       rows => $1::jsonb, content_hash => $2, idempotency_key => $3, accept_valid => $4, dry_run => $5,
       refused => $6::jsonb, parent_id => $7) as answer`,
    [
      JSON.stringify(parsed.rows.map(({ index, row }) => storedRow(index, row, submission.today))),
      hash,
      submission.idempotencyKey ?? null,
      submission.onError === "acceptValid",
      submission.dryRun,
      JSON.stringify(parsed.errors),
      submission.parentId ?? null,
    ],
  );
  const result = answer.parse(answers[0]?.answer);
  const errors = result.errors
    .map(({ index, field, code, message }) =>
      message === undefined ? rowError(index, field, code) : { index, field, code, message },
    )
    .sort((a, b) => a.index - b.index);
  const refused = submission.onError === "acceptValid" && errors.length > 0;
  return {
    ...result,
    errors,
    refusedFile: refused ? new TextDecoder().decode(writeRefusedRows(rows, errors)) : null,
  };
}

function contentHashOf(rows: readonly unknown[]): string {
  try {
    return contentHash(rows);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new SubmissionError("As linhas do lote têm campos dentro de campos demais.", { cause });
  }
}

async function loadCategories(client: pg.ClientBase): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ code: string }>("select code from blindagem.categories");
  return new Set(rows.map(({ code }) => code));
}

/** A row in the shape of blindagem_private.submitted_rows. */
function storedRow(index: number, row: ExpenseRow, today: string): Record<string, unknown> {
  return {
    index,
    externalId: row.externalId,
    condominium: row.condominium,
    category: row.category,
    documentKind: row.documentKind,
    documentNumber: row.documentNumber,
    issueDate: row.issueDate,
    competence: row.competence,
    grossAmount: formatDecimal(row.grossAmount),
    retentions: row.retentions.map(({ kind, amount }) => ({ kind, amount: formatDecimal(amount) })),
    payeeKind: row.payee.kind,
    payeeDocument: row.payee.document,
    payeeName: row.payee.name,
    payeePixKey: row.payeePixKey,
    // What names no due date is due when issued: a till receipt, a payroll already run.
    dueDate: row.dueDate ?? row.issueDate ?? today,
    instalmentNumber: row.instalment?.number ?? null,
    instalmentTotal: row.instalment?.total ?? null,
    documents: row.documents,
    description: row.description,
  };
}

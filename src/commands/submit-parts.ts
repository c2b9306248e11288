import type { ApiClient, BatchAnswer } from "../client/api-client.ts";
import { type Part, repeatedAcrossParts, splitRows } from "../expenses/split.ts";
import { count } from "../validation/catalogue/portuguese.ts";
import type { ExpenseFile } from "./expense-file.ts";

export interface PartOptions {
  idempotencyKey?: string;
  acceptValid?: true;
  dryRun?: true;
}

export type RowErrors = BatchAnswer["errors"];

/**
 * The parts go one after the other under the first one's batch; a refused part ends the run, unless the good rows are
 * to be kept. Parts already stored stay: the same file sent again finds them by their keys.
 *
 * @returns every error of every row, by its index in the file
 */
export async function submitParts(
  client: ApiClient,
  expenses: ExpenseFile,
  options: PartOptions,
): Promise<RowErrors> {
  const parts = splitRows(expenses.rows, options.idempotencyKey);
  // When parts are only checked, none is there to be found by the next one's check.
  const repeated = options.dryRun ? repeatedIds(parts, expenses) : [];
  const errors: RowErrors = [];
  let parentId: string | undefined;
  for (const part of parts) {
    const answer = await client.submitBatch(JSON.stringify({ rows: part.rows }), {
      contentType: "application/json",
      idempotencyKey: part.idempotencyKey,
      onError: options.acceptValid ? "acceptValid" : "refuse",
      dryRun: options.dryRun ?? false,
      parentId,
    });
    const found = [
      ...answer.errors.map((error) => ({ ...error, index: error.index + part.offset })),
      ...repeated.filter(({ index }) => isIn(part, index)),
    ].sort((a, b) => a.index - b.index);
    errors.push(...found);
    if (answer.batchId !== null) {
      parentId ??= answer.batchId;
      process.stdout.write(
        `Lote ${answer.batchId}: ${count(answer.accepted, "despesa", "despesas")}${answer.repeated ? " (já recebido antes)" : ""}; andamento em ${answer.progressUrl ?? "batchProgress"}.\n`,
      );
      continue;
    }
    const refused = new Set(found.map(({ index }) => index)).size;
    process.stdout.write(
      options.dryRun
        ? `${part.rows.length === 1 ? "Conferida" : "Conferidas"} ${count(part.rows.length, "linha", "linhas")}: ${refused} com erro.\n`
        : `Lote recusado: ${refused} de ${count(part.rows.length, "linha", "linhas")} com erro; nada dele foi gravado.\n`,
    );
    if (!options.dryRun && !options.acceptValid) break;
  }
  return errors;
}

function repeatedIds(parts: readonly Part[], { placeOf }: ExpenseFile): RowErrors {
  return repeatedAcrossParts(parts).map(({ index, first }) => ({
    index,
    field: "externalId",
    code: "EXTERNAL_ID_REPEATED",
    message: `“id_externo” repete o da ${placeOf(first)}; cada despesa precisa do seu.`,
  }));
}

function isIn({ offset, rows }: Part, index: number): boolean {
  return index >= offset && index < offset + rows.length;
}

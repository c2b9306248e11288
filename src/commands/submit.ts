import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import { z } from "zod";
import type { ApiClient, BatchAnswer } from "../client/api-client.ts";
import { parseExpenseCsv } from "../expenses/csv.ts";
import { writeRefusedRows } from "../expenses/refused-rows.ts";
import { splitRows } from "../expenses/split.ts";
import { parseExpenseXlsx } from "../expenses/xlsx.ts";
import { type ApiOptions, apiClient, withApiOptions } from "./api-options.ts";
import { readArchive } from "./receipt-archive.ts";

interface SubmitOptions extends ApiOptions {
  receipts?: string;
  idempotencyKey?: string;
  acceptValid?: true;
  dryRun?: true;
}

type RowErrors = BatchAnswer["errors"];

/** A file's expenses, and where each stands in it. */
interface ExpenseFile {
  rows: readonly unknown[];
  /** "linha 4" of a table, "despesa 4" of JSON, by the row's index. */
  placeOf(index: number): string;
}

const jsonFile = z.union([
  z.array(z.unknown()),
  z.object({ rows: z.array(z.unknown()) }).transform(({ rows }) => rows),
  z.object({ expenses: z.array(z.unknown()) }).transform(({ expenses }) => expenses),
]);

const SHOWN_ERRORS = 50;

/** Submits a file of expenses, split into batches when it is large, with a ZIP of the documents it names. */
export function submitCommand(): Command {
  return withApiOptions(
    new Command("submit")
      .description("envia um arquivo de despesas (.json, .csv ou .xlsx)")
      .argument("<file>", "arquivo")
      .option("--receipts <zip>", "ZIP com os comprovantes, ligados às linhas por nome ou hash")
      .option("--idempotency-key <key>", "chave de idempotência (padrão: o conteúdo do arquivo)")
      .option("--accept-valid", "grava as linhas certas e devolve as recusadas em um arquivo")
      .option("--dry-run", "só confere; nada é gravado"),
  ).action(async (file: string, options: SubmitOptions) => {
    const client = apiClient(options);
    const { rows, placeOf } = await readExpenses(file);
    if (rows.length === 0) throw new Error(`${file} não traz nenhuma despesa.`);
    if (options.receipts && !options.dryRun) await uploadAll(client, options.receipts);
    const errors = await submitParts(client, rows, options);
    if (errors.length === 0) return;
    for (const error of errors.slice(0, SHOWN_ERRORS)) {
      const place = [placeOf(error.index), error.field].filter(Boolean).join(", ");
      process.stderr.write(`${place}: ${error.message}\n`);
    }
    if (errors.length > SHOWN_ERRORS) {
      process.stderr.write(`… e mais ${errors.length - SHOWN_ERRORS} erros.\n`);
    }
    if (options.acceptValid && !options.dryRun) await writeRefused(file, rows, errors);
    process.exitCode = options.acceptValid ? 0 : 1;
  });
}

/**
 * The parts go one after the other under the first one's batch; a refused part ends the run, unless the good rows are
 * to be kept. Parts already stored stay: the same file sent again finds them by their keys.
 */
async function submitParts(
  client: ApiClient,
  rows: readonly unknown[],
  options: SubmitOptions,
): Promise<RowErrors> {
  const parts = splitRows(rows, options.idempotencyKey);
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
    errors.push(...answer.errors.map((error) => ({ ...error, index: error.index + part.offset })));
    if (answer.batchId === null) {
      const refused = new Set(answer.errors.map(({ index }) => index)).size;
      process.stdout.write(
        options.dryRun
          ? `Conferidas ${part.rows.length} linhas: ${refused} com erro.\n`
          : `Lote recusado: ${refused} de ${part.rows.length} linhas com erro; nada dele foi gravado.\n`,
      );
      if (!options.dryRun) return errors;
      continue;
    }
    parentId ??= answer.batchId;
    process.stdout.write(
      `Lote ${answer.batchId}: ${answer.accepted} despesas${answer.repeated ? " (já recebido antes)" : ""}; andamento em ${answer.progressUrl ?? "batchProgress"}.\n`,
    );
  }
  return errors;
}

async function readExpenses(file: string): Promise<ExpenseFile> {
  const bytes = new Uint8Array(await readFile(file));
  const extension = path.extname(file).toLowerCase();
  if (extension === ".json") {
    return { rows: readJson(file, bytes), placeOf: (index) => `despesa ${index + 1}` };
  }
  if (extension !== ".csv" && extension !== ".xlsx") {
    throw new Error(`${file}: o formato é .json, .csv ou .xlsx.`);
  }
  const table = extension === ".csv" ? parseExpenseCsv(bytes) : await parseExpenseXlsx(bytes);
  if (table.errors.length > 0) {
    const faults = table.errors.map(({ line, message }) =>
      line ? `linha ${line}: ${message}` : message,
    );
    throw new Error(`${file} não pôde ser lido:\n${faults.join("\n")}`);
  }
  return { rows: table.rows, placeOf: (index) => `linha ${table.lines[index]}` };
}

function readJson(file: string, bytes: Uint8Array): readonly unknown[] {
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new Error(`${file} não é JSON bem formado.`, { cause });
  }
  const parsed = jsonFile.safeParse(content);
  if (!parsed.success)
    throw new Error(`${file}: esperada uma lista de despesas, ou {"rows": […]}.`);
  return parsed.data;
}

async function uploadAll(client: ApiClient, archive: string): Promise<void> {
  let uploaded = 0;
  for await (const { fileName, bytes } of readArchive(new Uint8Array(await readFile(archive)))) {
    await client.uploadDocument(fileName, bytes);
    uploaded += 1;
  }
  process.stdout.write(`${uploaded} documentos enviados.\n`);
}

async function writeRefused(
  file: string,
  rows: readonly unknown[],
  errors: RowErrors,
): Promise<void> {
  const { dir, name } = path.parse(file);
  const target = path.join(dir, `${name}-recusadas.csv`);
  await writeFile(target, writeRefusedRows(rows, errors));
  process.stdout.write(
    `As linhas recusadas estão em ${target}: corrija-as e envie esse arquivo.\n`,
  );
}

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import type { ApiClient } from "../client/api-client.ts";
import { count } from "../validation/catalogue/portuguese.ts";
import { type ApiOptions, apiClient, withApiOptions } from "./api-options.ts";
import type { PartOptions, RowErrors } from "./submit-parts.ts";

interface SubmitOptions extends ApiOptions, PartOptions {
  receipts?: string;
  sheet?: string;
}

const SHOWN_ERRORS = 50;

/** Submits a file of expenses, split into batches when it is large, with a ZIP of the documents it names. */
export function submitCommand(): Command {
  return withApiOptions(
    new Command("submit")
      .description("envia um arquivo de despesas (.json, .csv ou .xlsx)")
      .argument("<file>", "arquivo")
      .option("--sheet <name>", "planilha do arquivo .xlsx, se mais de uma traz dados")
      .option("--receipts <zip>", "ZIP com os comprovantes, ligados às linhas por nome ou hash")
      .option("--idempotency-key <key>", "chave de idempotência (padrão: o conteúdo do arquivo)")
      .option("--accept-valid", "grava as linhas certas e devolve as recusadas em um arquivo")
      .option("--dry-run", "só confere; nada é gravado"),
  ).action(async (file: string, options: SubmitOptions) => {
    const client = apiClient(options);
    const { readExpenses } = await import("./expense-file.ts");
    const { submitParts } = await import("./submit-parts.ts");
    const expenses = await readExpenses(file, options.sheet);
    const { rows, placeOf } = expenses;
    if (rows.length === 0) throw new Error(`${file} não traz nenhuma despesa.`);
    if (options.receipts && !options.dryRun) await uploadAll(client, options.receipts);
    const errors = await submitParts(client, expenses, options);
    if (errors.length === 0) return;
    for (const error of errors.slice(0, SHOWN_ERRORS)) {
      const place = [placeOf(error.index), error.field].filter(Boolean).join(", ");
      process.stderr.write(`${place}: ${error.message}\n`);
    }
    if (errors.length > SHOWN_ERRORS) {
      process.stderr.write(`… e mais ${errors.length - SHOWN_ERRORS} erros.\n`);
    }
    if (options.acceptValid && !options.dryRun) await writeRefused(file, rows, errors);
    const refused = new Set(errors.map(({ index }) => index)).size;
    process.exitCode = options.acceptValid && refused < rows.length ? 0 : 1;
  });
}

async function uploadAll(client: ApiClient, archive: string): Promise<void> {
  const { readArchive } = await import("./receipt-archive.ts");
  let uploaded = 0;
  for await (const { fileName, bytes } of readArchive(new Uint8Array(await readFile(archive)))) {
    await client.uploadDocument(fileName, bytes);
    uploaded += 1;
  }
  process.stdout.write(`${count(uploaded, "documento enviado", "documentos enviados")}.\n`);
}

async function writeRefused(
  file: string,
  rows: readonly unknown[],
  errors: RowErrors,
): Promise<void> {
  const { writeRefusedRows } = await import("../expenses/refused-rows.ts");
  const { dir, name } = path.parse(file);
  const target = path.join(dir, `${name}-recusadas.csv`);
  await writeFile(target, writeRefusedRows(rows, errors));
  process.stdout.write(
    `As linhas recusadas estão em ${target}: corrija-as e envie esse arquivo.\n`,
  );
}

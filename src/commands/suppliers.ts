import { access } from "node:fs/promises";
import { Command } from "commander";
import { dateInBrasilia, parseDate } from "../calendar/brasilia.ts";
import { loadEnvironment } from "../config.ts";
import { openSession } from "../database/open-session.ts";
import { loginConnection } from "./database-session.ts";

const SHOWN_REFUSALS = 20;

/** Loads the local mirror of the company registry. */
export function suppliersCommand(clock: () => Date = () => new Date()): Command {
  const command = new Command("suppliers").description("cadastro de fornecedores");
  command
    .command("import")
    .description("carrega os dados abertos do CNPJ (Estabelecimentos, Empresas, Simples; .zip)")
    .argument("<files...>", "arquivos da Receita Federal, todos os de uma mesma carga")
    .requiredOption("--date <date>", "data da carga, AAAA-MM-DD")
    .action(async (files: string[], options: { date: string }) => {
      if (parseDate(options.date) === undefined) {
        throw new Error(`"${options.date}" não é uma data AAAA-MM-DD.`);
      }
      // What is newer is kept: data of a day to come would stand against every load until then.
      if (options.date > dateInBrasilia(clock())) {
        throw new Error(`A data da carga, ${options.date}, está no futuro.`);
      }
      // Before anything is loaded: of many files of gigabytes, the last may be the one that is missing.
      await Promise.all(files.map((file) => access(file)));
      const { importOpenData } = await import("../suppliers/import-open-data.ts");
      const client = await openSession({
        connectionString: await loginConnection(loadEnvironment(), "worker"),
        application_name: "blindagem suppliers import",
      });
      try {
        const result = await importOpenData(client, files, { sourceDate: options.date });
        process.stdout.write(
          `Estabelecimentos: ${result.establishments}; empresas: ${result.companies}; Simples: ${result.simples}; guardados: ${result.stored}; recusados: ${result.refusedCount}.\n`,
        );
        for (const refusal of result.refused.slice(0, SHOWN_REFUSALS)) {
          process.stderr.write(`${refusal.file}:${refusal.line}: ${refusal.cause}\n`);
        }
      } finally {
        await client.end();
      }
    });
  return command;
}

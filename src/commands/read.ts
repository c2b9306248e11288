import { Command, Option } from "commander";
import type { ReadOptions } from "./read-files.ts";

const WRONG_USAGE = 2;

/**
 * Reads documents from files, without a database. It ends with status 0 when each file could be looked at, whatever
 * came of it, with 1 when one could not be opened, and with 2 when it was called wrongly.
 */
export function readCommand(): Command {
  return new Command("read")
    .description(
      "lê comprovantes, notas e boletos de arquivos e diz se a data e a hora lidas merecem confiança, sem banco de dados",
    )
    .argument("<files...>", "arquivos PNG, JPEG, WebP, TIFF ou PDF")
    .addOption(
      new Option("--language <language>", "língua dos documentos")
        .choices(["por", "eng", "por+eng"])
        .default("por"),
    )
    .option("--json", "uma linha de JSON por arquivo, na ordem dos argumentos")
    .addHelpText(
      "after",
      "\nTermina com 0 se todos os arquivos puderam ser examinados, 1 se algum não pôde ser aberto, 2 se os argumentos estão errados.",
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG_USAGE))
    .action(async (files: string[], options: ReadOptions) => {
      const { readFiles } = await import("./read-files.ts");
      await readFiles(files, options);
    });
}

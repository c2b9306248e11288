import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import { fail } from "./fail.ts";

/** Status of a command whose input is wrong, as shells and tools have it. */
const BAD_INPUT = 2;

/** Matches the expenses and bank movements of a file, without a database. */
export function reconcileCommand(): Command {
  return new Command("reconcile")
    .description("concilia as despesas e o extrato de um arquivo JSON, sem banco de dados")
    .argument("<file>", "arquivo do caso; - lê da entrada padrão")
    .option("--json", "resultado em JSON (é o padrão)")
    .option("--out <file>", "grava o resultado nesse arquivo, em vez de mostrá-lo")
    .action(async (file: string, options: { out?: string }) => {
      const { CaseFileError, readCase } = await import("../reconciliation/case-file.ts");
      const { reconcileCase } = await import("../reconciliation/reconcile-case.ts");
      let output: string;
      try {
        const { condominiums, unknownFields } = readCase(await readInput(file));
        if (unknownFields.length > 0) {
          process.stderr.write(`Campos desconhecidos, ignorados: ${unknownFields.join(", ")}.\n`);
        }
        output = `${JSON.stringify(reconcileCase(condominiums), undefined, 2)}\n`;
      } catch (error) {
        fail(error instanceof CaseFileError ? new Error(`${file}: ${error.message}`) : error);
        process.exitCode = BAD_INPUT;
        return;
      }
      if (options.out === undefined) process.stdout.write(output);
      else await writeFile(options.out, output);
    });
}

async function readInput(file: string): Promise<string> {
  return file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
}

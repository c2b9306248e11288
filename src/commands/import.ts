import { readFile } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import { ApiRefusal, type StatementAnswer } from "../client/api-client.ts";
import { count } from "../validation/catalogue/portuguese.ts";
import { type ApiOptions, apiClient, withApiOptions } from "./api-options.ts";

interface Options extends ApiOptions {
  condominium?: string;
  account?: string;
  newAccount: boolean;
  reason?: string;
}

/** HTTP statuses that tell of the file handed in, not of who hands it in, or of the API. */
const REFUSED_FILE = new Set([400, 413]);

/** Hands in bank statements and payment returns. */
export function importCommand(): Command {
  const command = new Command("import")
    .description("importa extratos (OFX) e retornos de pagamento (CNAB 240)")
    .argument("<files...>", "arquivos do banco")
    .option(
      "--condominium <id>",
      "condomínio de quem são as contas; sem ele, o pool da administradora",
    )
    .option("--account <id>", "conta do arquivo, se o número dela ainda não é conhecido")
    .option("--new-account", "a conta do arquivo não é nenhuma das conhecidas", false)
    .option("--reason <text>", "motivo, para a trilha de auditoria");
  return withApiOptions(command).action(async (files: string[], options: Options) => {
    const client = apiClient(options);
    for (const file of files) {
      const name = path.basename(file);
      const bytes = new Uint8Array(await readFile(file));
      try {
        const answer = await client.importStatement(name, bytes, {
          condominiumId: options.condominium,
          accountId: options.account,
          newAccount: options.newAccount,
          reason: options.reason,
        });
        process.stdout.write(`${linesOf(name, answer).join("\n")}\n`);
      } catch (error) {
        // Each file is taken by itself: those behind a refused one are not held up by it.
        if (!(error instanceof ApiRefusal && REFUSED_FILE.has(error.status))) throw error;
        process.stderr.write(`${name}: ${error.message}\n`);
        process.exitCode = 1;
      }
    }
  });
}

function linesOf(name: string, { repeated, accounts }: StatementAnswer): string[] {
  if (repeated) return [`${name}: já tinha sido importado; nada mudou.`];
  return accounts.map(({ accountId, from, to, added, known, doubtful, items }) => {
    const told = [
      items > 0
        ? count(items, "pagamento do retorno", "pagamentos do retorno")
        : count(added, "movimento novo", "movimentos novos"),
      ...(known > 0 ? [count(known, "já conhecido", "já conhecidos")] : []),
      ...(doubtful > 0 ? [`${doubtful} em dúvida: veja as revisões`] : []),
    ];
    const period = from !== null && to !== null ? ` de ${from} a ${to}` : "";
    return `${name}: conta ${accountId}${period}: ${told.join(", ")}.`;
  });
}

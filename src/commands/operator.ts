import { Command } from "commander";
import { asCommand } from "./database-session.ts";

/** Makes operators, who see the queue across tenants: only here, never by a request. */
export function operatorCommand(): Command {
  const command = new Command("operator").description("operadores da plataforma");
  command
    .command("create")
    .description("dá a uma pessoa o papel de operador (fila, sem conteúdo de despesas)")
    .requiredOption("--subject <sub>", "claim sub do token")
    .requiredOption("--name <name>", "nome")
    .option("--email <email>", "e-mail")
    .action(async (options: { subject: string; name: string; email?: string }) => {
      await asCommand({ role: "operator", reason: "Criação de operador por comando" }, (client) =>
        client.query("select blindagem_private.grant_operator($1, $2, $3)", [
          options.subject,
          options.name,
          options.email ?? null,
        ]),
      );
      process.stdout.write("Operador criado.\n");
    });
  return command;
}

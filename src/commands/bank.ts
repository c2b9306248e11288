import { Command } from "commander";
import { asCommand } from "./database-session.ts";

/** Connects a condominium's bank. */
export function bankCommand(): Command {
  const command = new Command("bank").description("conexões bancárias");
  command
    .command("connect")
    .description("liga um item da Pluggy a um condomínio e pede a primeira sincronização")
    .requiredOption("--organization <id>", "administradora")
    .requiredOption("--item <id>", "itemId da Pluggy")
    .option("--condominium <id>", "condomínio (sem ele: conta pool da administradora)")
    .action(async (options: { organization: string; item: string; condominium?: string }) => {
      await asCommand(
        {
          role: "admin",
          organizationId: options.organization,
          reason: "Conexão bancária por comando",
        },
        (client) =>
          client.query("select blindagem.connect_bank($1, $2)", [
            options.item,
            options.condominium ?? null,
          ]),
      );
      process.stdout.write("Conexão criada; a primeira sincronização está na fila.\n");
    });
  return command;
}

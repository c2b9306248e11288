import { Command } from "commander";
import { asCommand } from "./database-session.ts";

/** Sets an organization's settings. */
export function settingCommand(): Command {
  const command = new Command("setting").description("ajustes de uma administradora");
  command
    .command("set")
    .description("muda um ajuste, com motivo")
    .argument("<name>", "nome do ajuste, por exemplo fact_deadline_hours")
    .argument("<value>", "valor inteiro")
    .requiredOption("--organization <id>", "administradora")
    .requiredOption("--reason <text>", "motivo")
    .action(
      async (name: string, value: string, options: { organization: string; reason: string }) => {
        if (!/^\d{1,6}$/.test(value)) throw new Error(`"${value}" não é um número inteiro.`);
        await asCommand(
          { role: "admin", organizationId: options.organization, reason: "Ajuste por comando" },
          (client) =>
            client.query("select blindagem.set_setting($1, $2, $3)", [name, value, options.reason]),
        );
        process.stdout.write("Ajuste guardado.\n");
      },
    );
  return command;
}

import { Command } from "commander";
import { asCommand } from "./database-session.ts";

/** Makes keys for other systems. */
export function apiKeyCommand(): Command {
  const command = new Command("api-key").description("chaves de API de outros sistemas");
  command
    .command("create")
    .description("cria uma chave; ela é mostrada só uma vez")
    .argument("<name>", "para que sistema")
    .requiredOption("--organization <id>", "administradora")
    .action(async (name: string, options: { organization: string }) => {
      const key = await asCommand(
        {
          role: "admin",
          organizationId: options.organization,
          reason: "Chave de API criada por comando",
        },
        async (client) => {
          const { rows } = await client.query<{ key: string }>(
            "select key from blindagem.create_api_key($1)",
            [name],
          );
          return rows[0]?.key;
        },
      );
      process.stdout.write(`${key}\n`);
    });
  return command;
}

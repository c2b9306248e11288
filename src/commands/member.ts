import { Command, Option } from "commander";
import { asCommand } from "./database-session.ts";

/** Gives people a role in an administradora. */
export function memberCommand(): Command {
  const command = new Command("member").description("membros de uma administradora");
  command
    .command("add")
    .description("dá a uma pessoa um papel na administradora")
    .requiredOption("--organization <id>", "administradora")
    .requiredOption("--subject <sub>", "claim sub do token")
    .requiredOption("--name <name>", "nome")
    .option("--email <email>", "e-mail")
    .addOption(
      new Option("--role <role>", "papel")
        .choices(["admin", "reviewer", "integrator"])
        .makeOptionMandatory(),
    )
    .action(
      async (options: {
        organization: string;
        subject: string;
        name: string;
        email?: string;
        role: string;
      }) => {
        await asCommand(
          {
            role: "admin",
            organizationId: options.organization,
            reason: "Inclusão de membro por comando",
          },
          (client) =>
            client.query("select blindagem.add_member($1, $2, $3, $4)", [
              options.subject,
              options.name,
              options.email ?? null,
              options.role,
            ]),
        );
        process.stdout.write("Membro incluído.\n");
      },
    );
  return command;
}

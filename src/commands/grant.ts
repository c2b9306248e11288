import { Command, Option } from "commander";
import { parseDate } from "../calendar/brasilia.ts";
import { asCommand } from "./database-session.ts";

interface GrantOptions {
  organization: string;
  subject: string;
  name: string;
  email?: string;
  role: string;
  condominium?: string;
  until?: string;
}

/** Grants síndicos and auditors their view, for a condominium or the whole organization. */
export function grantCommand(): Command {
  return new Command("grant")
    .description(
      "concede o papel de síndico ou auditor (o conselho fiscal é auditor de um condomínio)",
    )
    .requiredOption("--organization <id>", "administradora que concede")
    .requiredOption("--subject <sub>", "claim sub do token")
    .requiredOption("--name <name>", "nome")
    .option("--email <email>", "e-mail")
    .addOption(
      new Option("--role <role>", "papel").choices(["sindico", "auditor"]).makeOptionMandatory(),
    )
    .option("--condominium <id>", "só este condomínio (sem ele: auditor da administradora inteira)")
    .option("--until <date>", "primeiro dia sem a concessão, AAAA-MM-DD")
    .action(async (options: GrantOptions) => {
      if (options.until !== undefined && parseDate(options.until) === undefined) {
        throw new Error(`"${options.until}" não é uma data AAAA-MM-DD.`);
      }
      await asCommand(
        { role: "admin", organizationId: options.organization, reason: "Concessão por comando" },
        (client) =>
          client.query("select blindagem.grant_role($1, $2, $3, $4, $5, $6)", [
            options.subject,
            options.name,
            options.email ?? null,
            options.role,
            options.condominium ?? null,
            options.until ?? null,
          ]),
      );
      process.stdout.write("Papel concedido.\n");
    });
}

import { Command, Option } from "commander";
import type { TokenSubject } from "../client/sign-token.ts";
import { loadEnvironment } from "../config.ts";
import { REQUEST_ROLES } from "../database/role-names.ts";
import { requireLocalState } from "./database-session.ts";

const ROLES = REQUEST_ROLES.filter((role) => role !== "anonymous");

/** Signs a sign-in token with the installation's own secret, where no identity provider does. */
export function tokenCommand(): Command {
  return new Command("token")
    .description("assina um token de acesso com JWT_SECRET (ou o segredo local de `start`)")
    .requiredOption("--subject <sub>", "pessoa")
    .addOption(new Option("--role <role>", "papel").choices(ROLES).makeOptionMandatory())
    .option("--organization <id>", "administradora")
    .option("--hours <n>", "validade", "8")
    .action(
      async (options: {
        subject: string;
        role: TokenSubject["role"];
        organization?: string;
        hours: string;
      }) => {
        if (!/^\d{1,4}$/.test(options.hours))
          throw new Error("--hours é um número inteiro de horas.");
        const environment = loadEnvironment();
        const secret =
          environment.JWT_SECRET ??
          (await requireLocalState(environment.STATE_DIRECTORY)).jwtSecret;
        const { signToken } = await import("../client/sign-token.ts");
        const token = await signToken(
          secret,
          {
            subject: options.subject,
            role: options.role,
            organizationId: options.organization,
          },
          Number(options.hours),
          new Date(),
        );
        process.stdout.write(`${token}\n`);
      },
    );
}

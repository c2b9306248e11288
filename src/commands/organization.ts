import { Command } from "commander";
import { parseCnpj } from "../identifiers/cnpj.ts";
import { asCommand } from "./database-session.ts";
import { addOrganizationWeight } from "./organization-weight.ts";

/** Creates administradoras: what an empty database needs first. */
export function organizationCommand(): Command {
  const command = new Command("organization").description("administradoras");
  command
    .command("create")
    .description("cria uma administradora com seu primeiro administrador")
    .argument("<name>", "razão social")
    .requiredOption("--admin-subject <sub>", "claim sub do token do administrador")
    .requiredOption("--admin-name <name>", "nome do administrador")
    .option("--admin-email <email>", "e-mail do administrador")
    .option("--cnpj <cnpj>", "CNPJ da administradora")
    .action(async (name: string, options: CreateOptions) => {
      const cnpj = checkedCnpj(options.cnpj);
      const id = await asCommand(
        { role: "operator", reason: "Criação de administradora por comando" },
        async (client) => {
          const { rows } = await client.query<{ id: string }>(
            "select id from blindagem.create_organization($1, $2, $3, $4, $5)",
            [name, cnpj, options.adminSubject, options.adminName, options.adminEmail ?? null],
          );
          return rows[0]?.id;
        },
      );
      process.stdout.write(`Administradora ${id} criada.\n`);
    });
  addOrganizationWeight(command);
  return command;
}

interface CreateOptions {
  adminSubject: string;
  adminName: string;
  adminEmail?: string;
  cnpj?: string;
}

/** @throws Error when there is a text and it is no CNPJ */
export function checkedCnpj(text: string | undefined): string | null {
  if (text === undefined || text === "") return null;
  const cnpj = parseCnpj(text);
  if (cnpj === undefined)
    throw new Error(`"${text}" não é um CNPJ: confira os 14 caracteres e os dígitos.`);
  return cnpj;
}

import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { count } from "../validation/catalogue/portuguese.ts";
import { asCommand } from "./database-session.ts";
import { checkedCnpj } from "./organization.ts";

interface CreateOptions {
  organization: string;
  code: string;
  cnpj?: string;
  city?: string;
  state?: string;
}

/** Registers condominiums under an administradora. */
export function condominiumCommand(): Command {
  const command = new Command("condominium").description("condomínios de uma administradora");
  command
    .command("create")
    .description("cadastra um condomínio")
    .argument("<name>", "nome")
    .requiredOption("--organization <id>", "administradora")
    .requiredOption("--code <code>", "código do condomínio na administradora")
    .option("--cnpj <cnpj>", "CNPJ (um prédio novo pode não ter)")
    .option("--city <city>", "cidade")
    .option("--state <uf>", "UF")
    .action(async (name: string, options: CreateOptions) => {
      const cnpj = checkedCnpj(options.cnpj);
      const id = await asCommand(
        {
          role: "admin",
          organizationId: options.organization,
          reason: "Cadastro de condomínio por comando",
        },
        async (client) => {
          const { rows } = await client.query<{ id: string }>(
            "select id from blindagem.create_condominium($1, $2, $3, $4, $5)",
            [name, options.code, cnpj, options.city ?? null, options.state ?? null],
          );
          return rows[0]?.id;
        },
      );
      process.stdout.write(`Condomínio ${id} cadastrado.\n`);
    });
  command
    .command("import")
    .description("cadastra os condomínios de um CSV: codigo;nome;cnpj;cidade;uf;desde")
    .argument("<file>", "arquivo CSV com cabeçalho")
    .requiredOption("--organization <id>", "administradora")
    .action(async (file: string, options: { organization: string }) => {
      const { readCondominiums } = await import("../tenancy/condominium-file.ts");
      const condominiums = readCondominiums(new Uint8Array(await readFile(file)));
      await asCommand(
        {
          role: "admin",
          organizationId: options.organization,
          reason: "Importação de condomínios por comando",
        },
        (client) =>
          client.query("select blindagem.import_condominiums($1)", [JSON.stringify(condominiums)]),
      );
      process.stdout.write(
        `${count(condominiums.length, "condomínio cadastrado", "condomínios cadastrados")}.\n`,
      );
    });
  return command;
}

import type { Command } from "commander";
import { asCommand } from "./database-session.ts";

/** Adds the command that sets how much of the workers an administradora gets beside others. */
export function addOrganizationWeight(command: Command): void {
  command
    .command("weight")
    .description("muda o peso de uma administradora na fila, com motivo (padrão: 1)")
    .argument("<organization>", "administradora")
    .argument("<weight>", "de 0.01 a 100; com 2, recebe o dobro de quem tem 1")
    .requiredOption("--reason <text>", "motivo")
    .action(async (organization: string, weight: string, { reason }: { reason: string }) => {
      const decimal = weight.replace(",", ".");
      if (!/^\d{1,18}$/.test(organization)) {
        throw new Error(`"${organization}" não é o número de uma administradora.`);
      }
      if (!/^-?\d{1,9}(\.\d{1,9})?$/.test(decimal)) {
        throw new Error(`"${weight}" não é um número.`);
      }
      await asCommand({ role: "operator", reason: "Peso por comando" }, (client) =>
        client.query("select blindagem.set_organization_weight($1, $2, $3)", [
          organization,
          decimal,
          reason,
        ]),
      );
      process.stdout.write("Peso guardado; vale também para o que já espera na fila.\n");
    });
}

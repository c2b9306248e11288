import { Command } from "commander";
import { loadEnvironment } from "../config.ts";
import type { LoginPasswords } from "../database/roles.ts";

const UNSIGNED =
  "Sem a chave de intenções (INTENT_KEY), o que esta versão traz (regras, categorias, definições) fica no registro de auditoria como OUT_OF_BAND.\n";

/** Installs or updates the schema; the only command that needs the migrating role. */
export function migrateCommand(): Command {
  return new Command("migrate")
    .description("instala ou atualiza papéis e esquema no banco de DATABASE_URL")
    .action(async () => {
      const environment = loadEnvironment();
      if (!environment.DATABASE_URL) {
        throw new Error(
          "Defina DATABASE_URL: a conexão do papel que migra (com CREATEROLE, e CREATE no banco).",
        );
      }
      const passwords: LoginPasswords = {
        ...(environment.AUTHENTICATOR_PASSWORD && {
          authenticator: environment.AUTHENTICATOR_PASSWORD,
        }),
        ...(environment.WORKER_PASSWORD && { worker: environment.WORKER_PASSWORD }),
        ...(environment.SEALER_PASSWORD && { sealer: environment.SEALER_PASSWORD }),
      };
      const { migrate } = await import("../database/migrate.ts");
      const { createAttest } = await import("../audit/attest.ts");
      const { intentSignerIfAny } = await import("../audit/configured-keys.ts");
      const signer = await intentSignerIfAny(environment);
      await migrate(environment.DATABASE_URL, environment.ROLE_PREFIX, passwords, {
        attest: signer && createAttest(async () => signer),
      });
      process.stdout.write("O esquema está atualizado.\n");
      if (signer === undefined) process.stdout.write(UNSIGNED);
    });
}

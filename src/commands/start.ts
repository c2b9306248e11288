import { Command } from "commander";
import { loadEnvironment } from "../config.ts";

/** Starts everything on this machine; without DATABASE_URL with an embedded PostgreSQL and the demo. */
export function startCommand(): Command {
  return new Command("start")
    .description("inicia tudo: banco (embutido sem DATABASE_URL), API, trabalhadores e selagem")
    .option("--demo", "carrega a demonstração também no banco de DATABASE_URL, se estiver vazio")
    .option("--no-demo", "não carrega a demonstração, nem simula CNPJ.ws e Pluggy")
    .action(async (options: { demo?: boolean }) => {
      const { serve } = await import("../start/serve.ts");
      const environment = loadEnvironment();
      await serve(environment, options.demo ?? environment.DATABASE_URL === undefined);
    });
}

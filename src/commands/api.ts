import { Command } from "commander";
import { loadEnvironment } from "../config.ts";

/** Runs the HTTP API. */
export function apiCommand(): Command {
  return new Command("api")
    .description("serve a API: GraphQL, envio de lotes, documentos, webhooks, saúde")
    .action(async () => {
      // Read when Grafast is loaded; without it, it gives everybody who starts the API advice for its developers.
      process.env.GRAPHILE_ENV ??= "production";
      const { runApiProcess } = await import("../processes/api.ts");
      await runApiProcess(loadEnvironment());
    });
}

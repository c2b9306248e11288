import type { Command } from "commander";
import { type ApiClient, createApiClient } from "../client/api-client.ts";
import { loadEnvironment } from "../config.ts";

/** Where the API is and who asks, as options or environment variables. */
export interface ApiOptions {
  url?: string;
  token?: string;
  onBehalfOf?: string;
}

/** Adds --url, --token and --on-behalf-of to a command that works through the API. */
export function withApiOptions(command: Command): Command {
  return command
    .option("--url <url>", "endereço da API (ou BLINDAGEM_URL; senão o local)")
    .option("--token <token>", "token de acesso ou chave de API (ou BLINDAGEM_TOKEN)")
    .option("--on-behalf-of <sub>", "com chave de API: em nome de quem");
}

/** @throws Error saying how to give a token */
export function apiClient(options: ApiOptions): ApiClient {
  const environment = loadEnvironment();
  const token = options.token ?? environment.BLINDAGEM_TOKEN;
  if (!token) {
    throw new Error(
      "Falta o token: use --token ou BLINDAGEM_TOKEN (`blindagem token` assina um nesta instalação).",
    );
  }
  return createApiClient({
    url: options.url ?? environment.BLINDAGEM_URL ?? `http://127.0.0.1:${environment.PORT}`,
    token,
    onBehalfOf: options.onBehalfOf,
  });
}

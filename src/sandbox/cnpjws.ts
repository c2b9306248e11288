import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { parseCnpj } from "../identifiers/cnpj.ts";
import { readSandboxCompanies, type SandboxCompany, type ScriptedAnswer } from "./cnpjws-data.ts";

export type CnpjWsSandboxOptions = {
  /** 0 lets the system choose. */
  port: number;
  /** CNPJ -> body of the 200, or the path of a data file (see `readSandboxCompanies`). */
  companies: ReadonlyMap<string, unknown> | string;
  /** Requests allowed per minute: of an IP (public), or of the token (commercial). The real public one is 3. */
  limit: { perMinute: number };
  /** With a token the sandbox is the commercial service: it wants the token in `x_api_token`. */
  token?: string | undefined;
  clock?: () => Date;
  /** How long every answer takes; default 0. */
  latencyMs?: number;
  /** Per CNPJ: answers that come, in this order, before the normal one. */
  failures?: Readonly<Record<string, readonly ScriptedAnswer[]>>;
};

export type CnpjWsSandbox = {
  /** Base URL, "http://127.0.0.1:12345". */
  url: string;
  /** Requests so far per CNPJ, those refused by the limit or the token included. */
  requests(): ReadonlyMap<string, number>;
  /** Ends open answers too, and resolves when the port is free. */
  close(): Promise<void>;
};

/** A status with its JSON body, or one of the answers that are none. */
type Reply = { status: number; body: unknown } | "timeout" | "stall" | "html";

const MINUTE_MS = 60_000;

/** As `Date.prototype.toString` writes it on a machine in Brasília, which is what CNPJ.ws sends. */
function dateInText(instant: Date): string {
  const local = new Date(Math.ceil(instant.getTime() / 1000) * 1000 - 3 * 60 * MINUTE_MS);
  const [weekday = "", day, month, year, time] = local.toUTCString().split(" ");
  return `${weekday.slice(0, 3)} ${month} ${day} ${year} ${time} GMT-0300 (Brasilia Standard Time)`;
}

const ERRORS: Readonly<Record<number, { titulo: string; detalhes: string }>> = {
  400: { titulo: "Requisição inválida", detalhes: "CNPJ inválido" },
  401: { titulo: "Não autorizado", detalhes: "Token inválido" },
  404: { titulo: "Não encontrado", detalhes: "CNPJ não encontrado" },
  500: { titulo: "Erro interno", detalhes: "Erro interno no servidor" },
  503: { titulo: "Serviço indisponível", detalhes: "Tente novamente mais tarde" },
};

function errorReply(status: number): Reply {
  const { titulo, detalhes } = ERRORS[status] ?? { titulo: "Erro", detalhes: `Erro ${status}` };
  return { status, body: { status, titulo, detalhes, validacao: [] } };
}

function deliver(response: ServerResponse, reply: Reply): void {
  if (reply === "timeout") return;
  if (reply === "html") {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end("<!DOCTYPE html><title>Just a moment...</title>");
    return;
  }
  const status = reply === "stall" ? 200 : reply.status;
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  if (reply === "stall") response.write('{"razao_social": "');
  else response.end(JSON.stringify(reply.body));
}

/**
 * A stand-in for CNPJ.ws on the loopback: `GET /cnpj/{cnpj}`, public or commercial, with its limit
 * (a 429 that names the release time only in its text), its errors, and failures by script. It judges
 * nothing: it answers with the data it is given. It says what it is in the header `x-blindagem-sandbox`.
 *
 * The limit counts a minute from the first request in it; refused requests do not count. Whether the
 * real service counts so is not known. Bodies of 401 and 5xx are inferred from that of the 429.
 */
export async function startCnpjWsSandbox(options: CnpjWsSandboxOptions): Promise<CnpjWsSandbox> {
  const { limit, token, clock = () => new Date(), latencyMs = 0 } = options;
  const companies: ReadonlyMap<string, SandboxCompany | number> =
    typeof options.companies === "string"
      ? readSandboxCompanies(options.companies)
      : new Map([...options.companies].map(([cnpj, body]) => [cnpj, { body, answers: [] }]));
  const scripts = new Map<string, ScriptedAnswer[]>();
  for (const [cnpj, company] of companies) {
    if (typeof company !== "number") scripts.set(cnpj, [...company.answers]);
  }
  for (const [cnpj, answers] of Object.entries(options.failures ?? {})) {
    scripts.set(cnpj, [...answers]);
  }
  const counts = new Map<string, number>();
  const windows = new Map<string, { endsAt: number; used: number }>();

  /** Undefined: allowed. Else when the next request will be. */
  function refusedUntil(client: string): Date | undefined {
    const now = clock().getTime();
    let window = windows.get(client);
    if (window === undefined || window.endsAt <= now) {
      window = { endsAt: now + MINUTE_MS, used: 0 };
      windows.set(client, window);
    }
    if (window.used >= limit.perMinute) return new Date(window.endsAt);
    window.used += 1;
    return undefined;
  }

  function tooMany(until: Date): Reply {
    const detalhes =
      `Excedido o limite máximo de ${limit.perMinute} consultas por minuto. ` +
      `Liberação ocorrerá em ${dateInText(until)}`;
    return {
      status: 429,
      body: { status: 429, titulo: "Muitas requisições", detalhes, validacao: [] },
    };
  }

  function companyReply(asked: string): Reply {
    if (parseCnpj(asked) !== asked) return errorReply(400);
    const company = companies.get(asked);
    if (typeof company === "number") return errorReply(company);
    if (company?.body === undefined) return errorReply(404);
    return { status: 200, body: company.body };
  }

  function replyTo(request: IncomingMessage): Reply {
    const asked = /^\/cnpj\/([^/?]+)(?:\?.*)?$/.exec(request.url ?? "")?.[1];
    if (request.method !== "GET" || asked === undefined) return errorReply(404);
    counts.set(asked, (counts.get(asked) ?? 0) + 1);
    if (token !== undefined && request.headers.x_api_token !== token) return errorReply(401);
    const until = refusedUntil(token ?? request.socket.remoteAddress ?? "");
    if (until !== undefined) return tooMany(until);
    const scripted = scripts.get(asked)?.shift() ?? 200;
    if (scripted === 200) return companyReply(asked);
    if (scripted === 429) return tooMany(new Date(clock().getTime() + MINUTE_MS));
    return typeof scripted === "number" ? errorReply(scripted) : scripted;
  }

  const server = createServer((request, response) => {
    response.setHeader("x-blindagem-sandbox", "cnpjws");
    const reply = replyTo(request);
    if (latencyMs === 0) deliver(response, reply);
    else setTimeout(deliver, latencyMs, response, reply);
  });
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => new Map(counts),
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

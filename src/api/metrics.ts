import type { FastifyInstance, FastifyRequest } from "fastify";
import type pg from "pg";
import { Counter, Histogram } from "prom-client";
import { roleName } from "../database/role-names.ts";
import { createDatabaseGauges } from "../observability/database-gauges.ts";
import { scrape } from "../observability/metrics-server.ts";
import { measurePool } from "../observability/pool-metrics.ts";
import { measureProcess, registry, SECONDS } from "../observability/registry.ts";
import { ApiError } from "./errors.ts";
import type { ApiOptions } from "./options.ts";
import { createTrust } from "./trusted-proxies.ts";

const requests = new Histogram({
  name: "blindagem_http_request_seconds",
  help: "HTTP requests by the route's pattern, and how long they took.",
  labelNames: ["method", "route", "status"],
  buckets: SECONDS,
  registers: [registry],
});
const graphqlErrors = new Counter({
  name: "blindagem_graphql_errors_total",
  help: "Errors in answers of GraphQL, by code; INVALID: the operation does not fit the schema.",
  labelNames: ["code"],
  registers: [registry],
});
const batches = new Counter({
  name: "blindagem_batches_submitted_total",
  help: "Batches that were stored.",
  registers: [registry],
});
const expenses = new Counter({
  name: "blindagem_expenses_submitted_total",
  help: "Expenses that were stored with them.",
  registers: [registry],
});

export function countGraphqlError(code: string): void {
  graphqlErrors.inc({ code });
}

/** Counts a batch that was stored now: neither a dry run, nor a repeat of an earlier one. */
export function countSubmission(result: {
  batchId: string | null;
  accepted: number;
  repeated: boolean;
}): void {
  if (result.batchId === null || result.repeated) return;
  batches.inc();
  expenses.inc(result.accepted);
}

/** Headers by which a request shows that a proxy has passed it on. */
const FORWARDED = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];

/**
 * `/metrics`, for the addresses that may scrape; for all others the address does not exist. What comes through a proxy
 * is refused whatever the proxy's address: it would be the whole world's.
 *
 * @returns what ends it
 */
export function addMetrics(app: FastifyInstance, options: ApiOptions, pool: pg.Pool) {
  const mayScrape = createTrust(options.metricsAllow ?? []);
  const gauges = createDatabaseGauges({
    databaseUrl: options.databaseUrl,
    role: roleName(options.rolePrefix, "operator"),
    queue: true,
    deadAfterMs: options.workerDeadAfterMs ?? 45_000,
  });
  measureProcess();
  measurePool(pool);
  app.addHook("onResponse", async (request, reply) => {
    requests.observe(
      {
        method: request.method,
        route: request.routeOptions.url ?? "none",
        status: String(reply.statusCode),
      },
      reply.elapsedTime / 1000,
    );
  });
  app.get("/metrics", async (request: FastifyRequest, reply) => {
    const isDirect = FORWARDED.every((name) => request.headers[name] === undefined);
    if (!isDirect || !mayScrape(request.socket.remoteAddress)) {
      throw new ApiError("BLD03", "Este endereço não existe.");
    }
    const { type, text } = await scrape(gauges);
    return reply.type(type).send(text);
  });
  return { close: () => gauges.close() };
}

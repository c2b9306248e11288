import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import type { DatabaseGauges } from "./database-gauges.ts";
import { measureProcess, registry } from "./registry.ts";

export interface MetricsServerOptions {
  host: string;
  /** 0: nothing is served. */
  port: number;
  gauges: DatabaseGauges;
  logger: Logger;
}

export interface MetricsServer {
  /** Undefined when nothing is served. */
  url: string | undefined;
  close(): Promise<void>;
}

/** What a scrape gets: the gauges that need the database as of now, and all the others. */
export async function scrape(gauges: DatabaseGauges): Promise<{ type: string; text: string }> {
  await gauges.refresh();
  return { type: registry.contentType, text: await registry.metrics() };
}

/**
 * Serves /metrics of a process that has no HTTP server of its own. A port that is taken is logged, and the process goes
 * on: work does not wait for its being measured.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { gauges, logger } = options;
  if (options.port === 0) return { url: undefined, close: () => gauges.close() };
  measureProcess();
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url?.split("?", 1)[0] !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    scrape(gauges).then(
      ({ type, text }) => response.writeHead(200, { "content-type": type }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.requestTimeout = 10_000;
  const url = await new Promise<string | undefined>((resolve) => {
    server.once("error", (error) => {
      logger.error({ cause: error.message }, "metrics are not served");
      resolve(undefined);
    });
    server.listen(options.port, options.host, () => resolve(urlOf(server.address())));
  });
  if (url) logger.info({ url }, "metrics ready");
  // Measuring keeps no process alive.
  server.unref();
  return {
    url,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await gauges.close();
    },
  };
}

function urlOf(address: AddressInfo | string | null): string | undefined {
  if (address === null || typeof address === "string") return undefined;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}/metrics`;
}

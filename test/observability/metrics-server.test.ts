import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { countSealed, showSealing } from "../../src/audit/sealing-metrics.ts";
import { freePort } from "../../src/database/free-port.ts";
import {
  createDatabaseGauges,
  type DatabaseGaugesOptions,
} from "../../src/observability/database-gauges.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { type MetricsServer, startMetricsServer } from "../../src/observability/metrics-server.ts";
import { startWorkers } from "../../src/queue/workers.ts";
import { useServices } from "../../src/services.ts";
import { startTestSealing } from "../audit/start-sealing.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { createTenant } from "../database/world.ts";
import { servicesOf } from "../tasks/task-run.ts";
import { waitFor } from "../wait-for.ts";
import { figure, readExposition, type Sample } from "./exposition.ts";

const logger = createLogger("silent");

let database: TestDatabase;
let server: MetricsServer | undefined;
beforeAll(async () => {
  database = await createTestDatabase();
  useServices(servicesOf({ clock: () => new Date() }));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});
afterAll(() => database.drop());

async function serve(options: Partial<DatabaseGaugesOptions> = {}): Promise<void> {
  server = await startMetricsServer({
    host: "127.0.0.1",
    port: await freePort(),
    gauges: createDatabaseGauges({
      databaseUrl: database.url("worker"),
      queue: true,
      deadAfterMs: 45_000,
      ...options,
    }),
    logger,
  });
}

async function scrape(): Promise<Sample[]> {
  const response = await fetch(server?.url ?? "");
  expect(response.status).toBe(200);
  return readExposition(await response.text());
}

describe("/metrics of a worker", () => {
  it("tells the jobs that it ran, their outcome and their times", async () => {
    const worker = database.pool("worker");
    const tenant = await createTenant(database);
    await worker.query("select blindagem_private.enqueue_jobs($1)", [
      JSON.stringify([
        { task: "validate_expenses", payload: { expenseIds: [tenant.expenseId] } },
        { task: "cnpj_lookup", payload: { cnpj: "not one" } },
      ]),
    ]);
    await worker.query(
      "insert into blindagem_private.provider_buckets (provider, interval_ms) values ('CNPJWS', 1)",
    );
    const workers = await startWorkers({
      databaseUrl: database.url("worker"),
      concurrency: { QUICK: 2, PROVIDER: 1, READING: 1 },
      limits: [],
      logger,
      clock: () => new Date(),
    });
    await serve();
    const validated = { task: "validate_expenses", outcome: "finished" };
    const failed = { task: "cnpj_lookup", outcome: "failed" };
    const samples = await waitFor("both jobs to be counted", async () => {
      const found = await scrape();
      const total = (labels: Record<string, string>) =>
        figure(found, "blindagem_jobs_total", labels) ?? 0;
      return total(validated) >= 1 && total(failed) >= 1 && found;
    });
    const runs = "blindagem_job_run_seconds_count";
    expect(figure(samples, runs, { task: "validate_expenses" })).toBe(
      figure(samples, "blindagem_jobs_total", validated),
    );
    expect(
      figure(samples, "blindagem_job_wait_seconds_count", { task: "cnpj_lookup" }),
    ).toBeGreaterThanOrEqual(1);
    expect(figure(samples, "blindagem_workers", { state: "live" })).toBe(1);
    expect(figure(samples, "blindagem_provider_paused_seconds", { provider: "CNPJWS" })).toBe(0);
    expect(figure(samples, "blindagem_pool_connections", { state: "waiting" })).toBe(0);
    await workers.stop();
    const { rows } = await worker.query(
      `select sum(finished)::int as finished from blindagem_private.job_minutes
       where organization_id = 0 and task = 'validate_expenses'`,
    );
    expect(rows[0]).toEqual({
      finished: figure(await scrape(), "blindagem_jobs_total", validated),
    });
  });
});

describe("/metrics of the sealing process", () => {
  it("tells how many records it sealed, that it is the one that seals, and what waits", async () => {
    const sealing = await startTestSealing({
      databaseUrl: database.url("sealer"),
      pollMs: 20,
      logger,
      onSealed: countSealed,
    });
    showSealing(sealing);
    await serve({ databaseUrl: database.url("sealer"), queue: false });
    const samples = await waitFor("all to be sealed", async () => {
      const found = await scrape();
      return figure(found, "blindagem_audit_pending_records") === 0 && found;
    });
    expect(figure(samples, "blindagem_audit_sealed_total")).toBe(sealing.sealed());
    const { rows } = await database.pool("migrator").query<{ count: number }>(
      `select count(*)::int as count from blindagem_audit.audit_log_immutable where action = 'OUT_OF_BAND'
           and entity_type not in ('categories', 'definitions', 'reader_thresholds', 'rules')`,
    );
    expect(rows[0]?.count).toBeGreaterThan(0);
    expect(figure(samples, "blindagem_audit_out_of_band_total")).toBe(rows[0]?.count);
    expect(figure(samples, "blindagem_audit_sealing_active")).toBe(1);
    expect(figure(samples, "blindagem_audit_sealing_lag_seconds")).toBe(0);
    expect(figure(samples, "blindagem_audit_sealer_silent_seconds")).toBeGreaterThanOrEqual(0);
    expect(figure(samples, "blindagem_queue_jobs")).toBeUndefined();
    await sealing.stop();
  });
});

describe("a scrape without the database", () => {
  it("answers with what there is, and says so", async () => {
    await serve({ databaseUrl: `postgresql://nobody@127.0.0.1:${await freePort()}/nothing` });
    const samples = await scrape();
    expect(figure(samples, "blindagem_scrape_error")).toBe(1);
    expect(figure(samples, "blindagem_audit_pending_records")).toBeUndefined();
    expect(figure(samples, "blindagem_queue_jobs")).toBeUndefined();
    expect(figure(samples, "process_cpu_seconds_total")).toBeGreaterThan(0);
  });

  it("does not wait for one that accepts and never answers", async () => {
    const sockets = new Set<{ destroy(): void }>();
    const mute = createServer((socket) => sockets.add(socket.on("error", () => undefined)));
    const port = await freePort();
    await new Promise<void>((resolve) => mute.listen(port, "127.0.0.1", resolve));
    await serve({ databaseUrl: `postgresql://nobody@127.0.0.1:${port}/nothing` });
    expect(figure(await scrape(), "blindagem_scrape_error")).toBe(1);
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
});

describe("the server", () => {
  it("has nothing but /metrics", async () => {
    await serve();
    for (const path of ["/", "/metrics/x"]) {
      expect((await fetch(new URL(path, server?.url))).status).toBe(404);
    }
    expect((await fetch(server?.url ?? "", { method: "POST" })).status).toBe(404);
  });

  it("lets the process go on when its port is taken", async () => {
    await serve();
    const { port } = new URL(server?.url ?? "");
    const gauges = createDatabaseGauges({
      databaseUrl: database.url("worker"),
      queue: true,
      deadAfterMs: 45_000,
    });
    const second = await startMetricsServer({
      host: "127.0.0.1",
      port: Number(port),
      gauges,
      logger,
    });
    expect(second.url).toBeUndefined();
    await second.close();
  });

  it("is not there when no port is given", async () => {
    const gauges = createDatabaseGauges({
      databaseUrl: database.url("worker"),
      queue: true,
      deadAfterMs: 45_000,
    });
    const none = await startMetricsServer({ host: "127.0.0.1", port: 0, gauges, logger });
    expect(none.url).toBeUndefined();
    await none.close();
  });
});

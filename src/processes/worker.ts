import { intentSigner } from "../audit/configured-keys.ts";
import type { Environment } from "../config.ts";
import { DatabaseClock } from "../database/database-clock.ts";
import { createDatabaseGauges } from "../observability/database-gauges.ts";
import { createLogger } from "../observability/logger.ts";
import { startMetricsServer } from "../observability/metrics-server.ts";
import { startTracing, stopTracing } from "../observability/tracing.ts";
import { TakenForDead } from "../queue/liveness.ts";
import type { Bucket, ProviderLimit } from "../queue/provider-slot.ts";
import { startWorkers } from "../queue/workers.ts";
import { bucketsOf, createServices, useServices } from "../services.ts";
import { databaseUrl } from "./database-urls.ts";
import { runUntilStopped, tellReady } from "./run-until-stopped.ts";

/** A worker process: runs jobs until it is stopped, and finishes those that run. Start as many as needed. */
export async function runWorkerProcess(environment: Environment): Promise<void> {
  const logger = createLogger(environment.LOG_LEVEL);
  // Without a key nothing could be written: better it does not start.
  await intentSigner(environment);
  await startTracing(environment, "worker", logger);
  const clock = new DatabaseClock(() => new Date(), logger);
  const services = createServices(environment, logger, clock.now);
  useServices(services);
  const workers = await startWorkers({
    databaseUrl: databaseUrl(environment, "worker"),
    concurrency: {
      QUICK: environment.WORKER_CONCURRENCY,
      PROVIDER: environment.PROVIDER_CONCURRENCY,
      READING: environment.OCR_PROCESSES,
    },
    limits: providerLimits(environment),
    heartbeatMs: environment.WORKER_HEARTBEAT_MS,
    deadAfterMs: environment.WORKER_DEAD_AFTER_MS,
    logger,
    clock: clock.now,
    onTime: clock.note,
  });
  const metrics = await startMetricsServer({
    host: environment.METRICS_HOST,
    port: environment.METRICS_PORT,
    gauges: createDatabaseGauges({
      databaseUrl: databaseUrl(environment, "worker"),
      queue: true,
      deadAfterMs: environment.WORKER_DEAD_AFTER_MS,
    }),
    logger,
  });
  if (environment.SANDBOX)
    logger.info("suppliers and banks are the sandbox's, not the real services'");
  logger.info("worker ready");
  tellReady();
  try {
    await runUntilStopped(workers.finished, async () => {
      logger.info("worker stopping: it finishes its running jobs");
      await workers.stop();
      await services.close();
      await metrics.close();
      await stopTracing();
    });
  } catch (error) {
    if (!(error instanceof TakenForDead)) throw error;
    // Jobs that still wait for an answer would keep the process alive.
    logger.error({ cause: error.message }, "worker ends");
    process.exit(1);
  }
}

/**
 * A twentieth below what the provider allows: it counts from the moment a request arrives, and a job runs up to a second
 * or two after its slot. With a burst of a second's worth at most: the providers count by the minute.
 */
export function providerLimits(environment: Environment): ProviderLimit[] {
  const buckets = bucketsOf(environment);
  const limit = (bucket: Bucket, allowed: number, perDay: number | undefined): ProviderLimit => ({
    ...bucket,
    perMinute: allowed * 0.95,
    burst: Math.max(1, Math.floor(allowed / 60)),
    perDay,
  });
  return [
    limit(buckets.CNPJWS, environment.CNPJWS_PER_MINUTE, environment.CNPJWS_PER_DAY),
    limit(buckets.PLUGGY, environment.PLUGGY_PER_MINUTE, environment.PLUGGY_PER_DAY),
    limit(buckets.PLUGGY_REQUESTS, environment.PLUGGY_PER_MINUTE, environment.PLUGGY_PER_DAY),
  ];
}

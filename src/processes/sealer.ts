import { countSealed, showSealing } from "../audit/sealing-metrics.ts";
import { startSealing } from "../audit/sealing-process.ts";
import type { Environment } from "../config.ts";
import { createDatabaseGauges } from "../observability/database-gauges.ts";
import { createLogger } from "../observability/logger.ts";
import { startMetricsServer } from "../observability/metrics-server.ts";
import { databaseUrl } from "./database-urls.ts";
import { runUntilStopped, tellReady } from "./run-until-stopped.ts";

const POLL_MS = 500;

/** How long a process stays that has nothing to wait for but signals. */
const forever = new Promise<void>(() => undefined);

/** The sealing process: alone with the sealer's login. A second one stands by. */
export async function runSealerProcess(environment: Environment): Promise<void> {
  const logger = createLogger(environment.LOG_LEVEL);
  const sealing = await startSealing({
    databaseUrl: databaseUrl(environment, "sealer"),
    pollMs: POLL_MS,
    logger,
    onSealed: countSealed,
  });
  showSealing(sealing);
  const metrics = await startMetricsServer({
    host: environment.METRICS_HOST,
    port: environment.METRICS_PORT,
    gauges: createDatabaseGauges({
      databaseUrl: databaseUrl(environment, "sealer"),
      queue: false,
      deadAfterMs: environment.WORKER_DEAD_AFTER_MS,
    }),
    logger,
  });
  logger.info("sealing ready");
  tellReady();
  await runUntilStopped(forever, async () => {
    await sealing.stop();
    await metrics.close();
  });
}

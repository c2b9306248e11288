import { startSealing } from "../audit/sealing-process.ts";
import type { Environment } from "../config.ts";
import { createLogger } from "../observability/logger.ts";
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
  });
  logger.info("sealing ready");
  tellReady();
  await runUntilStopped(forever, () => sealing.stop());
}

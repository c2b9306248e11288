import path from "node:path";
import { openCheckpoint } from "../audit/checkpoint.ts";
import { openCheckpointDirectory } from "../audit/checkpoint-directory.ts";
import {
  countCompared,
  countFailed,
  showOpen,
  showRound,
} from "../audit/comparing/comparing-metrics.ts";
import { startComparing } from "../audit/comparing/comparing-process.ts";
import { keyListText, logSigners } from "../audit/configured-keys.ts";
import { erasureListFile } from "../audit/erasure-file.ts";
import { ErasureList } from "../audit/erasure-list.ts";
import { keysOf, type ListedKey, parseKeyList } from "../audit/key-list.ts";
import { createPublisher } from "../audit/publisher.ts";
import {
  countClockSetBack,
  countPublished,
  countSealed,
  showErasures,
  showRefused,
  showSealing,
  showSigned,
} from "../audit/sealing-metrics.ts";
import { startSealing } from "../audit/sealing-process.ts";
import { createCheckpointSigner } from "../audit/sign-checkpoint.ts";
import type { Environment } from "../config.ts";
import { createDatabaseGauges } from "../observability/database-gauges.ts";
import { createLogger } from "../observability/logger.ts";
import { startMetricsServer } from "../observability/metrics-server.ts";
import { databaseUrl } from "./database-urls.ts";
import { runUntilStopped, tellReady } from "./run-until-stopped.ts";

const POLL_MS = 500;
const DEFINITIONS_EVERY_MS = 60_000;
const ROUND_EVERY_MS = 60_000;

/** How long a process stays that has nothing to wait for but signals. */
const forever = new Promise<void>(() => undefined);

/** The sealing process: alone with the sealer's login and the log's key. A second one stands by. */
export async function runSealerProcess(environment: Environment): Promise<void> {
  const logger = createLogger(environment.LOG_LEVEL);
  const keys = await intentKeys(environment);
  const checkpoints =
    environment.CHECKPOINT_DIRECTORY ?? path.join(environment.STATE_DIRECTORY, "checkpoints");
  const directory = openCheckpointDirectory(checkpoints);
  const signer = createCheckpointSigner(
    await logSigners(environment),
    keys,
    environment.LOG_ORIGIN,
  );
  const sealing = await startSealing({
    databaseUrl: databaseUrl(environment, "sealer"),
    pollMs: POLL_MS,
    logger,
    signer,
    keys,
    directory,
    publisher: createPublisher({
      directory,
      url: environment.CHECKPOINT_URL,
      everyMs: environment.CHECKPOINT_EVERY_SECONDS * 1000,
      logger,
      clock: () => performance.now(),
      onSent: countPublished,
    }),
    erasures: new ErasureList(erasureListFile(checkpoints)),
    onErasures: showErasures,
    onSealed: countSealed,
    onClockSetBack: countClockSetBack,
    onSigned: showSigned,
    onRefused: showRefused,
  });
  showSealing(sealing);
  const comparing = startComparing({
    databaseUrl: databaseUrl(environment, "sealer"),
    rolePrefix: environment.ROLE_PREFIX,
    rowsPerSecond: environment.COMPARE_ROWS_PER_SECOND,
    pollMs: POLL_MS,
    definitionsEveryMs: DEFINITIONS_EVERY_MS,
    roundEveryMs: ROUND_EVERY_MS,
    signed: async () => {
      const note = await directory.newest();
      return note === undefined ? undefined : openCheckpoint(note, signer.keys, signer.origin);
    },
    logger,
    onCompared: countCompared,
    onFailed: countFailed,
    onOpen: showOpen,
    onRound: showRound,
  });
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
    await comparing.stop();
    await sealing.stop();
    await metrics.close();
  });
}

/** @throws Error where the list has no key of intents: then every record would count as nobody's */
async function intentKeys(environment: Environment): Promise<ListedKey[]> {
  const keys = parseKeyList(await keyListText(environment));
  if (keysOf(keys, "intent").length > 0) return keys;
  throw new Error(
    'Falta a lista das chaves públicas (AUDIT_KEYS_FILE) com ao menos uma linha `intent …`: sem ela a selagem não sabe quem pode assinar o que é gravado (README, "Configure").',
  );
}

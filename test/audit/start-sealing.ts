import { pino } from "pino";
import type { CheckpointDirectory } from "../../src/audit/checkpoint-directory.ts";
import { createPublisher } from "../../src/audit/publisher.ts";
import {
  type Sealing,
  type SealingOptions,
  startSealing,
} from "../../src/audit/sealing-process.ts";
import { checkpointSigner, testKeys } from "./test-keys.ts";

/** A sealing process's own memory, without a disk. */
export function rememberedInMemory(newest?: string): CheckpointDirectory {
  return {
    newest: async () => newest,
    keepNewest: async (note) => {
      newest = note;
    },
    keep: async () => undefined,
  };
}

/** Starts sealing with the tests' keys; what is given goes before. */
export async function startTestSealing(
  given: Partial<SealingOptions> & Pick<SealingOptions, "databaseUrl">,
): Promise<Sealing> {
  const logger = given.logger ?? pino({ level: "silent" });
  const directory = given.directory ?? rememberedInMemory();
  return startSealing({
    // To look for records costs milliseconds of PostgreSQL's: more often, and the tests' own statements would wait.
    pollMs: 50,
    logger,
    signer: await checkpointSigner(),
    keys: testKeys,
    directory,
    publisher: createPublisher({
      directory,
      url: undefined,
      everyMs: 60_000,
      logger,
      clock: () => performance.now(),
    }),
    ...given,
  });
}

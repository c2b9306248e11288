import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { createAttest } from "./audit/attest.ts";
import { intentSigner } from "./audit/configured-keys.ts";
import { createPluggyClient, type PluggyClient } from "./banking/pluggy-client.ts";
import { type Environment, loadEnvironment } from "./config.ts";
import type { Attest } from "./database/actor.ts";
import { createLogger } from "./observability/logger.ts";
import { tracedFetch } from "./observability/traced-fetch.ts";
import { type Bucket, bucketOf, type Provider } from "./queue/provider-slot.ts";
import { createDirectoryStore, type DocumentStore } from "./receipts/document-store.ts";
import { createReceiptReader, type ReceiptReader } from "./receipts/reader.ts";
import { type CnpjWsClient, createCnpjWsClient } from "./suppliers/cnpjws-client.ts";

/** What tasks need besides the database: made once a process, and replaced by tests. */
export interface Services {
  clock: () => Date;
  /** Comes back at that time, or rejects when the signal fires. */
  waitUntil(at: Date, signal: AbortSignal): Promise<void>;
  logger: Logger;
  registry: CnpjWsClient;
  /** Undefined without credentials: then nothing can be synced, and the job says so. */
  bank: PluggyClient | undefined;
  /** Whose limits are counted when they are asked. */
  buckets: Readonly<Record<Provider, Bucket>>;
  documents: DocumentStore;
  receipts: ReceiptReader;
  /** Signs for what the tasks write. */
  attest: Attest;
  /** How long the queue's history is kept. */
  historyDays: number;
  /** How long all checkpoints of the audit log are kept; of older ones each hour's last. */
  checkpointDays: number;
  close(): Promise<void>;
}

/** The services as the environment configures them. */
export function createServices(
  environment: Environment,
  logger: Logger = createLogger(environment.LOG_LEVEL),
  clock: () => Date = () => new Date(),
): Services {
  const receipts = createReceiptReader({
    workers: environment.OCR_PROCESSES,
    pageTimeoutMs: environment.OCR_PAGE_TIMEOUT_MS,
    memoryMb: environment.OCR_MEMORY_MB,
    logger,
  });
  return {
    clock,
    async waitUntil(at, signal) {
      await pause(Math.max(0, at.getTime() - clock().getTime()), undefined, { signal });
    },
    logger,
    receipts,
    historyDays: environment.HISTORY_DAYS,
    checkpointDays: environment.CHECKPOINT_DAYS,
    registry: createCnpjWsClient({
      fetch: tracedFetch("CNPJ.ws"),
      timeoutMs: environment.HTTP_TIMEOUT_MS,
      clock,
      ...(environment.CNPJWS_URL && { baseUrl: environment.CNPJWS_URL }),
      ...(environment.CNPJWS_TOKEN && { token: environment.CNPJWS_TOKEN }),
    }),
    bank: bankClient(environment, clock),
    buckets: bucketsOf(environment),
    attest: createAttest(() => intentSigner(environment)),
    documents: createDirectoryStore(
      environment.DOCUMENTS_DIRECTORY ?? `${environment.STATE_DIRECTORY}/documents`,
    ),
    close: () => receipts.close(),
  };
}

/** The buckets of the configured credentials. */
export function bucketsOf(environment: Environment): Record<Provider, Bucket> {
  return {
    CNPJWS: bucketOf("CNPJWS", environment.CNPJWS_TOKEN),
    PLUGGY: bucketOf("PLUGGY", environment.PLUGGY_CLIENT_ID),
    PLUGGY_REQUESTS: bucketOf("PLUGGY_REQUESTS", environment.PLUGGY_CLIENT_ID),
  };
}

function bankClient(environment: Environment, clock: () => Date): PluggyClient | undefined {
  const { PLUGGY_CLIENT_ID: clientId, PLUGGY_CLIENT_SECRET: clientSecret } = environment;
  if (!clientId || !clientSecret) return undefined;
  return createPluggyClient({
    fetch: tracedFetch("Pluggy"),
    baseUrl: environment.PLUGGY_URL,
    clientId,
    clientSecret,
    timeoutMs: environment.HTTP_TIMEOUT_MS,
    clock,
  });
}

let current: Services | undefined;

/**
 * The services of this process. Graphile Worker loads task files by itself (its stock command line too) and hands
 * them nothing of ours, so this one place is shared: whoever composes the process sets it, else the environment does.
 */
export function services(): Services {
  current ??= createServices(loadEnvironment());
  return current;
}

/** Sets what `services` returns: for the process that runs the workers, and for tests. */
export function useServices(replacement: Services): void {
  current = replacement;
}

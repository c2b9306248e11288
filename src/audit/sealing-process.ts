import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "pino";
import { sealPending } from "./seal.ts";

const BATCH = 5000;
const LONGEST_BACKOFF_MS = 5000;

export interface SealingOptions {
  /** Connection of the sealer's login; no other can append leaves. */
  databaseUrl: string;
  /** Pause between two looks when nothing waits: bounds how long a record stays unsealed. 1000 at most. */
  pollMs: number;
  logger: Logger;
  /** Called after each batch, with its size: for figures. */
  onSealed?: (count: number) => void;
}

export interface Sealing {
  /** How many records this process has sealed. */
  sealed(): number;
  /** Whether this process is the one that seals, and not a standby. */
  active(): boolean;
  /** Ends after the batch in hand. */
  stop(): Promise<void>;
}

/**
 * Seals the audit log until it is stopped. Of several processes one seals, the others stand by and take over within
 * `pollMs` when its session ends (an advisory lock of the session). When the database goes away it tries again, with
 * a growing pause of up to 5 s.
 *
 * It polls: a NOTIFY in every audited transaction would make all commits queue up for one lock of the cluster.
 *
 * @throws when the first connection fails: a wrong address or password is no reason to try for ever
 */
export async function startSealing(options: SealingOptions): Promise<Sealing> {
  if (!(options.pollMs > 0 && options.pollMs <= 1000)) {
    throw new RangeError(`pollMs must be above 0 and at most 1000, not ${options.pollMs}.`);
  }
  const session = new SealingSession(options);
  const running = session.run(await connect(options.databaseUrl));
  return {
    sealed: () => session.sealed,
    active: () => session.active,
    async stop() {
      session.stopping.abort();
      await running;
    },
  };
}

class SealingSession {
  readonly stopping = new AbortController();
  sealed = 0;
  active = false;
  readonly #options: SealingOptions;
  #failures = 0;

  constructor(options: SealingOptions) {
    this.#options = options;
  }

  async run(first: pg.Client): Promise<void> {
    let next: pg.Client | undefined = first;
    while (!this.stopping.signal.aborted) {
      let client = next;
      next = undefined;
      try {
        client ??= await connect(this.#options.databaseUrl);
        await this.#work(client);
      } catch (error) {
        this.#failures += 1;
        // The message alone: details of PostgreSQL's errors may hold values.
        const cause = error instanceof Error ? error.message : "unknown";
        this.#options.logger.warn({ cause, failures: this.#failures }, "sealing was interrupted");
        await this.#pause(Math.min(50 * 2 ** this.#failures, LONGEST_BACKOFF_MS));
      } finally {
        this.active = false;
        await client?.end().catch(() => undefined);
      }
    }
    await next?.end();
  }

  /** Waits for its turn, then seals; returns when it is to stop. */
  async #work(client: pg.Client): Promise<void> {
    while (!(await takeTurn(client))) {
      if (!(await this.#pause(this.#options.pollMs))) return;
    }
    this.active = true;
    this.#options.logger.info("sealing the audit log");
    while (!this.stopping.signal.aborted) {
      await beat(client);
      const count = await sealPending(client, BATCH);
      this.#failures = 0;
      if (count > 0) {
        this.sealed += count;
        this.#options.onSealed?.(count);
      }
      if (count < BATCH) await this.#pause(this.#options.pollMs);
    }
  }

  /** @returns false when it is to stop */
  async #pause(ms: number): Promise<boolean> {
    return pause(ms, true, { signal: this.stopping.signal }).catch(() => false);
  }
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: "blindagem seal",
    keepAlive: true,
    statement_timeout: 60_000,
  });
  // A session that breaks makes the next statement fail, and that is handled; unheard, the event would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** Asks again and again instead of waiting in the database: a statement that waits keeps vacuum from cleaning up. */
async function takeTurn(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>(
    "select pg_try_advisory_lock(hashtextextended('blindagem sealing', 0)) as mine",
  );
  return rows[0]?.mine ?? false;
}

async function beat(client: pg.Client): Promise<void> {
  await client.query(
    `insert into blindagem_audit.sealer_heartbeat (beat_at) values (clock_timestamp())
     on conflict (only_one) do update set beat_at = excluded.beat_at`,
  );
}

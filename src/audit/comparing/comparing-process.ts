import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "pino";
import { outlast } from "../../queue/lost-connection.ts";
import { openTurnSession } from "../turn-session.ts";
import { loadBaseline } from "./baseline.ts";
import { compareAll, compareChanged } from "./compare-all.ts";
import { compareDefinitions } from "./compare-definitions.ts";
import type { SignedTree } from "./compare-tree.ts";
import type { Compared } from "./divergence.ts";
import { countOpen, storeDivergences } from "./divergence-store.ts";
import { SealedRecords } from "./sealed-records.ts";
import { type Snapshot, snapshotsOn } from "./snapshot.ts";

const ATTEMPTS = 4;
const RETRY_MS = 500;
/** A slice that takes longer is given up, and tried again. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** Behind a migration that locks a table nobody waits for long: who waits for a lock makes others wait. */
const LOCK_TIMEOUT_MS = 1_000;
const SMALLEST_SLICE = 50;
const LARGEST_SLICE = 2_000;

export interface ComparingOptions {
  /** Connection of the sealer's login; it reads what it compares, and writes divergences. */
  databaseUrl: string;
  /** Of the installation's role names. */
  rolePrefix: string;
  /** Rows and records that the slow round compares in a second, on average. */
  rowsPerSecond: number;
  /** How often newly sealed changes are looked for. */
  pollMs: number;
  /** How often the definitions are compared, beside the round. */
  definitionsEveryMs: number;
  /** Pause after a round that took less: small installations need not be compared all the time. */
  roundEveryMs: number;
  /** The newest checkpoint that is known outside of the database, its signature verified. */
  signed: () => Promise<SignedTree | undefined>;
  logger: Logger;
  /** Called after each step: for figures. */
  onCompared?: (rows: number) => void;
  /** Called after each step that found something, and now and then, with the open divergences by kind. */
  onOpen?: (open: ReadonlyMap<string, number>) => void;
  /** Called when a step was given up. */
  onFailed?: () => void;
  /** Called when a round is through. */
  onRound?: () => void;
  /** When process and server no longer hear each other for so long, both give the session up. @default 40000 */
  silenceMs?: number;
}

export interface Comparing {
  /** Ends after the step in hand. */
  stop(): Promise<void>;
}

/**
 * Compares tables and log until it is stopped: the entities of each change as soon as it is sealed, the definitions every
 * minute, and beside that everything, slowly, slice by slice, round after round. Of several processes one compares, the
 * others stand by (an advisory lock of the session).
 *
 * It has a connection of its own and never writes to what others write, so it can hold up neither sealing nor anybody
 * else. Lost connections are made anew, and a round goes on where it was. A table that cannot be read is left out of its
 * round, and told.
 */
export function startComparing(options: ComparingOptions): Comparing {
  const session = new ComparingSession(options);
  const running = session.run();
  return {
    async stop() {
      session.stopping.abort();
      await running;
    },
  };
}

class ComparingSession {
  readonly stopping = new AbortController();
  readonly #options: ComparingOptions;
  readonly #sealed = new SealedRecords();
  /** Rows that are compared in one go: half a second's. */
  readonly #slice: number;
  #client: pg.Client | undefined;

  constructor(options: ComparingOptions) {
    this.#options = options;
    const half = Math.round(options.rowsPerSecond / 2);
    this.#slice = Math.min(LARGEST_SLICE, Math.max(SMALLEST_SLICE, half));
  }

  async run(): Promise<void> {
    try {
      await this.#work();
    } catch (error) {
      if (!this.stopping.signal.aborted) throw error;
    } finally {
      await this.#client?.end().catch(() => undefined);
    }
  }

  async #work(): Promise<void> {
    const { definitionsEveryMs, onRound, pollMs, roundEveryMs, rowsPerSecond } = this.#options;
    let round = this.#round();
    let started = performance.now();
    let nextSlice = started;
    let nextDefinitions = started;
    for (;;) {
      await this.#attempt("changes", () => this.#compareSealed());
      if (performance.now() >= nextDefinitions) {
        await this.#attempt("definitions", () => this.#compareDefinitions());
        nextDefinitions = performance.now() + definitionsEveryMs;
      }
      if (performance.now() >= nextSlice) {
        const step = await this.#attempt("round", async () => {
          const { value, done } = await round.next();
          if (!done) await this.#keep(value);
          return done ? "through" : value.count;
        });
        if (typeof step === "number") {
          nextSlice = performance.now() + (step / rowsPerSecond) * 1000;
        } else {
          // Not one that broke off: what it did not come to nobody has compared.
          if (step === "through") onRound?.();
          round = this.#round();
          nextSlice = Math.max(performance.now() + pollMs, started + roundEveryMs);
          started = nextSlice;
        }
      }
      await this.#pause(Math.max(0, Math.min(pollMs, nextSlice - performance.now())));
    }
  }

  /** Goes on where a step fails again and again: what one is kept from must not keep it from the others. */
  async #attempt<T>(step: string, run: () => Promise<T>): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      if (this.stopping.signal.aborted) throw error;
      this.#tellFailed(step, error);
      return undefined;
    }
  }

  #tellFailed(step: string, error: unknown): void {
    this.#options.logger.error({ step, cause: causeOf(error) }, "a step of the comparison failed");
    this.#options.onFailed?.();
  }

  #round(): AsyncGenerator<Compared, void, undefined> {
    const { rolePrefix, signed } = this.#options;
    const onFailed = (table: string, error: unknown) => {
      if (this.stopping.signal.aborted) throw error;
      this.#tellFailed(table, error);
    };
    return compareAll(this.#snapshot, { rolePrefix, slice: this.#slice, signed, onFailed });
  }

  async #compareSealed(): Promise<void> {
    const steps = await this.#snapshot(async (client) => {
      const records = await this.#sealed.next(client, this.#slice);
      return records.length > 0 ? compareChanged(client, records) : [];
    });
    for (const compared of steps) await this.#keep(compared);
  }

  async #compareDefinitions(): Promise<void> {
    const { rolePrefix } = this.#options;
    const compared = await this.#snapshot(async (client) =>
      compareDefinitions(client, await loadBaseline(client), rolePrefix),
    );
    if (compared) await this.#keep(compared);
    await this.#tellOpen();
  }

  async #keep(compared: Compared): Promise<void> {
    const { logger, onCompared } = this.#options;
    const fresh = await this.#retried((client) => storeDivergences(client, compared));
    onCompared?.(compared.count);
    for (const { kind, entityType, entityId, fields } of fresh) {
      logger.error({ kind, entityType, entityId, fields }, "state and log diverge");
    }
    if (fresh.length > 0) await this.#tellOpen();
  }

  async #tellOpen(): Promise<void> {
    this.#options.onOpen?.(await this.#retried(countOpen));
  }

  readonly #snapshot: Snapshot = (use) => this.#retried((client) => snapshotsOn(client)(use));

  /** Again for as long as connections are lost; what fails otherwise a few times, since a lock or a load goes by. */
  async #retried<T>(use: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const { signal } = this.stopping;
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        return await outlast(
          async () => use(await this.#session()),
          signal,
          (error) => {
            this.#options.logger.warn({ cause: causeOf(error) }, "comparing was interrupted");
            void this.#client?.end().catch(() => undefined);
            this.#client = undefined;
          },
        );
      } catch (error) {
        if (signal.aborted || attempt === ATTEMPTS) throw error;
        await this.#pause(RETRY_MS * attempt);
      }
    }
  }

  /** The connection, once it is this process's turn. */
  async #session(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const { databaseUrl, silenceMs } = this.#options;
    const config = {
      connectionString: databaseUrl,
      application_name: "blindagem compare",
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
    };
    const client = await openTurnSession(config, silenceMs);
    try {
      while (!(await takeTurn(client))) await this.#pause(this.#options.pollMs);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.#client = client;
    return client;
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.stopping.signal });
  }
}

/** The message alone: details of PostgreSQL's errors may hold values. */
function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}

async function takeTurn(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>(
    "select pg_try_advisory_lock(hashtextextended('blindagem comparing', 0)) as mine",
  );
  return rows[0]?.mine ?? false;
}

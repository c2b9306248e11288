import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "pino";
import type { CheckpointDirectory } from "./checkpoint-directory.ts";
import { storeCheckpoint } from "./checkpoint-store.ts";
import { cutOffFile } from "./erasure-file.ts";
import type { ErasureList, ErasureListState } from "./erasure-list.ts";
import { AuditFault } from "./fault.ts";
import { beat, lastMark } from "./heartbeat.ts";
import type { ListedKey } from "./key-list.ts";
import { openTree } from "./log-tree.ts";
import { LookThrough } from "./look-through.ts";
import type { Publisher } from "./publisher.ts";
import { type SealedBatch, sealBatch } from "./seal-batch.ts";
import { type CheckpointSigner, requireSigned } from "./sign-checkpoint.ts";
import type { CompactRange } from "./tree.ts";
import { openTurnSession } from "./turn-session.ts";

/**
 * More than day 5 brings between two looks: of a transaction that a batch cuts in two the leaves are hashed twice, and at
 * 5,000 that was half of all (26 microseconds an expense).
 */
export const BATCH = 20_000;
const LONGEST_BACKOFF_MS = 5000;
const STATEMENT_TIMEOUT_MS = 60_000;
/** Under load a checkpoint is signed that often, not for each batch. */
const SIGN_EVERY_MS = 1000;
/** How often a part of what lies below the mark is looked through. */
const LOOK_THROUGH_EVERY_MS = 1000;
/** Clocks are corrected by less; a record's time is the database's, so more is worth telling. */
const CLOCK_TOLERANCE_SECONDS = 5;

export interface SealingOptions {
  /** Connection of the sealer's login; no other can append leaves. */
  databaseUrl: string;
  /** Pause between two looks when nothing waits: bounds how long a record stays unsealed. 1000 at most. */
  pollMs: number;
  logger: Logger;
  /** Signs the tree's checkpoints. */
  signer: CheckpointSigner;
  /** The keys that intents are signed by. */
  keys: readonly ListedKey[];
  /** Remembers, outside of the database, what was signed. */
  directory: CheckpointDirectory;
  publisher: Publisher;
  /** Called after each batch that sealed something: for figures. */
  onSealed?: (batch: SealedBatch) => void;
  /** Called with each checkpoint's size. */
  onSigned?: (size: number) => void;
  /** Where erasures are remembered, outside of the database as well. */
  erasures?: ErasureList;
  /** Called with how that list stands to the database, before sealing begins as well. */
  onErasures?: (state: ErasureListState) => void;
  /** Called when the database's clock stands before the process's last sign of life, its own or another's. */
  onClockSetBack?: () => void;
  /** Called when the log contradicts what was signed (true), and when it no longer does. */
  onRefused?: (refused: boolean) => void;
  /** When process and server no longer hear each other for so long, both give the session up. @default 70000 */
  silenceMs?: number;
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
 * `pollMs` when its session ends (an advisory lock of the session), on either side (turn-session.ts). When the database
 * goes away it tries again, with a growing pause of up to 5 s.
 *
 * A log that does not continue what was signed is not sealed any further: it was rolled back or altered, and a signature
 * under it would hide that. The process then says so, again and again, until a person has decided.
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
  const running = session.run(await connect(options));
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
  #missing = 0;
  #damaged = "";

  constructor(options: SealingOptions) {
    this.#options = options;
  }

  async run(first: pg.Client): Promise<void> {
    let next: pg.Client | undefined = first;
    while (!this.stopping.signal.aborted) {
      let client = next;
      next = undefined;
      try {
        client ??= await connect(this.#options);
        await this.#work(client);
      } catch (error) {
        this.#failures += 1;
        // The message alone: details of PostgreSQL's errors may hold values.
        const cause = error instanceof Error ? error.message : "unknown";
        const told = { cause, failures: this.#failures };
        if (error instanceof AuditFault) {
          this.#options.onRefused?.(true);
          this.#options.logger.error({ ...told, code: error.code }, "sealing is refused");
        } else this.#options.logger.warn(told, "sealing was interrupted");
        await this.#pause(Math.min(50 * 2 ** this.#failures, LONGEST_BACKOFF_MS));
      } finally {
        this.active = false;
        await client?.end().catch(() => undefined);
      }
    }
    await next?.end();
    await this.#options.publisher.flush();
  }

  /** Waits for its turn, then seals; returns when it is to stop. */
  async #work(client: pg.Client): Promise<void> {
    while (!(await takeTurn(client))) {
      if (!(await this.#pause(this.#options.pollMs))) return;
    }
    this.active = true;
    const { keys, logger, onRefused, onSealed, signer } = this.#options;
    // Before the log is refused: a restored copy is mostly both, older than the list and than what was signed.
    this.#tellErasures(await this.#options.erasures?.state(client));
    let tree = await openTree(client);
    await requireSigned(client, tree, signer, await this.#options.directory.newest());
    onRefused?.(false);
    logger.info({ size: tree.size }, "sealing the audit log");
    let signed = { size: -1, at: Number.NEGATIVE_INFINITY };
    let unsigned = 0;
    let mark = await lastMark(client);
    const below = new LookThrough();
    let lookedThrough = Number.NEGATIVE_INFINITY;
    while (!this.stopping.signal.aborted) {
      const { given, setBackSeconds } = await beat(client, mark);
      if (setBackSeconds > CLOCK_TOLERANCE_SECONDS) {
        logger.error({ seconds: Math.round(setBackSeconds) }, "the database's clock was set back");
        this.#options.onClockSetBack?.();
      }
      if (performance.now() - lookedThrough > LOOK_THROUGH_EVERY_MS) {
        mark = await below.step(client, mark);
        lookedThrough = performance.now();
      }
      const batch = await sealBatch(client, tree, keys, BATCH, mark, given);
      ({ mark, tree } = batch);
      if (batch.sealed > 0) {
        this.sealed += batch.sealed;
        if (batch.unattested > 0) {
          logger.error({ records: batch.unattested }, "records without a valid intent were found");
        }
        if (batch.installed > 0) {
          logger.info({ records: batch.installed }, "the installation's own records were sealed");
        }
        if (batch.outOfBand > 0) {
          logger.warn({ records: batch.outOfBand }, "records of changes by hand were sealed");
        }
        onSealed?.(batch);
      }
      if (batch.sealed > 0) unsigned += 1;
      const isBehind = batch.sealed >= BATCH;
      // A batch that left something may have cut a transaction: a bundle of its tree would have records without their intent's
      // others. Most are whole with the next one.
      const isDue = !isBehind || (unsigned > 1 && performance.now() - signed.at > SIGN_EVERY_MS);
      if (tree.size > signed.size && isDue) {
        await this.#sign(client, tree);
        signed = { size: tree.size, at: performance.now() };
        unsigned = 0;
      }
      this.#failures = 0;
      if (!isBehind) await this.#pause(this.#options.pollMs);
    }
  }

  /** The process's own memory first: a checkpoint that only the database knew could be taken back unnoticed. */
  async #sign(client: pg.ClientBase, tree: CompactRange): Promise<void> {
    const note = await this.#options.signer.sign(tree);
    await this.#options.publisher.offer(tree.size, note);
    await storeCheckpoint(client, { size: tree.size, root: tree.root(), note });
    this.#options.onSigned?.(tree.size);
    await this.#keepErasures(client);
  }

  async #keepErasures(client: pg.ClientBase): Promise<void> {
    const { erasures, logger } = this.#options;
    if (erasures === undefined) return;
    const kept = await erasures.keep(client);
    if (kept.mended) {
      logger.error(
        { added: kept.added, keptIn: cutOffFile(erasures.file) },
        kept.added > 0
          ? "the list of erasures ended in a line that was cut off: it was taken out, and what the database has was added anew"
          : "the list of erasures ended in a line that was cut off: it was taken out, and the database does not have its erasure, which has to be asked for again",
      );
    }
    this.#tellErasures(kept);
  }

  #tellErasures(state: ErasureListState | undefined): void {
    if (state === undefined) return;
    const { logger, erasures, onErasures } = this.#options;
    onErasures?.(state);
    const { missing, damaged } = state;
    if (missing !== this.#missing && missing > 0) {
      logger.error(
        { erasures: missing },
        "erasures of the list are not in the database: run `blindagem erase replay`",
      );
    }
    this.#missing = missing;
    if (damaged.join() !== this.#damaged && damaged.length > 0) {
      logger.error(
        { file: erasures?.file, lines: damaged },
        "lines of the list of erasures cannot be read: put them right from a copy of the list, or take them out",
      );
    }
    this.#damaged = damaged.join();
  }

  /** @returns false when it is to stop */
  async #pause(ms: number): Promise<boolean> {
    return pause(ms, true, { signal: this.stopping.signal }).catch(() => false);
  }
}

function connect({ databaseUrl, silenceMs }: SealingOptions): Promise<pg.Client> {
  const config = {
    connectionString: databaseUrl,
    application_name: "blindagem seal",
    statement_timeout: STATEMENT_TIMEOUT_MS,
  };
  return openTurnSession(config, silenceMs);
}

/** Asks again and again instead of waiting in the database: a statement that waits keeps vacuum from cleaning up. */
async function takeTurn(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>(
    "select pg_try_advisory_lock(hashtextextended('blindagem sealing', 0)) as mine",
  );
  return rows[0]?.mine ?? false;
}

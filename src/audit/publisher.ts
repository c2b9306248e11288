import type { Logger } from "pino";
import type { CheckpointDirectory } from "./checkpoint-directory.ts";

export interface PublisherOptions {
  directory: CheckpointDirectory;
  /** Where checkpoints are sent as well (POST, text/plain). */
  url: string | undefined;
  /** At most one is kept and sent in so long. */
  everyMs: number;
  logger: Logger;
  /** Milliseconds of a clock that nobody sets. */
  clock: () => number;
  /** Does something once so many milliseconds are over, unless what it returns is called first; the process's timer if absent. */
  after?: (ms: number, task: () => void) => () => void;
  fetch?: typeof globalThis.fetch;
  /** Told of each attempt to send one: for figures. */
  onSent?: (ok: boolean) => void;
}

export interface Publisher {
  /** Offers a checkpoint that was just signed; waits for it to be written down, not for its being sent. */
  offer(size: number, note: string): Promise<void>;
  /** Publishes what was offered last, if it was not yet, and waits for it. */
  flush(): Promise<void>;
}

const TIMEOUT_MS = 10_000;

/**
 * Takes checkpoints to where the database's administrator does not reach. The newest is written down at each signing,
 * so that a database that was rolled back is noticed; one in `everyMs` is kept for good and sent away, the newest that
 * there is when the time is over: before a quiet night, too. An address that does not answer holds nobody up: the next
 * checkpoint says all that the lost one said.
 */
export function createPublisher(options: PublisherOptions): Publisher {
  let publishedAt = Number.NEGATIVE_INFINITY;
  let waiting: { size: number; note: string } | undefined;
  let publishing = Promise.resolve();
  /** One that has not begun takes whatever is offered until then: a second would send what comes later too soon. */
  let isQueued = false;
  let cancel: (() => void) | undefined;
  const after = options.after ?? processTimer;
  const publish = async () => {
    cancel?.();
    cancel = undefined;
    if (!waiting) return;
    const { size, note } = waiting;
    waiting = undefined;
    publishedAt = options.clock();
    try {
      await options.directory.keep(size, note);
    } catch (error) {
      options.logger.error({ cause: messageOf(error) }, "a checkpoint could not be kept");
    }
    if (options.url) await send(options, options.url, note);
  };
  const publishInTurn = () => {
    if (isQueued) return publishing;
    isQueued = true;
    publishing = publishing.then(() => {
      isQueued = false;
      return publish();
    });
    return publishing;
  };
  return {
    async offer(size, note) {
      await options.directory.keepNewest(note);
      waiting = { size, note };
      const left = publishedAt + options.everyMs - options.clock();
      if (left <= 0) void publishInTurn();
      else cancel ??= after(left, () => void publishInTurn());
    },
    flush: publishInTurn,
  };
}

/** Keeps no process alive: whoever ends flushes. */
function processTimer(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, ms).unref();
  return () => clearTimeout(timer);
}

async function send(
  { logger, onSent, fetch = globalThis.fetch }: PublisherOptions,
  url: string,
  note: string,
): Promise<void> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "text/plain; charset=utf-8" },
      body: note,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: "error",
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    onSent?.(true);
  } catch (error) {
    onSent?.(false);
    logger.warn(
      { cause: messageOf(error) },
      "a checkpoint could not be sent to CHECKPOINT_URL; the next one is tried",
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}

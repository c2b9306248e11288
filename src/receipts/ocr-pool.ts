import type { ReadableFormat } from "./format.ts";
import { type OcrChild, type OcrChildOptions, startOcrChild } from "./ocr-child.ts";
import {
  type OpenedReply,
  openedReply,
  type PageLook,
  type PageReply,
  pageReply,
  type StripLook,
  type StripMaking,
  type StripReply,
  stripReply,
} from "./ocr-protocol.ts";
import type { Box } from "./words.ts";

/** A process ends after so many requests (pages and strips), so that what leaks never grows large. */
const REQUESTS_PER_PROCESS = 400;

/** A reading process lent to one document. */
export interface OcrSession {
  open(bytes: Uint8Array, format: ReadableFormat): Promise<OpenedReply>;
  page(page: number, look: PageLook): Promise<PageReply>;
  strip(page: number, box: Box, look: StripLook, how: StripMaking): Promise<StripReply>;
}

export interface OcrPool {
  /**
   * Lends a process for the time of `work`, waiting for a free one. Rejects with the signal's reason on abort (the
   * process is killed, for it may be amid a page), with an Error once the pool is closed.
   */
  lend<T>(work: (session: OcrSession) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Ends all processes; whoever waits or works is rejected. */
  close(): Promise<void>;
}

export interface OcrPoolOptions extends OcrChildOptions {
  workers: number;
  requestsPerProcess?: number;
}

/** Processes start when they are first needed; a dead or spent one is replaced at the next loan. */
export function createOcrPool(options: OcrPoolOptions): OcrPool {
  const idle: OcrChild[] = [];
  const living = new Set<OcrChild>();
  const busy = new Set<AbortController>();
  const queue: { run(): void; reject(error: Error): void }[] = [];
  const requestsPerProcess = options.requestsPerProcess ?? REQUESTS_PER_PROCESS;
  let free = options.workers;
  let closed = false;

  const acquire = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      if (free > 0) {
        free--;
        resolve();
        return;
      }
      const entry = {
        run: () => {
          signal?.removeEventListener("abort", leave);
          resolve();
        },
        reject,
      };
      const leave = (): void => {
        queue.splice(queue.indexOf(entry), 1);
        reject(reasonOf(signal));
      };
      signal?.addEventListener("abort", leave, { once: true });
      queue.push(entry);
    });

  const release = (child: OcrChild | undefined): void => {
    if (child?.alive && !closed && child.requests < requestsPerProcess) {
      idle.push(child);
    } else if (child) {
      living.delete(child);
      child.kill();
    }
    const next = queue.shift();
    if (next) {
      next.run();
    } else {
      free++;
    }
  };

  return {
    async lend(work, signal) {
      refuseIfOver(closed, signal);
      await acquire(signal);
      const stop = new AbortController();
      const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
      busy.add(stop);
      let child: OcrChild | undefined;
      const end = (): void => {
        child?.kill(reasonOf(ended));
      };
      try {
        child = idle.pop() ?? (await startOcrChild(options));
        living.add(child);
        ended.addEventListener("abort", end, { once: true });
        ended.throwIfAborted();
        return await work(sessionOf(child));
      } finally {
        ended.removeEventListener("abort", end);
        busy.delete(stop);
        release(child);
      }
    },
    async close() {
      closed = true;
      const error = new Error("the OCR pool is closed");
      for (const waiting of queue.splice(0)) {
        waiting.reject(error);
      }
      for (const stop of busy) {
        stop.abort(error);
      }
      await Promise.all(Array.from(living, (child) => child.kill(error)));
    },
  };
}

function sessionOf(child: OcrChild): OcrSession {
  return {
    open: async (bytes, format) =>
      openedReply.parse(await child.request({ type: "open", bytes, format })),
    page: async (page, look) => pageReply.parse(await child.request({ type: "page", page, look })),
    strip: async (page, box, look, how) =>
      stripReply.parse(await child.request({ type: "strip", page, box, look, ...how })),
  };
}

function refuseIfOver(closed: boolean, signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
  if (closed) {
    throw new Error("the OCR pool is closed");
  }
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error("aborted");
}

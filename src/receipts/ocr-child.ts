import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  type DocumentFault,
  type ProcessMessage,
  processMessage,
  UnreadableDocument,
} from "./ocr-protocol.ts";
import { useOf } from "./process-use.ts";
import type { OcrLanguage } from "./tesseract.ts";

/** Loading the engine and its data takes 0.4 s; on a machine where it takes this long, something else is wrong. */
const START_DEADLINE_MS = 60_000;

const MEMORY_LOOK_MS = 50;

/**
 * A request may take so many times its limit on the clock, if it has not used it up in processor time: on a machine
 * with more work than cores a page was waited for 30 s that took 3.
 */
const PATIENCE = 4;

export interface OcrChildOptions {
  language: OcrLanguage;
  /** The processor time that a request may take, and a quarter of its time on the clock, before the process is killed. */
  pageTimeoutMs: number;
  /**
   * More resident memory than this, and the process is killed (looked at every 50 ms, where /proc has it).
   * `--max-old-space-size` alone does not do: decoded pictures, canvases and tesseract's memory lie outside of V8's heap.
   */
  memoryMb: number;
  /** The process's program; another one in tests. */
  program?: URL;
}

interface Waiting {
  id: number;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** One reading process. It takes one request at a time; once it has died it stays dead. */
export interface OcrChild {
  /** The pages and strips read so far. */
  readonly requests: number;
  readonly alive: boolean;
  /** @throws UnreadableDocument on the document's faults, a missed deadline or too much memory. */
  request(message: Record<string, unknown>): Promise<unknown>;
  /** Ends the process; resolves when it is gone. */
  kill(error?: Error): Promise<void>;
}

/**
 * Starts a reading process: the same node, its own heap limit, and no environment, so that nothing secret is within
 * reach of whatever a hostile document may make it do.
 *
 * @throws Error when the engine or its data are missing: no document's fault.
 */
export async function startOcrChild(options: OcrChildOptions): Promise<OcrChild> {
  const program = options.program ?? new URL("./ocr-process.ts", import.meta.url);
  const child = fork(fileURLToPath(program), [options.language], {
    execArgv: [`--max-old-space-size=${options.memoryMb}`, "--no-warnings"],
    env: {},
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  let waiting: Waiting | undefined;
  let alive = true;
  let requests = 0;

  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => {
      fail(new UnreadableDocument("PROCESS_DIED"));
      resolve();
    });
  });
  child.on("error", (error) => fail(error));

  const fail = (error: Error): void => {
    alive = false;
    child.kill("SIGKILL");
    waiting?.reject(error);
    waiting = undefined;
  };

  /** A child that waits for work keeps nobody alive: graphile-worker's own command line ends when its jobs have. */
  const holdParent = (hold: boolean): void => {
    for (const handle of [child, child.channel]) {
      if (hold) handle?.ref();
      else handle?.unref();
    }
  };

  const expect = (id: number, limitMs: number, send: () => void): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (!alive) {
        reject(new UnreadableDocument("PROCESS_DIED"));
        return;
      }
      const stopWatching = watch(child.pid, limitMs, options.memoryMb, fail);
      holdParent(true);
      const settle = <T>(end: (value: T) => void) => {
        return (value: T): void => {
          stopWatching();
          holdParent(false);
          waiting = undefined;
          end(value);
        };
      };
      waiting = { id, resolve: settle(resolve), reject: settle(reject) };
      send();
    });

  child.on("message", (raw) => {
    const parsed = processMessage.safeParse(raw);
    if (!parsed.success) {
      fail(new UnreadableDocument("READING_FAILED"));
    } else if (waiting) {
      deliver(parsed.data, waiting);
    }
  });

  await expect(0, START_DEADLINE_MS, () => {}).catch((error: unknown) => {
    fail(new UnreadableDocument("PROCESS_DIED"));
    throw new Error("the OCR process did not start", { cause: error });
  });

  return {
    get requests() {
      return requests;
    },
    get alive() {
      return alive;
    },
    request(message) {
      const id = ++requests;
      return expect(id, options.pageTimeoutMs, () => child.send({ ...message, id }));
    },
    kill(error = new UnreadableDocument("PROCESS_DIED")) {
      // Whoever waits for the end must live to see it.
      if (child.exitCode === null && child.signalCode === null) child.ref();
      fail(error);
      return exited;
    },
  };
}

/** Watches time and memory of a process while it works; gives the way to stop watching. */
function watch(
  pid: number | undefined,
  limitMs: number,
  memoryMb: number,
  fail: (error: Error) => void,
): () => void {
  const start = performance.now();
  const before = useOf(pid);
  let over = false;
  const end = (fault: DocumentFault): void => {
    // The answer may have come while /proc was being read.
    if (!over) {
      fail(new UnreadableDocument(fault));
    }
  };
  const memory = setInterval(async () => {
    const use = await useOf(pid);
    if (use && use.residentMb > memoryMb) {
      end("MEMORY_LIMIT");
    }
  }, MEMORY_LOOK_MS);
  const time = setInterval(async () => {
    const [first, now] = await Promise.all([before, useOf(pid)]);
    const used = first && now ? now.processorMs - first.processorMs : limitMs;
    if (used >= limitMs || performance.now() - start >= PATIENCE * limitMs) {
      end("PAGE_TIMEOUT");
    }
  }, limitMs);
  return () => {
    over = true;
    clearInterval(memory);
    clearInterval(time);
  };
}

/** Hands a message to who waits for it; answers to requests long given up are dropped. */
function deliver(message: ProcessMessage, waiting: Waiting): void {
  if (message.type === "ready") {
    waiting.resolve(undefined);
  } else if (message.type === "unusable") {
    waiting.reject(new Error(message.cause));
  } else if (message.id !== waiting.id) {
    return;
  } else if (message.type === "done") {
    waiting.resolve(message.value);
  } else {
    const fault = message.type === "unreadable" ? message.fault : "READING_FAILED";
    waiting.reject(new UnreadableDocument(fault));
  }
}

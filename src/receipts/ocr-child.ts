import { type ChildProcess, fork } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type ProcessMessage, processMessage, UnreadableDocument } from "./ocr-protocol.ts";
import type { OcrLanguage } from "./tesseract.ts";

/** Loading the engine and its data takes 0.4 s; on a machine where it takes this long, something else is wrong. */
const START_DEADLINE_MS = 60_000;

const MEMORY_LOOK_MS = 50;

export interface OcrChildOptions {
  language: OcrLanguage;
  /** Each request is answered within this time, or the process is killed. */
  pageTimeoutMs: number;
  /** More resident memory than this, and the process is killed (looked at every 50 ms, where /proc has it). */
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
  kill(error?: Error): void;
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

  const fail = (error: Error): void => {
    alive = false;
    child.kill("SIGKILL");
    waiting?.reject(error);
    waiting = undefined;
  };
  const watch = setInterval(async () => {
    if (alive && (await residentMb(child)) > options.memoryMb) {
      fail(new UnreadableDocument("MEMORY_LIMIT"));
    }
  }, MEMORY_LOOK_MS);
  child.on("exit", () => {
    clearInterval(watch);
    fail(new UnreadableDocument("PROCESS_DIED"));
  });
  child.on("error", fail);

  const expect = (id: number, deadlineMs: number, send: () => void): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (!alive) {
        reject(new UnreadableDocument("PROCESS_DIED"));
        return;
      }
      const deadline = setTimeout(() => fail(new UnreadableDocument("PAGE_TIMEOUT")), deadlineMs);
      const settled = (): void => {
        clearTimeout(deadline);
        waiting = undefined;
      };
      waiting = {
        id,
        resolve: (value) => {
          settled();
          resolve(value);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      send();
    });

  child.on("message", (raw) => {
    const parsed = processMessage.safeParse(raw);
    if (!parsed.success) {
      fail(new UnreadableDocument("READING_FAILED"));
    } else if (waiting) {
      settle(parsed.data, waiting);
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
      fail(error);
    },
  };
}

function settle(message: ProcessMessage, waiting: Waiting): void {
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

/**
 * Resident memory in MiB by /proc; 0 where there is none. `--max-old-space-size` alone does not do: decoded pictures,
 * canvases and tesseract's WebAssembly memory all lie outside of V8's heap.
 */
async function residentMb(child: ChildProcess): Promise<number> {
  try {
    const status = await readFile(`/proc/${child.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

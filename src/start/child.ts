import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const CLI = fileURLToPath(new URL("../cli.ts", import.meta.url));

const readyMessage = z.object({ ready: z.literal(true), url: z.string().optional() });

export interface ChildOptions {
  /** A command of the executable: "api", "worker", "seal". */
  command: string;
  /** The environment of that process alone: no other has its passwords. */
  environment: Readonly<Record<string, string>>;
  /** Where its log lines go. */
  log: NodeJS.WritableStream;
  /** It has ended without being asked to, and is started again after so long. */
  onRestart(command: string, code: number | null, delayMs: number): void;
  /** The executable; another one in tests. */
  program?: string;
}

export interface Child {
  /** What the process said it serves under, if it serves. */
  url: string | undefined;
  /** Of the process that runs now. */
  readonly pid: number | undefined;
  /** Asks it to finish, and waits until it has. */
  stop(): Promise<void>;
}

/** One that ends sooner is broken rather than unlucky: it is started again, but later each time. */
const SHORT_LIFE_MS = 10_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/**
 * V8 lets the short-lived half of the heap grow to three times 16 MB, and a process that decides 2,000 expenses a second
 * has it grow: halved, a worker's peak fell from 372 to 270 MB, at the same throughput (60,000 expenses).
 */
const NODE_OPTIONS = ["--max-semi-space-size=8"];

/**
 * Starts a process of the platform and waits until it is ready; starts it again whenever it ends by itself (a worker
 * ends by design when it cannot note the end of a job). It runs in a process group of its own, so that Ctrl-C reaches
 * only this process, which then stops the others in order; if this process is gone, the child's channel closes and it
 * stops by itself.
 *
 * @throws Error when it ends before it is first ready, with the last it said
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let delay = 0;
  let running = launch(options);
  const url = await running.ready;
  const watch = (current: Launched) => {
    void current.exited.then((code) => {
      if (stopping) return;
      const wasShort = performance.now() - current.startedAt < SHORT_LIFE_MS;
      delay = wasShort ? Math.min(LONGEST_DELAY_MS, delay * 2 || FIRST_DELAY_MS) : 0;
      options.onRestart(options.command, code, delay);
      timer = setTimeout(() => {
        running = launch(options);
        watch(running);
      }, delay);
    });
  };
  watch(running);
  return {
    url,
    get pid() {
      return running.process.pid;
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      running.process.kill("SIGTERM");
      await running.exited;
    },
  };
}

interface Launched {
  process: ReturnType<typeof fork>;
  startedAt: number;
  ready: Promise<string | undefined>;
  exited: Promise<number | null>;
}

function launch({ command, environment, log, program = CLI }: ChildOptions): Launched {
  const child = fork(program, [command], {
    env: { ...environment },
    execArgv: [...process.execArgv, ...NODE_OPTIONS],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const lastWords = lastLines(child.stderr);
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const ready = new Promise<string | undefined>((resolve, reject) => {
    child.on("message", (message: unknown) => {
      const parsed = readyMessage.safeParse(message);
      if (parsed.success) resolve(parsed.data.url);
    });
    child.once("error", reject);
    // "close" comes after the last of its output.
    child.once("close", (code) =>
      reject(
        new Error(
          `O processo "${command}" terminou (${code}) antes de estar pronto.\n${lastWords()}`,
        ),
      ),
    );
  });
  // The rejection of a restarted process is reported by its exit.
  ready.catch(() => undefined);
  return { process: child, startedAt: performance.now(), ready, exited };
}

/** The last lines for people that come out of a stream; log lines (JSON) are not. */
function lastLines(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.on("data", (chunk: Buffer) => {
    text = `${text}${chunk.toString()}`.slice(-4_000);
  });
  return () =>
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("{"))
      .slice(-5)
      .join("\n");
}

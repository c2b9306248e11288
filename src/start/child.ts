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
  /** It has ended without being asked to, and was started again. */
  onRestart(command: string, code: number | null): void;
}

export interface Child {
  /** What the process said it serves under, if it serves. */
  url: string | undefined;
  /** Asks it to finish, and waits until it has. */
  stop(): Promise<void>;
}

/** A process that lives for less than this after a start is broken, not unlucky: it is not started again. */
const MIN_LIFE_MS = 5_000;

/**
 * Starts a process of the platform and waits until it is ready; starts it again when it ends by itself (a worker ends
 * by design when its pool is lost). It runs in a process group of its own, so that Ctrl-C reaches only this process,
 * which then stops the others in order; if this process is gone, the child's channel closes and it stops by itself.
 *
 * @throws Error when it ends before it is ready
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  let stopping = false;
  let running = launch(options);
  const watch = (current: Launched) => {
    void current.exited.then(async (code) => {
      if (stopping || performance.now() - current.startedAt < MIN_LIFE_MS) return;
      options.onRestart(options.command, code);
      running = launch(options);
      watch(running);
    });
  };
  const url = await running.ready;
  watch(running);
  return {
    url,
    async stop() {
      stopping = true;
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

function launch({ command, environment, log }: ChildOptions): Launched {
  const child = fork(CLI, [command], {
    env: { ...environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const ready = new Promise<string | undefined>((resolve, reject) => {
    child.on("message", (message: unknown) => {
      const parsed = readyMessage.safeParse(message);
      if (parsed.success) resolve(parsed.data.url);
    });
    child.once("error", reject);
    void exited.then((code) =>
      reject(new Error(`The process "blindagem ${command}" ended (${code}) before it was ready.`)),
    );
  });
  // The rejection of a restarted process is reported by its exit.
  ready.catch(() => undefined);
  return { process: child, startedAt: performance.now(), ready, exited };
}

import { type CliProcess, startCli } from "../cli-process.ts";
import type { TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";

/** Short, so that a death is noticed within a test; long enough that a busy machine is not taken for dead. */
export const DEAD_AFTER_MS = 1_500;

export interface WorkerProcesses {
  /** Starts a worker process and waits until it is ready. */
  start(environment?: Readonly<Record<string, string>>): Promise<CliProcess>;
  /** Starts one, and another whenever it ends by itself, as systemd and `start` do. */
  keepOne(environment?: Readonly<Record<string, string>>): Promise<void>;
  /** Kills the youngest, wherever it is. */
  killYoungest(): void;
  /** Stops the youngest where it is (SIGSTOP), and starts another in its place. */
  pauseYoungest(): void;
  /** Lets those go on that were stopped. */
  wakeAll(): void;
  /** What all of them have logged. */
  log(): string;
  /** Ends those that are left, and waits for their ends. */
  killAll(): Promise<void>;
}

/** Worker processes of a test, on its database. */
export function workerProcesses(database: TestDatabase, registryUrl: string): WorkerProcesses {
  const started: CliProcess[] = [];
  let isOver = false;
  /** What those have in their environment that are kept going. */
  let kept: Readonly<Record<string, string>> = {};
  const launch = (environment: Readonly<Record<string, string>>): CliProcess => {
    const worker = startCli(["worker"], {
      environment: {
        WORKER_DATABASE_URL: database.url("worker"),
        WORKER_HEARTBEAT_MS: String(DEAD_AFTER_MS / 10),
        WORKER_DEAD_AFTER_MS: String(DEAD_AFTER_MS),
        CNPJWS_URL: registryUrl,
        CNPJWS_PER_MINUTE: "60000",
        PROVIDER_CONCURRENCY: "1",
        OCR_PROCESSES: "1",
        ...environment,
      },
    });
    started.push(worker);
    return worker;
  };
  const ready = async (worker: CliProcess) => {
    await waitFor("the worker to be ready", () => {
      if (worker.process.exitCode !== null) throw new Error(worker.stderr());
      return worker.stderr().includes("worker ready");
    });
    return worker;
  };
  const again = async (worker: CliProcess, environment: Readonly<Record<string, string>>) => {
    await worker.exited;
    if (!isOver) void again(launch(environment), environment);
  };
  return {
    start: (environment = {}) => {
      isOver = false;
      return ready(launch(environment));
    },
    async keepOne(environment = {}) {
      isOver = false;
      kept = environment;
      const first = launch(environment);
      void again(first, environment);
      await ready(first);
    },
    killYoungest() {
      started.at(-1)?.process.kill("SIGKILL");
    },
    pauseYoungest() {
      started.at(-1)?.process.kill("SIGSTOP");
      void again(launch(kept), kept);
    },
    wakeAll() {
      for (const { process } of started) process.kill("SIGCONT");
    },
    log: () => started.map(({ stderr }) => stderr()).join(""),
    async killAll() {
      isOver = true;
      for (const { process } of started) process.kill("SIGKILL");
      await Promise.all(started.map(({ exited }) => exited));
    },
  };
}

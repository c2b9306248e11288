import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { KEY_VARIABLES } from "./audit/test-keys.ts";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
/** Where Node.js keeps what it has compiled: hundreds of processes of the same modules start here. */
export const COMPILED = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url)),
};

/** A process of the executable, and what it has written so far. */
export interface CliProcess {
  process: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Its status, or the signal that ended it. */
  exited: Promise<number | NodeJS.Signals | null>;
}

export interface CliOptions {
  /** The whole environment besides PATH, HOME and the tests' keys: a test depends on none of the machine's. */
  environment: Readonly<Record<string, string>>;
  cwd?: string;
  /** With a channel to this process, as `start` gives its children. */
  channel?: boolean;
}

/** Starts `blindagem ARGS…`. */
export function startCli(args: readonly string[], options: CliOptions): CliProcess {
  const { environment, cwd = ROOT, channel = false } = options;
  const env = { ...machine(), ...environment };
  return watched(
    channel
      ? fork(CLI, args, { cwd, env, stdio: ["ignore", "pipe", "pipe", "ipc"] })
      : spawn(process.execPath, [CLI, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] }),
  );
}

/** Starts any program with that environment. */
export function startProgram(
  program: string,
  args: readonly string[],
  { environment, cwd = ROOT }: CliOptions,
): CliProcess {
  const env = { ...machine(), ...environment };
  return watched(spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] }));
}

export interface CliResult {
  status: number | NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs `blindagem ARGS…` to its end. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return resultOf(startCli(args, options));
}

/** Waits for the end of a process. */
export async function resultOf(started: CliProcess): Promise<CliResult> {
  const status = await started.exited;
  return { status, stdout: started.stdout(), stderr: started.stderr() };
}

function machine(): Record<string, string> {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME, ...COMPILED, ...KEY_VARIABLES };
}

function watched(child: ChildProcess): CliProcess {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = [child.stdout, child.stderr].map((stream) => stream && once(stream, "close"));
  const exited = once(child, "exit").then(async ([code, signal]) => {
    await Promise.all(ended);
    return code ?? signal;
  });
  return { process: child, stdout: () => stdout, stderr: () => stderr, exited };
}

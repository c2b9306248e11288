import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { ROOT } from "../cli-process.ts";

const SERVER = fileURLToPath(new URL("verifier_server.py", import.meta.url));

const answer = z.object({ status: z.int(), stdout: z.string(), stderr: z.string() });
type Answer = z.infer<typeof answer>;

/** The independent verifier, loaded once: each run is a process of its own, forked from this one. */
export class VerifierServer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting: PromiseWithResolvers<Answer>[] = [];
  #stderr = "";

  /** Starts it; it ends with the process that has started it, and keeps that from ending only while it runs something. */
  constructor(python: string, program: string) {
    const { PATH = "", HOME = "" } = process.env;
    this.#process = spawn(python, [SERVER, program], {
      cwd: ROOT,
      // Without bytecode beside the program.
      env: { PATH, HOME, PYTHONDONTWRITEBYTECODE: "1" },
    });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    createInterface({ input: this.#process.stdout }).on("line", (line) => {
      const waiting = this.#waiting.shift();
      const parsed = answer.safeParse(JSON.parse(line));
      if (parsed.success) waiting?.resolve(parsed.data);
      else waiting?.reject(parsed.error);
      if (this.#waiting.length === 0) this.#process.unref();
    });
    this.#process.on("close", () => {
      const error = new Error(`The verifier's server has ended: ${this.#stderr}`);
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
    // Whoever waits is told by "close".
    this.#process.stdin.on("error", () => undefined);
    this.#process.unref();
    for (const stream of [this.#process.stdin, this.#process.stdout, this.#process.stderr]) {
      if ("unref" in stream && typeof stream.unref === "function") stream.unref();
    }
  }

  /** Runs the verifier with these arguments to its end. */
  run(args: readonly string[]): Promise<Answer> {
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting.push(waiting);
    this.#process.ref();
    this.#process.stdin.write(`${JSON.stringify(args)}\n`);
    return waiting.promise;
  }
}

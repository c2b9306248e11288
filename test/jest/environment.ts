import { ModuleMocker } from "jest-mock";

/** The process's own globals, without a context of V8's for each test file; what a file changes of the process goes back. */
export default class ProcessEnvironment {
  readonly global = globalThis;
  readonly moduleMocker = new ModuleMocker(globalThis);
  // Jest asks for them; no test stops a clock.
  readonly fakeTimers = null;
  readonly fakeTimersModern = null;
  readonly #variables = { ...process.env };
  readonly #exitCode = process.exitCode;

  async setup(): Promise<void> {}

  async teardown(): Promise<void> {
    this.moduleMocker.restoreAllMocks();
    process.exitCode = this.#exitCode;
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, this.#variables);
  }

  getVmContext(): null {
    return null;
  }
}

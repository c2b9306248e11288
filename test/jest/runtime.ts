import { createRequire, registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import type ProcessEnvironment from "./environment.ts";

const require = createRequire(import.meta.url);
const PROJECT = new URL("../../", import.meta.url).href;
const JEST_GLOBALS = new URL("jest-globals.ts", import.meta.url).href;
/** Under which Jest's own modules find what a file has set. */
const TIMEOUT = Symbol.for("TEST_TIMEOUT_SYMBOL");
const EVENT_HANDLERS = Symbol.for("EVENT_HANDLERS");

/** How many test files this process has begun. */
let files = 0;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const { url, ...resolved } =
      specifier === "@jest/globals"
        ? { url: JEST_GLOBALS, shortCircuit: true }
        : nextResolve(specifier, context);
    const isProjects = url.startsWith(PROJECT) && !url.includes("/node_modules/");
    return { ...resolved, url: files > 0 && isProjects ? `${url.split("?")[0]}?${files}` : url };
  },
});

/**
 * Loads the test files with Node.js itself, as the platform is loaded, in place of Jest's modules in a context of V8's:
 * the project's modules are new for each test file, so that none finds what another has left in them; the libraries
 * are loaded once in each of Jest's processes. (Jest's own way loads all of them for each file: 2.4 s of processor time
 * for one that starts an API.)
 */
class NodeRuntime {
  readonly #environment: ProcessEnvironment;

  constructor(_config: unknown, environment: ProcessEnvironment) {
    this.#environment = environment;
    files += 1;
    Reflect.deleteProperty(globalThis, TIMEOUT);
    Reflect.deleteProperty(globalThis, EVENT_HANDLERS);
  }

  /** What `@jest/globals` gives to the file. */
  setGlobalsForRuntime(globals: object): void {
    const { moduleMocker } = this.#environment;
    const jest = {
      spyOn: moduleMocker.spyOn.bind(moduleMocker),
      restoreAllMocks: moduleMocker.restoreAllMocks.bind(moduleMocker),
      setTimeout: (milliseconds: number) => Reflect.set(globalThis, TIMEOUT, milliseconds),
    };
    Reflect.set(globalThis, "jestGlobals", { ...globals, jest });
  }

  /** Jest's own module of the tests' state, new for each file. */
  requireInternalModule(path: string): unknown {
    delete require.cache[path];
    return require(path);
  }

  async unstable_importModule(path: string): Promise<unknown> {
    return import(pathToFileURL(path).href);
  }

  unstable_shouldLoadAsEsm(): boolean {
    return true;
  }

  requireModule(path: string): unknown {
    return require(path);
  }

  getSourceMaps(): Map<string, string> {
    return new Map();
  }

  getAllCoverageInfoCopy(): undefined {}
  enterTestCode(): void {}
  leaveTestCode(): void {}
  teardown(): void {}
}

// Jest asks for the class with `require`.
export { NodeRuntime as "module.exports" };

import type * as Globals from "@jest/globals";

declare global {
  /** Of the test file that is running; set by the runtime. */
  var jestGlobals: Pick<
    typeof Globals,
    "afterAll" | "afterEach" | "beforeAll" | "beforeEach" | "describe" | "expect" | "it" | "jest"
  >;
}

/** What `@jest/globals` is when Node.js loads a test file. */
export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } =
  globalThis.jestGlobals;

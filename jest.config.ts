import type { Config } from "jest";

const config: Config = {
  // Node.js loads the files, and strips their types.
  testEnvironment: "<rootDir>/test/jest/environment.ts",
  runtime: "<rootDir>/test/jest/runtime.ts",
  transform: {},
  injectGlobals: false,
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  // `npm run chaos` takes them, too.
  testPathIgnorePatterns: process.env.CHAOS ? [] : ["/test/chaos/long/"],
  globalSetup: "<rootDir>/test/database/global-setup.ts",
  globalTeardown: "<rootDir>/test/database/global-teardown.ts",
  testSequencer: "<rootDir>/test/jest/longest-first.ts",
  maxWorkers: 2,
  // The project's modules of each file stay in memory: a worker that has grown is started anew.
  workerIdleMemoryLimit: "1GB",
  testTimeout: 30_000,
};

export default config;

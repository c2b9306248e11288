import type { Config } from "jest";

const config: Config = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  // `npm run chaos` takes them, too.
  testPathIgnorePatterns: process.env.CHAOS ? [] : ["/test/chaos/long/"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "es6" } },
    ],
  },
  globalSetup: "<rootDir>/test/database/global-setup.ts",
  globalTeardown: "<rootDir>/test/database/global-teardown.ts",
  testSequencer: "<rootDir>/test/longest-first.ts",
  maxWorkers: 2,
  testTimeout: 30_000,
};

export default config;

import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from "@jest/globals";
import { pino } from "pino";
import { startComparing } from "../../src/audit/comparing/comparing-process.ts";
import type { Sealing } from "../../src/audit/sealing-process.ts";
import { startTestSealing } from "../audit/start-sealing.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";
import { type StallingProxy, startStallingProxy } from "./stalling-proxy.ts";

jest.setTimeout(60_000);

const SILENCE_MS = 2_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

let proxy: StallingProxy;
let lines: string[];
beforeEach(async () => {
  lines = [];
  proxy = await startStallingProxy(database.url("sealer"));
});
afterEach(() => proxy.close());

const logger = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });

const seal = (databaseUrl: string) =>
  startTestSealing({ databaseUrl, silenceMs: SILENCE_MS, logger });

/** Adds a record, and waits for that process to seal it. */
async function untilSealed(sealing: Sealing): Promise<void> {
  const before = sealing.sealed();
  await database
    .pool("migrator")
    .query("insert into blindagem.people (subject, name) values (gen_random_uuid(), 'Pessoa')");
  await waitFor("a record to be sealed", () => sealing.sealed() > before, 40_000);
}

describe("a sealing process whose session no longer carries anything", () => {
  it("seals again by itself, although the server knows of nothing", async () => {
    const sealing = await seal(proxy.url);
    await untilSealed(sealing);
    proxy.stall();
    proxy.resume();
    await untilSealed(sealing);
    await sealing.stop();
    expect(lines.join("")).toContain("sealing was interrupted");
  });

  it("leaves its turn to one that stands by, and has it again after that one", async () => {
    const cutOff = await seal(proxy.url);
    await untilSealed(cutOff);
    const standby = await seal(database.url("sealer"));
    proxy.stall();
    await untilSealed(standby);
    expect(standby.active()).toBe(true);
    proxy.resume();
    await standby.stop();
    await untilSealed(cutOff);
    await cutOff.stop();
  });
});

describe("a comparing process whose session no longer carries anything", () => {
  it("compares again by itself", async () => {
    let rounds = 0;
    const comparing = startComparing({
      databaseUrl: proxy.url,
      rolePrefix: database.prefix,
      rowsPerSecond: 100_000,
      pollMs: 10,
      definitionsEveryMs: 600_000,
      roundEveryMs: 20,
      signed: async () => undefined,
      logger,
      silenceMs: SILENCE_MS,
      onRound: () => rounds++,
    });
    await waitFor("a round", () => rounds > 0);
    proxy.stall();
    proxy.resume();
    await waitFor("the interruption", () => lines.join("").includes("comparing was interrupted"));
    const before = rounds;
    await waitFor("a round after it", () => rounds > before, 40_000);
    await comparing.stop();
  });
});

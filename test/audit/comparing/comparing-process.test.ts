import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type pg from "pg";
import { pino } from "pino";
import {
  type Comparing,
  type ComparingOptions,
  startComparing,
} from "../../../src/audit/comparing/comparing-process.ts";
import { administer } from "../../database/cluster.ts";
import { createTestDatabase, type TestDatabase } from "../../database/test-database.ts";
import { sealAll } from "./compare.ts";

jest.setTimeout(60_000);

let database: TestDatabase;
let owner: pg.Pool;
let comparing: Comparing | undefined;
let lines: string[];
beforeEach(async () => {
  database = await createTestDatabase();
  owner = database.pool("migrator");
  lines = [];
  await sealAll(database);
});
afterEach(async () => {
  await comparing?.stop();
  comparing = undefined;
  await database.drop();
});

type Event = "round" | "failed" | "open";

/** Starts comparing; what is awaited is what comes after the call. */
function start(options: Partial<ComparingOptions> = {}) {
  const waiting: { event: Event; count: number; done: () => void }[] = [];
  let open: ReadonlyMap<string, number> = new Map();
  const settle = (event: Event) => {
    for (const each of waiting) {
      if (each.event !== event) continue;
      if (event === "open" && open.size !== each.count) continue;
      each.done();
    }
  };
  comparing = startComparing({
    databaseUrl: database.url("sealer"),
    rolePrefix: database.prefix,
    rowsPerSecond: 100_000,
    pollMs: 10,
    definitionsEveryMs: 600_000,
    roundEveryMs: 20,
    signed: async () => undefined,
    logger: pino({ level: "info" }, { write: (line: string) => void lines.push(line) }),
    onRound: () => settle("round"),
    onFailed: () => settle("failed"),
    onOpen: (now) => {
      open = now;
      settle("open");
    },
    ...options,
  });
  const until = (event: Event, count = 0) =>
    new Promise<void>((done) => waiting.push({ event, count, done }));
  return { until, open: () => Object.fromEntries(open) };
}

const errors = () => lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50);

const END_SESSION = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name = 'blindagem compare'`;

async function renameBehindTriggers(name: string): Promise<void> {
  await owner.query(
    `begin;
     alter table blindagem.people disable trigger audit_update;
     update blindagem.people set name = '${name}';
     alter table blindagem.people enable always trigger audit_update;
     commit`,
  );
}

describe("startComparing", () => {
  it("finds in a round what nobody recorded, tells it once as an error, and resolves it when it is mended", async () => {
    await owner.query("insert into blindagem.people (subject, name) values ('a', 'Ana')");
    const { until, open } = start();
    await until("round");
    expect(errors()).toEqual([]);
    const found = until("open", 1);
    await renameBehindTriggers("Bia");
    await found;
    expect(open()).toEqual({ ROW_CHANGED: 1 });
    await until("round");
    expect(errors()).toMatchObject([
      { msg: "state and log diverge", kind: "ROW_CHANGED", entityType: "people", fields: ["name"] },
    ]);
    expect(lines.join("")).not.toContain("Bia");
    await renameBehindTriggers("Ana");
    await until("round");
    await until("round");
    const { rows } = await owner.query(
      "select resolved_at is not null as resolved from blindagem_audit.divergences",
    );
    expect(rows).toEqual([{ resolved: true }]);
  });

  it("compares what was changed as soon as it is sealed, long before the round comes there", async () => {
    await owner.query("insert into blindagem.people (subject, name) values ('a', 'Ana')");
    await sealAll(database);
    // At this pace the first slice, of the definitions, lasts for the whole test.
    const { until, open } = start({ rowsPerSecond: 1 });
    await until("open", 0);
    await renameBehindTriggers("Bia");
    const found = until("open", 1);
    await owner.query("update blindagem.people set email = 'a@x.example' where subject = 'a'");
    await sealAll(database);
    await found;
    expect(open()).toEqual({ ROW_CHANGED: 1 });
  });

  it("goes on with the rest where a table cannot be read, and tells it", async () => {
    await owner.query(`revoke select on blindagem.people from ${database.prefix}_sealer`);
    const { until } = start();
    await until("failed");
    await until("round");
    expect(errors()).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ msg: "a step of the comparison failed", step: "people" }),
        expect.objectContaining({ kind: "DEFINITIONS", entityId: "blindagem.people" }),
      ]),
    );
  });

  it("survives the loss of its session, and never blocks a writer", async () => {
    const { until } = start();
    await until("round");
    await database.pool("sealer").query(END_SESSION);
    await until("round");
    await owner.query("alter table blindagem.people add column note text");
    await until("round");
  });

  it("goes on when a database that let nobody in lets it in again", async () => {
    const { until } = start();
    await until("round");
    const name = new URL(database.migratorUrl).pathname.slice(1);
    const inside = await database.pool("sealer").connect();
    await administer(database.migratorUrl, `alter database ${name} allow_connections false`);
    await inside.query(END_SESSION);
    inside.release();
    await until("failed");
    await administer(database.migratorUrl, `alter database ${name} allow_connections true`);
    await until("round");
  });
});

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type pg from "pg";
import { growTree, tileReader } from "../../src/audit/log-tree.ts";
import { CompactRange } from "../../src/audit/tree.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it("reads a tree of several tiles, and asks its session one thing at a time", async () => {
  const leaves = randomBytes(32 * 1_000);
  const client = await database.pool("sealer").connect();
  try {
    const grown = await growTree(client, CompactRange.of(0, []), leaves);
    let asking = 0;
    let most = 0;
    const query = client.query.bind(client) as (config: pg.QueryConfig) => Promise<pg.QueryResult>;
    const watched = Object.assign(Object.create(client) as pg.PoolClient, {
      async query(config: pg.QueryConfig) {
        asking += 1;
        most = Math.max(most, asking);
        return query(config).finally(() => {
          asking -= 1;
        });
      },
    });
    const read = await tileReader(watched, 1_000).compactRange();
    expect(read.root()).toEqual(grown.root());
    expect(most).toBe(1);
  } finally {
    client.release();
  }
});

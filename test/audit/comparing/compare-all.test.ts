import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type pg from "pg";
import { createTestDatabase, type TestDatabase } from "../../database/test-database.ts";
import { createTenant, type Tenant } from "../../database/world.ts";
import { asSuperuser, findDivergences, placesOf, sealAll } from "./compare.ts";

// Each misdeed has a database of its own, and each database everything a customer has.
jest.setTimeout(60_000);

let database: TestDatabase;
let owner: pg.Pool;
let tenant: Tenant;
beforeEach(async () => {
  database = await createTestDatabase();
  owner = database.pool("migrator");
  tenant = await createTenant(database);
  await sealAll(database);
});
afterEach(() => database.drop());

const found = async () => placesOf(await findDivergences(database));

/** Runs statements of the tables' owner with the triggers of a table switched off, and switched on again. */
async function behindTriggers(table: string, ...statements: string[]): Promise<void> {
  const triggers = ["audit_insert", "audit_update", "audit_delete", "audit_truncate"];
  for (const trigger of triggers) {
    await owner.query(`alter table blindagem.${table} disable trigger ${trigger}`);
  }
  for (const statement of statements) await owner.query(statement);
  for (const trigger of triggers) {
    await owner.query(`alter table blindagem.${table} enable always trigger ${trigger}`);
  }
}

describe("a database that nobody tampered with", () => {
  it("agrees with its log in every table, from both sides", async () => {
    expect(await found()).toEqual([]);
  });
});

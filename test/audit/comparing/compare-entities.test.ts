import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type pg from "pg";
import { loadAuditedTable } from "../../../src/audit/comparing/audited-tables.ts";
import { loadBaseline } from "../../../src/audit/comparing/baseline.ts";
import { compareChanged } from "../../../src/audit/comparing/compare-all.ts";
import { compareEntities } from "../../../src/audit/comparing/compare-entities.ts";
import { snapshotsOn } from "../../../src/audit/comparing/snapshot.ts";
import { createTestDatabase, type TestDatabase } from "../../database/test-database.ts";

const PEOPLE = 5000;

let database: TestDatabase;
let sealer: pg.PoolClient;
beforeAll(async () => {
  database = await createTestDatabase();
  await database
    .pool("migrator")
    .query(
      "insert into blindagem.people (subject, name) select 'person ' || n, 'Pessoa' from generate_series(1, $1) as n",
      [PEOPLE],
    );
  sealer = await database.pool("sealer").connect();
});
afterAll(async () => {
  sealer.release();
  await database.drop();
});

/** Rows of the log that the running transaction has gone through. */
async function rowsRead(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ read: number }>(
    `select sum(pg_stat_get_xact_tuples_returned(inhrelid) + pg_stat_get_xact_tuples_fetched(inhrelid))::int as read
     from pg_inherits where inhparent = 'blindagem_audit.audit_log_immutable'::regclass`,
  );
  return rows[0]?.read ?? Number.NaN;
}

// Nothing has gathered statistics of the log yet: so it is in the first hours of each month.
it("reads of a log without statistics only the records of the rows that it compares", async () => {
  await snapshotsOn(sealer)(async (client) => {
    const table = await loadAuditedTable(client, "people");
    if (!table) throw new Error("People are not audited.");
    const baseline = await loadBaseline(client);
    const { rows } = await client.query<{ id: string }>(
      "select id::text from blindagem.people order by id limit 250",
    );
    const before = await rowsRead(client);
    const compared = await compareEntities(
      client,
      table,
      baseline,
      rows.map(({ id }) => id),
    );
    expect(compared).toMatchObject({ count: 250, divergences: [] });
    expect((await rowsRead(client)) - before).toBeLessThan(1000);
  });
});

it("reads only those that were sealed when it looks for what they tell of", async () => {
  await snapshotsOn(sealer)(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      "select id::text from blindagem_audit.audit_log_immutable where entity_type = 'people' order by id limit 20",
    );
    const before = await rowsRead(client);
    const [compared] = await compareChanged(
      client,
      rows.map(({ id }) => id),
    );
    expect(compared).toMatchObject({ entityType: "people", count: 20, divergences: [] });
    expect((await rowsRead(client)) - before).toBeLessThan(400);
  });
});

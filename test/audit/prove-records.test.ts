import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { leafIndexes, proveRecords } from "../../src/audit/prove-records.ts";
import { verifyInclusion } from "../../src/audit/tree.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { sealAll } from "./seal-all.ts";
import { testKeys } from "./test-keys.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await insertPeople("a", "b", "c");
  await sealAll(database);
  // Sealed while a record with an id among theirs is not committed yet, and so in the run after theirs.
  const late = await database.pool("migrator").connect();
  await insertPeople("d");
  await late.query("begin");
  await late.query("insert into blindagem.people (subject, name) values ('late', 'Pessoa')");
  await insertPeople("e", "f");
  await sealAll(database);
  await late.query("commit");
  late.release();
  await insertPeople("g");
  await sealAll(database);
  // An id that nobody has.
  await insertPeople("h");
  await database.pool("migrator").query("select nextval('blindagem_audit.record_id')");
  await insertPeople("i", "j");
  await sealAll(database);
});
afterAll(() => database.drop());

async function insertPeople(...subjects: string[]): Promise<void> {
  for (const subject of subjects) {
    await database
      .pool("migrator")
      .query("insert into blindagem.people (subject, name) values ($1, 'Pessoa')", [subject]);
  }
}

function asAdmin<T>(ask: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  return database.asRequest("admin", { organization_id: "1", person_id: "1" }, ask);
}

interface Leaf {
  id: string;
  index: number;
  hash: Buffer;
}

/** All leaves, by the runs themselves, and how many of these have all ids from their first to their last. */
async function sealed(): Promise<{ leaves: Leaf[]; runs: number; wholeRuns: number }> {
  const sealer = database.pool("sealer");
  const { rows: leaves } = await sealer.query<Leaf>(
    `select id::text, (first_index + place - 1)::int as index, substring(leaf_hashes from 32 * (place - 1)::int + 1 for 32) as hash
     from blindagem_audit.sealed_runs cross join unnest(record_ids) with ordinality as leaf (id, place)
     order by index`,
  );
  const { rows } = await sealer.query<{ runs: number; whole: number }>(
    `select count(*)::int as runs,
       count(*) filter (where last_record_id - first_record_id + 1 = cardinality(record_ids))::int as whole
     from blindagem_audit.sealed_runs`,
  );
  return { leaves, runs: rows[0]?.runs ?? 0, wholeRuns: rows[0]?.whole ?? 0 };
}

describe("leafIndexes", () => {
  it("tells every record's place, whether its run has all ids or not", async () => {
    const { leaves, runs, wholeRuns } = await sealed();
    expect(wholeRuns).toBeGreaterThan(0);
    expect(runs - wholeRuns).toBeGreaterThan(1);
    const found = await asAdmin((client) =>
      leafIndexes(client, [...leaves.map(({ id }) => id), "999999"]),
    );
    expect([...found].sort(([, one], [, other]) => one - other)).toEqual(
      leaves.map(({ id, index }) => [id, index]),
    );
  });
});

describe("proveRecords", () => {
  it("proves each record against the newest checkpoint", async () => {
    const { leaves } = await sealed();
    const sealer = database.pool("sealer");
    const { rows } = await sealer.query<{ root: Buffer }>(
      "select root from blindagem_audit.checkpoints order by tree_size desc limit 1",
    );
    const root = rows[0]?.root ?? Buffer.alloc(0);
    const proofs = await asAdmin(async (client) => {
      const ids = leaves.map(({ id }) => id);
      return proveRecords(client, await leafIndexes(client, ids), testKeys);
    });
    expect(proofs.size).toBe(leaves.length);
    for (const { id, index, hash } of leaves) {
      const proof = proofs.get(id);
      if (proof === undefined) throw new Error(`Record ${id} has no proof.`);
      expect(proof).toMatchObject({ index, size: leaves.length });
      verifyInclusion({ index, size: proof.size, leafHash: hash, path: proof.path, root });
    }
  });
});

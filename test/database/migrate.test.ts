import { randomBytes } from "node:crypto";
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
import pg from "pg";
import { openTree } from "../../src/audit/log-tree.ts";
import { type SealedBatch, sealBatch } from "../../src/audit/seal-batch.ts";
import { migrate } from "../../src/database/migrate.ts";
import { attest, testKeys } from "../audit/test-keys.ts";
import { administer, type Cluster, cluster, urlOf, withDatabase } from "./cluster.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

// All migrations run, on a machine that does other things too.
jest.setTimeout(120_000);

const shared: Cluster = cluster.parse(JSON.parse(process.env.BLINDAGEM_TEST_CLUSTER ?? "null"));

/** Seals what waits, as the sealing process does. */
async function seal(sealerUrl: string): Promise<SealedBatch> {
  const sealer = new pg.Client({ connectionString: sealerUrl });
  await sealer.connect();
  try {
    return await sealBatch(sealer, await openTree(sealer), testKeys, 20_000);
  } finally {
    await sealer.end();
  }
}

describe("migrate with the key of the intents", () => {
  let name: string;
  let url: string;
  let client: pg.Client;
  beforeAll(async () => {
    name = `${shared.prefix}_${randomBytes(5).toString("hex")}`;
    await administer(shared.migratorUrl, `create database ${name}`);
    url = withDatabase(shared.migratorUrl, name);
    await migrate(url, shared.prefix, shared.passwords, { attest });
    client = new pg.Client({ connectionString: url });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await administer(shared.migratorUrl, `drop database ${name}`);
  });

  it("signs for all that an installation begins with: nothing is out of band, nothing unattested", async () => {
    const { rows } = await client.query(
      `select array_agg(distinct entity_type) as tables, array_agg(distinct action) as actions, array_agg(distinct actor_id) as actors,
         array_agg(distinct entry::json->>'actor_role') as roles, array_agg(distinct entry::json->>'reason') as reasons
       from blindagem_audit.audit_log_immutable where entity_type <> 'intents'`,
    );
    expect(rows).toEqual([
      {
        tables: ["categories", "definitions", "reader_thresholds", "rules"],
        actions: ["INSERT"],
        actors: ["system:migrate"],
        roles: ["migrator"],
        reasons: ["Instalação ou atualização (blindagem migrate)"],
      },
    ]);
    const batch = await seal(urlOf(shared, "sealer", name));
    expect(batch.sealed).toBeGreaterThan(10);
    expect(batch).toMatchObject({ unattested: 0, outOfBand: 0, installed: 0 });
  });

  it("leaves no record where there is nothing new", async () => {
    const newest = async () =>
      (await client.query("select max(id) from blindagem_audit.audit_log_immutable")).rows;
    const before = await newest();
    await migrate(url, shared.prefix, shared.passwords, { attest });
    expect(await newest()).toEqual(before);
  });
});

describe("migrate without the key of the intents", () => {
  let database: TestDatabase;
  let owner: pg.Pool;
  beforeEach(async () => {
    database = await createTestDatabase();
    owner = database.pool("migrator");
  });
  afterEach(() => database.drop());

  it("leaves records out of band, which the first batch does not count as changes by hand", async () => {
    const batch = await seal(database.url("sealer"));
    expect(batch).toMatchObject({ unattested: 0, outOfBand: 0, installed: batch.sealed });
    const { rows } = await owner.query(
      "select distinct action, actor_id from blindagem_audit.records",
    );
    expect(rows).toEqual([{ action: "OUT_OF_BAND", actor_id: null }]);
  });

  it("counts a change by hand before the first batch, and what comes behind it", async () => {
    await owner.query(`update blindagem.rules set parameters = '{"a":1,"operation":"INSERT","b":2}'
      where code = (select min(code) from blindagem.rules)`);
    await owner.query("insert into blindagem.categories (code, name) values ('NOVA', 'Nova')");
    const batch = await seal(database.url("sealer"));
    expect(batch.outOfBand).toBe(2);
    expect(batch.installed).toBe(batch.sealed - 2);
  });

  it("counts rows inserted by hand after the first batch", async () => {
    await seal(database.url("sealer"));
    await owner.query("insert into blindagem.categories (code, name) values ('NOVA', 'Nova')");
    expect(await seal(database.url("sealer"))).toMatchObject({ outOfBand: 1, installed: 0 });
  });
});

describe("whoever says to be migrate in SQL", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await seal(database.url("sealer"));
  });
  afterAll(() => database.drop());

  it("is found without an intent, and shown as out of band", async () => {
    const client = await database.pool("migrator").connect();
    try {
      await client.query("set blindagem.actor_id to 'system:migrate'");
      await client.query(
        "set blindagem.reason to 'Instalação ou atualização (blindagem migrate)'; set blindagem.role to 'migrator'",
      );
      await client.query("insert into blindagem.categories (code, name) values ('NOVA', 'Nova')");
    } finally {
      client.release(true);
    }
    expect(await seal(database.url("sealer"))).toMatchObject({ unattested: 1, outOfBand: 0 });
    const { rows } = await database
      .pool("migrator")
      .query("select cause from blindagem_audit.unattested_records");
    expect(rows).toEqual([{ cause: "NO_INTENT" }]);
  });

  it("has to give a reason like everybody", async () => {
    await expect(
      database.pool("migrator").query(`begin; set local blindagem.actor_id to 'system:migrate';
        insert into blindagem.categories (code, name) values ('OUTRA', 'Outra'); commit`),
    ).rejects.toMatchObject({ code: "BLD08" });
  });
});

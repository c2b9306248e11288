import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { createAttest } from "../../src/audit/attest.ts";
import { openTree } from "../../src/audit/log-tree.ts";
import { sealBatch } from "../../src/audit/seal-batch.ts";
import { type Actor, type Attest, transaction } from "../../src/database/actor.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { newSigner } from "./signing.ts";
import { attest, testKeys } from "./test-keys.ts";

const ACTOR: Actor = { id: "system:test", role: "worker", reason: "Teste", jobId: "7" };
const NO_INTENT: Attest = async () => undefined;

let database: TestDatabase;
let worker: pg.PoolClient;
let sealer: pg.PoolClient;
beforeAll(async () => {
  database = await createTestDatabase();
  worker = await database.pool("worker").connect();
  sealer = await database.pool("sealer").connect();
  const owner = database.pool("migrator");
  await owner.query(
    "insert into blindagem.organizations (name, cnpj) values ('Alfa', '11222333000181')",
  );
  await owner.query(
    "insert into blindagem.bank_connections (organization_id, provider_item_id) select 1, n::text from generate_series(1, 3) as n",
  );
});
afterAll(async () => {
  worker.release();
  sealer.release();
  await database.drop();
});
beforeEach(() => sealAll());

async function sealAll(limit = 1000): Promise<void> {
  for (let tree = await openTree(sealer); ; ) {
    const batch = await sealBatch(sealer, tree, testKeys, limit);
    if (batch.sealed === 0) return;
    tree = batch.tree;
  }
}

const CHANGE_TWO =
  "update blindagem.bank_connections set state_cause = gen_random_uuid()::text where id <= 2";
const CHANGE_ONE =
  "update blindagem.bank_connections set state_cause = gen_random_uuid()::text where id = 3";

/** A transaction of a task that changes two rows in each of so many statements. */
function writes(
  attesting: Attest,
  statements = 1,
  meanwhile: (client: pg.ClientBase) => Promise<unknown> = async () => undefined,
) {
  return transaction(worker, attesting, ACTOR, async (client) => {
    for (let at = 0; at < statements; at++) {
      await client.query(CHANGE_TWO);
      await meanwhile(client);
    }
  });
}

/** What sealing found since the last call. */
async function unattested(): Promise<{ cause: string; records: number }[]> {
  await sealAll();
  const { rows } = await sealer.query<{ cause: string; records: number }>(
    `select cause, count(*)::int as records from blindagem_audit.unattested_records
     where found_at > $1 group by cause`,
    [since],
  );
  return rows;
}
let since: Date;
beforeEach(async () => {
  const { rows } = await sealer.query<{ now: Date }>("select clock_timestamp() as now");
  since = rows[0]?.now ?? new Date();
});

describe("an intent", () => {
  it("covers what its transaction wrote, and stands in the log as a leaf itself", async () => {
    await writes(attest, 3);
    expect(await unattested()).toEqual([]);
    const { rows } = await sealer.query(
      `select r.entry::json->>'note' as note, exists (
         select from blindagem_audit.sealed_runs run where r.id = any (run.record_ids)) as sealed
       from blindagem_audit.audit_log_immutable r where entity_type = 'intents' order by id desc limit 1`,
    );
    expect(rows[0]?.sealed).toBe(true);
    const said = JSON.parse(rows[0]?.note.split("\n")[1]);
    expect(said).toMatchObject({
      actor_id: "system:test",
      job_id: "7",
      actions: ["UPDATE"],
      records: 6,
    });
  });

  it("has to be signed by a key that is valid where it stands, not where its batch begins", async () => {
    const { size } = await openTree(sealer);
    await writes(attest);
    await writes(attest);
    // Two records and an intent each.
    const keys = testKeys.map((each) =>
      each.role === "intent" ? { ...each, until: size + 3 } : each,
    );
    const batch = await sealBatch(sealer, await openTree(sealer), keys, 1000);
    expect(batch).toMatchObject({ sealed: 6, unattested: 2 });
    expect(await unattested()).toEqual([{ cause: "INVALID_INTENT", records: 2 }]);
  });

  it("is not made where nothing was recorded", async () => {
    const count = async () =>
      (await sealer.query("select from blindagem_audit.audit_log_immutable")).rowCount;
    const before = await count();
    await transaction(worker, attest, ACTOR, (client) => client.query("select 1"));
    expect(await count()).toBe(before);
  });

  it("covers a transaction whose statements are sealed in several batches, among those of others", async () => {
    const other = await database.pool("worker").connect();
    const between = () => transaction(other, attest, ACTOR, (client) => client.query(CHANGE_ONE));
    await writes(attest, 4, between);
    other.release();
    await sealAll(1);
    expect(await unattested()).toEqual([]);
    const { rowCount } = await sealer.query("select from blindagem_audit.split_transactions");
    expect(rowCount).toBe(0);
  });
});

describe("records without a valid intent", () => {
  it("are found when their process did not sign", async () => {
    await writes(NO_INTENT, 2);
    expect(await unattested()).toEqual([{ cause: "NO_INTENT", records: 4 }]);
  });

  it("are found when a stranger's key signed", async () => {
    const stranger = await newSigner("teste/blindagem/intent");
    await writes(createAttest(async () => stranger));
    expect(await unattested()).toEqual([{ cause: "INVALID_INTENT", records: 2 }]);
  });

  it("are found when the intent is another transaction's", async () => {
    await writes(attest);
    const { rows } = await sealer.query(
      `select entry::json->>'note' as note from blindagem_audit.audit_log_immutable
       where entity_type = 'intents' order by id desc limit 1`,
    );
    await writes(async (client) => {
      await client.query("select blindagem_audit.attest($1)", [rows[0]?.note]);
    });
    expect(await unattested()).toEqual([{ cause: "INVALID_INTENT", records: 2 }]);
  });

  it("are found when something was written after the intent", async () => {
    await writes(async (client, actor) => {
      await attest(client, actor);
      await client.query(CHANGE_ONE);
    });
    expect(await unattested()).toEqual([{ cause: "OTHER_RECORDS", records: 3 }]);
  });

  it.each([
    ["actor_id", "person:999"],
    ["role", "admin"],
    ["request_id", "r-2"],
    ["job_id", "8"],
    ["reason", "Outro motivo"],
  ])(
    "are those that say another %s than their intent, though it covers them",
    async (name, value) => {
      for (const limit of [1000, 1]) {
        await writes(attest, 2, (client) =>
          client.query("select set_config('blindagem.' || $1, $2, true)", [name, value]),
        );
        await sealAll(limit);
      }
      expect(await unattested()).toEqual([{ cause: "CONTRADICTED", records: 4 }]);
    },
  );

  it("are not called contradicted by a sealing process that does not know their format, and does not tell it", async () => {
    const former = sealer.query(
      "insert into blindagem_audit.unattested_records (record_id, cause) values (999999999, 'CONTRADICTED')",
    );
    await expect(former).rejects.toMatchObject({ constraint: "unattested_records_format_check" });
  });

  it("are not those with a reason that somebody typed, which the intent does not have", async () => {
    await writes(attest, 2, (client) =>
      client.query(
        "select set_config('blindagem.' || name, 'Conferido', true) from unnest('{reason,typed_reason}'::text[]) as name",
      ),
    );
    expect(await unattested()).toEqual([]);
  });

  it("are not those of a hand at the SQL prompt: they say OUT_OF_BAND by themselves", async () => {
    await database.pool("migrator").query("update blindagem.organizations set name = 'Beta'");
    expect(await unattested()).toEqual([]);
  });
});

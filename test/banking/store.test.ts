import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import type { Freshness } from "../../src/banking/freshness.ts";
import type { BankMovement } from "../../src/banking/movement.ts";
import { setConnectionState } from "../../src/banking/store-connection.ts";
import {
  softDeleteMissingTransactions,
  softDeleteTransactions,
} from "../../src/banking/store-deletions.ts";
import { settleDeletions } from "../../src/banking/store-replacements.ts";
import { upsertBankTransactions } from "../../src/banking/store-transactions.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

const movement = (providerId: string, fields: Partial<BankMovement> = {}): BankMovement => ({
  providerId,
  accountProviderId: "a-1",
  postedAt: new Date("2026-11-05T17:07:00.000Z"),
  amount: -123456n,
  description: "PIX ENVIADO",
  operationType: "PIX",
  counterpartyDocument: "12ABC34501DE35",
  counterpartyName: "FORNECEDOR",
  endToEndId: "E60701190202611051707a1B2c3D4e5F",
  originalEndToEndId: null,
  checkNumber: null,
  status: "POSTED",
  raw: null,
  ...fields,
});
const first = new Date("2026-11-06T06:00:00Z");
const second = new Date("2026-11-07T06:00:00Z");
const third = new Date("2026-11-08T06:00:00Z");

let database: TestDatabase;
/** The stores run with the rights of the workers' login. */
let worker: pg.PoolClient;
let condominiumId: string;
let connectionId: string;
let accountId: string;
let otherAccountId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await database.pool("worker").connect();
});
afterAll(async () => {
  worker.release();
  await database.drop();
});

beforeEach(async () => {
  const made = await asOwner(
    `
    with organization as (
      insert into blindagem.organizations (name) values ('Administradora') returning id
    ),
    condominium as (
      insert into blindagem.condominiums (name) values ('Edifício Exemplo') returning id
    ),
    connection as (
      insert into blindagem.bank_connections (organization_id, condominium_id, provider_item_id)
      select organization.id, condominium.id, gen_random_uuid()::text from organization, condominium
      returning id, condominium_id
    ),
    account as (
      insert into blindagem.bank_accounts (condominium_id, connection_id, name)
      select condominium_id, id, name from connection, unnest(array['Conta', 'Outra']) as name
      returning id, name, condominium_id, connection_id
    )
    select condominium_id, connection_id, min(id) filter (where name = 'Conta') as account_id,
      min(id) filter (where name = 'Outra') as other_account_id
    from account group by 1, 2
    `,
  );
  ({
    condominium_id: condominiumId,
    connection_id: connectionId,
    account_id: accountId,
    other_account_id: otherAccountId,
  } = made.rows[0]);
});

/** Rows that a worker may not make: with the rights of their owner. */
async function asOwner(text: string, values: unknown[] = []) {
  const client = await database.pool("migrator").connect();
  try {
    await client.query(`set role ${database.prefix}_owner`);
    return await client.query(text, values);
  } finally {
    await client.query("reset role");
    client.release();
  }
}

async function stored() {
  const { rows } = await worker.query(
    `
    select condominium_id, provider_id, posted_at, posted_on::text, amount, description, status,
      counterparty_document, end_to_end_id, first_seen_at, last_seen_at, deleted_at
    from blindagem.bank_transactions where account_id = $1 order by provider_id
    `,
    [accountId],
  );
  return rows;
}

async function audit(): Promise<number> {
  const { rows } = await database
    .pool("migrator")
    .query("select count(*)::int as count from blindagem_audit.records");
  return rows[0].count;
}

describe("upsertBankTransactions", () => {
  it("stores a movement whole, on its day in Brasília, for the account's condominium", async () => {
    const late = movement("t-1", { postedAt: new Date("2026-11-06T02:30:00.000Z") });
    expect(await upsertBankTransactions(worker, accountId, [late], first)).toEqual({
      inserted: 1,
      updated: 0,
      unchanged: 0,
      ignored: 0,
    });
    expect(await stored()).toEqual([
      {
        condominium_id: condominiumId,
        provider_id: "t-1",
        posted_at: late.postedAt,
        posted_on: "2026-11-05",
        amount: "-1234.56",
        description: "PIX ENVIADO",
        status: "POSTED",
        counterparty_document: "12ABC34501DE35",
        end_to_end_id: "E60701190202611051707a1B2c3D4e5F",
        first_seen_at: first,
        last_seen_at: first,
        deleted_at: null,
      },
    ]);
  });

  it("leaves alone what it knows, and changes in place what differs", async () => {
    const pending = movement("t-2", { status: "PENDING" });
    await upsertBankTransactions(worker, accountId, [movement("t-1"), pending], first);
    const again = [movement("t-1"), movement("t-2"), movement("t-3")];
    const counts = await upsertBankTransactions(worker, accountId, again, second);
    expect(counts).toEqual({ inserted: 1, updated: 1, unchanged: 1, ignored: 0 });
    const audited = await audit();
    expect(await upsertBankTransactions(worker, accountId, again, third)).toMatchObject({
      unchanged: 3,
    });
    expect(await audit()).toBe(audited);
    const [unchanged, posted] = await stored();
    expect(unchanged).toMatchObject({ last_seen_at: first });
    expect(posted).toMatchObject({ status: "POSTED", first_seen_at: first, last_seen_at: second });
  });

  it("takes the last of two entries with one id, and ignores entries of zero", async () => {
    const list = [
      movement("t-1", { description: "old" }),
      movement("t-1", { description: "new" }),
      movement("t-0", { amount: 0n }),
    ];
    const counts = await upsertBankTransactions(worker, accountId, list, first);
    expect(counts).toEqual({ inserted: 1, updated: 0, unchanged: 0, ignored: 1 });
    expect(await stored()).toMatchObject([{ description: "new" }]);
  });

  it("brings back what had been taken back", async () => {
    await upsertBankTransactions(worker, accountId, [movement("t-1")], first);
    await softDeleteTransactions(worker, accountId, ["t-1"], first);
    const counts = await upsertBankTransactions(worker, accountId, [movement("t-1")], second);
    expect(counts.updated).toBe(1);
    expect(await stored()).toMatchObject([{ deleted_at: null, last_seen_at: second }]);
  });

  it("keeps the condominium that an itemised movement of a pool account was given", async () => {
    const { rows } = await asOwner(
      `
      insert into blindagem.bank_accounts (organization_id, connection_id, name, purpose)
      select organization_id, id, 'Conta pool', 'POOL' from blindagem.bank_connections where id = $1
      returning id
      `,
      [connectionId],
    );
    const poolId: string = rows[0].id;
    const condominiumOf = async () =>
      (
        await worker.query(
          "select condominium_id from blindagem.bank_transactions where account_id = $1 order by provider_id",
          [poolId],
        )
      ).rows;
    await upsertBankTransactions(worker, poolId, [movement("t-1")], first);
    expect(await condominiumOf()).toEqual([{ condominium_id: null }]);
    await asOwner(
      `insert into blindagem.bank_transactions (
         condominium_id, account_id, provider_id, posted_at, posted_on, amount, description, operation_type, status)
       select $2, account_id, 't-2', posted_at, posted_on, amount, description, operation_type, status
       from blindagem.bank_transactions where account_id = $1`,
      [poolId, condominiumId],
    );
    const changed = movement("t-2", { description: "LOTE" });
    await upsertBankTransactions(worker, poolId, [changed], second);
    expect(await condominiumOf()).toEqual([
      { condominium_id: null },
      { condominium_id: condominiumId },
    ]);
  });

  it("stores nothing for an account that does not exist, and asks nothing for no movements", async () => {
    const counts = await upsertBankTransactions(worker, "0", [movement("t-1")], first);
    expect(counts.inserted).toBe(0);
    const none = { inserted: 0, updated: 0, unchanged: 0, ignored: 0 };
    expect(await upsertBankTransactions(worker, accountId, [], first)).toEqual(none);
    expect(await stored()).toEqual([]);
  });
});

describe("soft deletion", () => {
  it("marks what is reported, once, and only of that account", async () => {
    await upsertBankTransactions(worker, accountId, [movement("t-1"), movement("t-2")], first);
    await upsertBankTransactions(worker, otherAccountId, [movement("t-1")], first);
    const ids = ["t-1", "unknown"];
    expect(await softDeleteTransactions(worker, accountId, ids, first)).toBe(1);
    expect(await softDeleteTransactions(worker, accountId, ids, second)).toBe(0);
    expect(await stored()).toMatchObject([{ deleted_at: first }, { deleted_at: null }]);
    const { rows } = await worker.query(
      "select from blindagem.bank_transactions where account_id = $1 and deleted_at is null",
      [otherAccountId],
    );
    expect(rows).toHaveLength(1);
  });

  it("marks what a complete listing no longer holds, from its first day on", async () => {
    const on = (providerId: string, day: string) =>
      movement(providerId, { postedAt: new Date(`${day}T03:00:00.000Z`) });
    const known = [on("t-1", "2026-11-03"), on("t-2", "2026-11-04"), on("t-3", "2026-11-05")];
    await upsertBankTransactions(worker, accountId, known, first);
    const times = { listedAt: second, deletedAt: second };
    const missing = ["2026-11-04", ["t-3"], times] as const;
    expect(await softDeleteMissingTransactions(worker, accountId, ...missing)).toBe(1);
    expect((await stored()).map((row) => row.deleted_at)).toEqual([null, second, null]);
    expect(await softDeleteMissingTransactions(worker, accountId, "2026-11-04", [], times)).toBe(1);
  });
});

describe("soft deletion beside another sync", () => {
  it("spares what was stored after the listing was asked for", async () => {
    await upsertBankTransactions(worker, accountId, [movement("t-1")], second);
    const times = { listedAt: first, deletedAt: third };
    expect(await softDeleteMissingTransactions(worker, accountId, "2026-11-01", [], times)).toBe(0);
  });
});

describe("movements that a file told of first", () => {
  const fileRow = (key: string, description: string) =>
    asOwner("select blindagem_private.add_told_movements($1, $2)", [
      accountId,
      JSON.stringify([
        { fileKey: key, postedAt: "2026-11-05T03:00:00Z", amount: "-1234.56", description },
      ]),
    ]);
  const ids = async () => (await stored()).map(({ provider_id }) => provider_id);

  it("become the provider's, each once", async () => {
    await fileRow("A1", "PIX ENVIADO FORNECEDOR");
    const counts = await upsertBankTransactions(worker, accountId, [movement("t-1")], first);
    expect(counts).toMatchObject({ inserted: 0, updated: 1 });
    await upsertBankTransactions(worker, accountId, [movement("t-1")], second);
    expect(await ids()).toEqual(["t-1"]);
  });

  it("wait for a person where nothing tells whether they are the provider's", async () => {
    await fileRow("A1", "TARIFA MENSAL");
    const entries = [movement("t-1", { endToEndId: null })];
    for (const at of [first, second]) {
      expect(await upsertBankTransactions(worker, accountId, entries, at)).toMatchObject({
        inserted: 0,
      });
    }
    expect(await ids()).toEqual(["file:A1"]);
    const { rows } = await worker.query(
      "select id, subject from blindagem.reviews where condominium_id = $1 and kind = 'BANK'",
      [condominiumId],
    );
    expect(rows).toEqual([
      { id: expect.anything(), subject: expect.stringMatching(/^statement-entry:/) },
    ]);
    await asOwner(
      `with person as (
         insert into blindagem.people (subject, name) values (gen_random_uuid()::text, 'Ana') returning id)
       update blindagem.reviews set outcome = 'APPROVED', resolved_at = now(), resolution_reason = 'É outra',
         resolved_by = (select id from person) where id = $1`,
      [rows[0].id],
    );
    expect(await ids()).toEqual(["file:A1", "t-1"]);
    await upsertBankTransactions(worker, accountId, entries, third);
    expect(await ids()).toEqual(["file:A1", "t-1"]);
  });

  it("are not taken back by a listing of the provider, nor is what both told of", async () => {
    await fileRow("A1", "PIX ENVIADO FORNECEDOR");
    await fileRow("A2", "CHEQUE COMPENSADO");
    await upsertBankTransactions(worker, accountId, [movement("t-1")], first);
    const times = { listedAt: second, deletedAt: second };
    await softDeleteMissingTransactions(worker, accountId, "2026-11-01", [], times);
    await settleDeletions(worker, accountId, "2026-11-01", third);
    expect(
      (await stored()).map(({ provider_id, deleted_at }) => [provider_id, deleted_at]),
    ).toEqual([
      ["file:A1", null],
      ["file:A2", null],
    ]);
  });
});

describe("settleDeletions", () => {
  const replaced = async () => {
    const { rows } = await worker.query(
      `select t.provider_id as old, r.provider_id as by from blindagem.bank_transactions t
       left join blindagem.bank_transactions r on r.id = t.replaced_by
       where t.account_id = $1 and t.deleted_at is not null order by 1`,
      [accountId],
    );
    return rows;
  };
  const pending = (id: string) => movement(id, { status: "PENDING", endToEndId: null });

  it("names what an announced movement became when it was posted under another id", async () => {
    await upsertBankTransactions(worker, accountId, [pending("p-1")], first);
    const posted = movement("t-1", { postedAt: new Date("2026-11-06T15:00:00Z") });
    await upsertBankTransactions(worker, accountId, [posted], second);
    await softDeleteTransactions(worker, accountId, ["p-1"], second);
    await settleDeletions(worker, accountId, "2026-11-01", third);
    expect(await replaced()).toEqual([{ old: "p-1", by: "t-1" }]);
  });

  it("names none where two might be it, and none of another party", async () => {
    await upsertBankTransactions(worker, accountId, [pending("p-1")], first);
    await softDeleteTransactions(worker, accountId, ["p-1"], second);
    const other = movement("t-0", { counterpartyDocument: "11222333000181" });
    await upsertBankTransactions(worker, accountId, [other], second);
    await settleDeletions(worker, accountId, "2026-11-01", third);
    expect(await replaced()).toEqual([{ old: "p-1", by: null }]);
    await upsertBankTransactions(worker, accountId, [movement("t-1"), movement("t-2")], third);
    await settleDeletions(worker, accountId, "2026-11-01", third);
    expect(await replaced()).toEqual([{ old: "p-1", by: null }]);
  });
});

describe("setConnectionState", () => {
  const state = async () => {
    const { rows } = await worker.query(
      `
      select state, state_cause, known_until, consent_expires_at, synced_at
      from blindagem.bank_connections where id = $1
      `,
      [connectionId],
    );
    return rows[0];
  };

  it("keeps the state, and never takes back until when the data is known", async () => {
    const fresh: Freshness = { state: "FRESH", asOf: first, cause: null };
    await setConnectionState(worker, connectionId, fresh, second, first);
    expect(await state()).toEqual({
      state: "FRESH",
      state_cause: null,
      known_until: first,
      consent_expires_at: second,
      synced_at: first,
    });
    const broken: Freshness = { state: "BROKEN", asOf: null, cause: "LOGIN_ERROR" };
    await setConnectionState(worker, connectionId, broken, null, second);
    expect(await state()).toEqual({
      state: "BROKEN",
      state_cause: "LOGIN_ERROR",
      known_until: first,
      consent_expires_at: null,
      synced_at: second,
    });
  });
});

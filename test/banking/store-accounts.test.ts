import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type pg from "pg";
import { pluggyAccount } from "../../src/banking/pluggy-shapes.ts";
import { upsertBankAccounts } from "../../src/banking/store-accounts.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { createTenant, type Tenant } from "../tasks/tenant.ts";

let database: TestDatabase;
let worker: pg.PoolClient;
let tenant: Tenant;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await database.pool("worker").connect();
  tenant = await createTenant(database);
});
afterAll(async () => {
  worker.release();
  await database.drop();
});

const account = (id: string, more: object = {}) =>
  pluggyAccount.parse({ id, itemId: "item", type: "BANK", ...more });

async function stored(connectionId: string) {
  const { rows } = await worker.query(
    `select provider_account_id as id, name, number_masked as number
     from blindagem.bank_accounts where connection_id = $1 order by 1`,
    [connectionId],
  );
  return rows;
}

it("keeps of a number only its end, and finds a name for an account without", async () => {
  const connection = await tenant.connect("item-1");
  await upsertBankAccounts(worker, connection, [
    account("a", { name: " Conta corrente ", number: "0001/12345-6" }),
    account("b", { name: "x", marketingName: "Conta Ouro", number: "12" }),
    account("c", { name: " ", number: null }),
  ]);
  expect(await stored(connection)).toEqual([
    { id: "a", name: "Conta corrente", number: "****3456" },
    { id: "b", name: "Conta Ouro", number: "****12" },
    { id: "c", name: "Conta bancária", number: null },
  ]);
});

it("follows a new name, and gives back only what was listed", async () => {
  const connection = await tenant.connect("item-2");
  await upsertBankAccounts(worker, connection, [account("d", { name: "Old" }), account("e")]);
  const again = await upsertBankAccounts(worker, connection, [account("d", { name: "New" })]);
  expect(again.map(({ providerAccountId }) => providerAccountId)).toEqual(["d"]);
  expect(await stored(connection)).toMatchObject([{ id: "d", name: "New" }, { id: "e" }]);
});

it("takes no account from another connection", async () => {
  const first = await tenant.connect("item-3");
  await upsertBankAccounts(worker, first, [account("f", { name: "Mine" })]);
  const second = await tenant.connect("item-4");
  expect(await upsertBankAccounts(worker, second, [account("f", { name: "Theirs" })])).toEqual([]);
  expect(await stored(first)).toMatchObject([{ id: "f", name: "Mine" }]);
});

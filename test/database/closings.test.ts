import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { sealAll } from "../audit/seal-all.ts";
import { itWithSuperuser } from "./superuser.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { type Asker, ask, createTenant, rowOf, type Tenant } from "./world.ts";

let database: TestDatabase;
let ours: Tenant;
let theirs: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  ours = await createTenant(database);
  theirs = await createTenant(database);
  await submit("march", "2020-03");
  await submit("april", "2020-04");
});
afterAll(() => database.drop());

async function submit(externalId: string, competence: string, fields = {}): Promise<void> {
  await ask(database, ours.askers.admin, "select blindagem.submit_expense_batch($1, $2)", [
    JSON.stringify([
      rowOf({ index: 0, externalId, condominium: ours.code, competence, ...fields }),
    ]),
    "c".repeat(64),
  ]);
}

interface Closing {
  id: string;
  revision: number;
  tree_size: string;
  root: string;
}

async function close(
  asker: Asker = ours.askers.admin,
  { condominium = ours.condominiumId, month = "2020-03-01", reason = "Mês conferido" } = {},
): Promise<Closing> {
  const [closing] = await ask<Closing>(
    database,
    asker,
    "select * from blindagem.close_period($1, $2, $3)",
    [condominium, month, reason],
  );
  if (!closing) throw new Error("No closing came.");
  return closing;
}

interface LaterChange {
  entity_type: string;
  entity_id: string;
  action: string;
  leaf_index: string | null;
}

const laterChanges = ({ id }: Closing, asker: Asker = ours.askers.admin) =>
  ask<LaterChange>(
    database,
    asker,
    "select change.* from blindagem.closings c cross join blindagem.closings_later_changes(c) as change where c.id = $1",
    [id],
  );

const kinds = (changes: readonly LaterChange[]) =>
  [...new Set(changes.map(({ entity_type }) => entity_type))].sort();

describe("closing a month", () => {
  it("is refused before the log has a signed checkpoint, without a reason, and for what is not there to close", async () => {
    const { admin, reviewer, auditor, sindico } = ours.askers;
    await expect(close()).rejects.toMatchObject({ code: "BLD14" });
    await expect(close(sindico)).rejects.toMatchObject({ code: "BLD14" });
    await expect(close(admin, { reason: " " })).rejects.toMatchObject({ code: "BLD08" });
    await expect(close(admin, { month: "2020-03-02" })).rejects.toMatchObject({ code: "BLD04" });
    await expect(close(admin, { month: "2199-01-01" })).rejects.toMatchObject({
      code: "BLD06",
      message: "O mês 01/2199 ainda não terminou.",
    });
    const condominium = theirs.condominiumId;
    await expect(close(admin, { condominium })).rejects.toMatchObject({ code: "BLD03" });
    for (const asker of [reviewer, auditor]) {
      await expect(close(asker)).rejects.toMatchObject({ code: "42501" });
    }
  });

  it("binds it to the newest checkpoint, and tells what the log says of it later, of that month alone", async () => {
    const size = await sealAll(database);
    const closing = await close();
    const { rows } = await database
      .pool("migrator")
      .query("select encode(root, 'base64') as root from blindagem_audit.checkpoints");
    for (const month of ["-infinity", "infinity"]) {
      await expect(close(ours.askers.admin, { month })).rejects.toMatchObject({ code: "BLD04" });
    }
    expect(closing).toMatchObject({ revision: 1, tree_size: String(size), root: rows[0]?.root });
    expect(await laterChanges(closing)).toEqual([]);
    await submit("late", "2020-03");
    await submit("later", "2020-04");
    const waiting = await laterChanges(closing);
    expect(kinds(waiting)).toEqual(["expenses", "payables", "retentions"]);
    expect(waiting.filter(({ entity_type }) => entity_type === "expenses")).toHaveLength(1);
    expect(waiting.every(({ leaf_index }) => leaf_index === null)).toBe(true);
    await sealAll(database);
    const sealed = await laterChanges(closing);
    expect(sealed).toHaveLength(waiting.length);
    for (const { leaf_index } of sealed) expect(Number(leaf_index)).toBeGreaterThanOrEqual(size);
  });

  it("tells of statements of the month, their files and what was decided of them", async () => {
    await sealAll(database);
    const february = await close(ours.askers.admin, { month: "2020-02-01" });
    const may = await close(ours.askers.admin, { month: "2020-05-01" });
    const owner = database.pool("migrator");
    await owner.query(
      `with file as (
         insert into blindagem.statement_files (organization_id, condominium_id, kind, sha256, file_name, size, imported_by)
         values ($1, $2, 'OFX', $3, 'fevereiro.ofx', 1, $4) returning id
       ), account as (
         select id from blindagem.bank_accounts where condominium_id = $2 limit 1
       ), statement as (
         insert into blindagem.bank_statements (account_id, starts_on, ends_on, file_id)
         select account.id, '2020-02-10', '2020-03-09', file.id from account, file
       )
       insert into blindagem.statement_exceptions (condominium_id, account_id, kind, from_day, to_day)
       select $2, account.id, 'GAP', '2020-02-01', '2020-02-09' from account`,
      [
        ...[ours.organizationId, ours.condominiumId, "f".repeat(64)],
        ours.askers.admin.settings.person_id,
      ],
    );
    expect(kinds(await laterChanges(february))).toEqual([
      "bank_statements",
      "statement_exceptions",
      "statement_files",
    ]);
    expect(await laterChanges(may)).toEqual([]);
  });

  it("has the same records of a month for a process of a version before 74, which asks for each by itself", async () => {
    const months = await ask<{ asked_singly: string[]; asked_together: string[] }>(
      database,
      ours.askers.admin,
      `select (
         select array_agg(r.id order by r.id) from blindagem_audit.audit_log_immutable r
         where blindagem_private.is_of_month(r.condominium_id, m.month, r.entity_type, r.entity_id)) as asked_singly, (
         select array_agg(r.id order by r.id)
         from (
           select array_agg(s.entity_type) as types, array_agg(s.entity_id) as ids
           from blindagem_audit.audit_log_immutable s where s.condominium_id = $1) as whole
         cross join lateral blindagem_private.entities_of_month($1, m.month, whole.types, whole.ids) as e
         join blindagem_audit.audit_log_immutable r
           on (r.condominium_id, r.entity_type, r.entity_id) = ($1, e.entity_type, e.entity_id)) as asked_together
       from unnest('{2020-02-01,2020-03-01,2020-04-01}'::date[]) as m (month) order by m.month`,
      [ours.condominiumId],
    );
    expect(months).toHaveLength(3);
    for (const { asked_singly, asked_together } of months) {
      expect(asked_singly.length).toBeGreaterThan(0);
      expect(asked_singly).toEqual(asked_together);
    }
  });

  it("can be done again, in a row of its own; the one before stays as it was", async () => {
    await sealAll(database);
    const again = await close(ours.askers.sindico);
    expect(again.revision).toBe(2);
    expect(await laterChanges(again)).toEqual([]);
    const [first] = await ask<Closing>(
      database,
      ours.askers.admin,
      "select * from blindagem.closings where month = '2020-03-01' and revision = 1",
    );
    if (!first) throw new Error("The first closing is gone.");
    expect((await laterChanges(first)).at(-1)).toMatchObject({
      entity_type: "closings",
      action: "CLOSE_PERIOD",
    });
    for (const change of [
      "update blindagem.closings set tree_size = 1",
      "delete from blindagem.closings",
      "truncate blindagem.closings",
    ]) {
      await expect(database.pool("migrator").query(change)).rejects.toMatchObject({
        code: "BLD06",
      });
    }
  });

  it("has the movements of the month and what pays its expenses in the list", async () => {
    await sealAll(database);
    const closing = await close();
    const owner = database.pool("migrator");
    await owner.query(
      `with movement as (
         insert into blindagem.bank_transactions (
           condominium_id, account_id, provider_id, posted_at, posted_on, amount, description, status)
         select $1, account_id, gen_random_uuid(), at, at::date, -890, 'PIX', 'POSTED'
         from blindagem.bank_transactions t, unnest('{2020-03-05T15:00Z,2020-05-05T15:00Z}'::timestamptz[]) as at
         where t.id = $2
         returning id, posted_on)
       insert into blindagem.payments (condominium_id, payable_id, transaction_id, amount, confidence, reasons)
       select $1, p.id, m.id, 890, 1, '[]'
       from movement m
       join blindagem.expenses e on e.condominium_id = $1
         and e.external_id = case when m.posted_on < '2020-04-01' then 'april' else 'march' end
       join blindagem.accounts_payable p on p.condominium_id = $1 and p.expense_id = e.id and p.kind = 'SUPPLIER'`,
      [ours.condominiumId, ours.debitId],
    );
    const changes = await laterChanges(closing);
    // A payment belongs to the month of its expense and to that of its movement.
    expect(changes.map(({ entity_type, action }) => `${entity_type} ${action}`).sort()).toEqual([
      "bank_transactions OUT_OF_BAND",
      "payments OUT_OF_BAND",
      "payments OUT_OF_BAND",
    ]);
  });
});

describe("what was moved after a closing", () => {
  const march = () => close();
  const april = () => close(ours.askers.admin, { month: "2020-04-01" });
  const may = () => close(ours.askers.admin, { month: "2020-05-01" });
  const owner = (text: string, values: unknown[] = []) =>
    database.pool("migrator").query(text, values);
  const idOf = async (externalId: string) =>
    (await owner("select id::text from blindagem.expenses where external_id = $1", [externalId]))
      .rows[0]?.id as string;

  it("is of the month that it left and of the one that it came to, and so is what comes later", async () => {
    await submit("moved", "2020-03");
    await sealAll(database);
    const [left, came, other] = [await march(), await april(), await may()];
    await owner(
      "update blindagem.expenses set competence = '2020-04-01' where external_id = 'moved'",
    );
    const id = `${ours.condominiumId}/${await idOf("moved")}`;
    for (const closing of [left, came]) {
      expect(await laterChanges(closing)).toMatchObject([
        { entity_type: "expenses", entity_id: id, action: "OUT_OF_BAND" },
      ]);
    }
    await owner(
      "update blindagem.expenses set due_date = '2020-04-28' where external_id = 'moved'",
    );
    expect(await laterChanges(left)).toHaveLength(2);
    expect(await laterChanges(came)).toHaveLength(2);
    expect(await laterChanges(other)).toEqual([]);
  });

  it("has a movement whose day the bank corrects in both months", async () => {
    const { rows } = await owner(
      `insert into blindagem.bank_transactions (
         condominium_id, account_id, provider_id, posted_at, posted_on, amount, description, status)
       select condominium_id, account_id, gen_random_uuid(), '2020-03-31T15:00Z', '2020-03-31', -5, 'TARIFA', 'POSTED'
       from blindagem.bank_transactions where id = $1 returning id::text`,
      [ours.debitId],
    );
    await sealAll(database);
    const [left, came, other] = [await march(), await april(), await may()];
    await owner(
      "update blindagem.bank_transactions set posted_at = '2020-04-01T15:00Z', posted_on = '2020-04-01' where id = $1",
      [rows[0]?.id],
    );
    const moved = [{ entity_type: "bank_transactions", entity_id: rows[0]?.id }];
    expect(await laterChanges(left)).toMatchObject(moved);
    expect(await laterChanges(came)).toMatchObject(moved);
    expect(await laterChanges(other)).toEqual([]);
  });

  itWithSuperuser(
    "does not vanish with the row, which somebody deletes past the triggers",
    async () => {
      await submit("gone", "2020-03", { retentions: [] });
      await sealAll(database);
      const [closing, other] = [await march(), await may()];
      const id = await idOf("gone");
      await owner("update blindagem.expenses set due_date = '2020-04-27' where id = $1", [id]);
      await owner(
        `insert into blindagem.reviews (condominium_id, kind, expense_id, subject, reasons)
       values ($1, 'EXPENSE', $2, 'expense', '[]')`,
        [ours.condominiumId, id],
      );
      const told = await laterChanges(closing);
      expect(kinds(told)).toEqual(["expenses", "reviews"]);
      const superuser = new pg.Client({
        connectionString: database.superuserUrl,
      });
      await superuser.connect();
      try {
        await superuser.query("begin");
        for (const table of ["reviews", "expense_documents", "retentions", "expenses"]) {
          await superuser.query(`alter table blindagem.${table} disable trigger all`);
        }
        for (const table of ["reviews", "expense_documents", "retentions"]) {
          await superuser.query(`delete from blindagem.${table} where expense_id = $1`, [id]);
        }
        await superuser.query("delete from blindagem.expenses where id = $1", [id]);
        for (const table of ["reviews", "expense_documents", "retentions", "expenses"]) {
          await superuser.query(`alter table blindagem.${table} enable trigger all`);
        }
        await superuser.query("commit");
      } finally {
        await superuser.end();
      }
      expect(await laterChanges(closing)).toEqual(told);
      expect(await laterChanges(other)).toEqual([]);
    },
  );
});

describe("a grant", () => {
  it("shows the closings of its building and what came later, but to the conselho no salaries", async () => {
    await sealAll(database);
    const closing = await close();
    await submit("payroll", "2020-03", {
      category: "FOLHA_PAGAMENTO",
      documentKind: "PAYROLL",
      payeeKind: "CPF",
      payeeDocument: "52998224725",
    });
    const { admin, auditor, conselho } = ours.askers;
    expect(kinds(await laterChanges(closing, admin))).toContain("expenses");
    expect(kinds(await laterChanges(closing, auditor))).toContain("expenses");
    expect(await laterChanges(closing, conselho)).toEqual([]);
    const count = async (asker: Asker) =>
      (await ask(database, asker, "select from blindagem.closings where month = '2020-03-01'"))
        .length;
    expect(await count(conselho)).toBe(await count(admin));
    expect(await count(theirs.askers.admin)).toBe(0);
    expect(await count(theirs.askers.conselho)).toBe(0);
  });
});

it("what waited for its seal when a month was closed is later, from the very first leaf on", async () => {
  await sealAll(database);
  await database
    .pool("migrator")
    .query("update blindagem.expenses set description = 'À mão' where external_id = 'april'");
  const closing = await close(ours.askers.admin, { month: "2020-04-01" });
  await sealAll(database);
  const changes = await laterChanges(closing);
  expect(changes.map(({ entity_type, leaf_index }) => [entity_type, leaf_index])).toEqual([
    ["expenses", closing.tree_size],
  ]);
});

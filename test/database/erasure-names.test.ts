import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { ask, createTenant, type Tenant } from "./world.ts";

const CPF = "11144477735";
const ERASED = "[apagado]";

let database: TestDatabase;
let tenant: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
});
afterAll(() => database.drop());

const erase = (name?: string) =>
  ask(
    database,
    tenant.askers.admin,
    "select blindagem.erase_personal_data('Pedido do titular', document => $1, name => $2)",
    [CPF, name],
  );

const movement = (text: string, document: string | null, who: string | null) =>
  database.pool("migrator").query<{ id: string }>(
    `insert into blindagem.bank_transactions (condominium_id, account_id, provider_id, posted_at, posted_on, amount,
           description, status, counterparty_document, counterparty_name)
         select condominium_id, id, gen_random_uuid(), now(), (now() at time zone 'America/Sao_Paulo')::date, -10, $1, 'POSTED', $2, $3
         from blindagem.bank_accounts where condominium_id = ${tenant.condominiumId} limit 1 returning id`,
    [text, document, who],
  );

describe("a name that is told beside a CPF", () => {
  it.each(["Ana Sá", "Li Wu", "JOÃO D'ÁVILA"])("may be as short as %s", async (nome) => {
    const partner = (digits: string, name = nome) => ({ cpf_cnpj_socio: digits, nome: name });
    const others = [partner("***111222**"), partner("***444777**", `${nome}x`)];
    await database.pool("migrator").query("delete from blindagem_private.company_answers");
    await database.pool("migrator").query(
      `insert into blindagem_private.company_answers (cnpj, source, outcome, raw)
       values ('61412110000155', 'CNPJWS', 'FOUND', $1)`,
      [JSON.stringify({ socios: [partner("***444777**"), ...others] })],
    );
    await erase(nome);
    const { rows } = await database
      .pool("migrator")
      .query("select raw->'socios' as partners from blindagem_private.company_answers");
    expect(rows).toEqual([{ partners: [{ apagado: true }, ...others] }]);
  });

  it.each(["Ana", "Dr. Li", "Ana da", "L W", " Seu  Zé "])("is more than %s", async (name) => {
    await expect(erase(name)).rejects.toMatchObject({
      code: "BLD04",
      message: expect.stringContaining("nome e sobrenome"),
    });
  });
});

describe("a name under which somebody was paid", () => {
  it("counts beside the digits of a partner's CPF, however short", async () => {
    const owner = database.pool("migrator");
    const partner = { cpf_cnpj_socio: "***444777**", nome: "LI WU" };
    await owner.query("delete from blindagem_private.company_answers");
    await owner.query(
      `insert into blindagem_private.company_answers (cnpj, source, outcome, raw)
       values ('61412110000155', 'CNPJWS', 'FOUND', $1)`,
      [JSON.stringify({ socios: [partner, { ...partner, nome: "LI WUNG" }] })],
    );
    await movement("PIX", CPF, "Li Wu");
    await erase();
    const { rows } = await owner.query(
      "select raw->'socios' as partners from blindagem_private.company_answers",
    );
    expect(rows).toEqual([{ partners: [{ apagado: true }, { ...partner, nome: "LI WUNG" }] }]);
  });

  it.each([
    ["Ana Sá", "PIX ANA SÁ conserto", ERASED],
    ["Li Wu", "PIX LI WU conserto", "PIX LI WU conserto"],
    ["Dr. Li", "PIX DR LI conserto", "PIX DR LI conserto"],
  ])("counts by itself where it has letters enough: %s", async (name, description, left) => {
    const own = (await movement("PIX", CPF, name)).rows[0]?.id;
    const told = (await movement(description, null, null)).rows[0]?.id;
    await erase();
    const { rows } = await database
      .pool("migrator")
      .query(
        "select id, description from blindagem.bank_transactions where id = any ($1) order by id",
        [[own, told]],
      );
    expect(rows).toEqual([
      { id: own, description: ERASED },
      { id: told, description: left },
    ]);
  });
});

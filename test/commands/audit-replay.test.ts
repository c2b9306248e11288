import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { useServices } from "../../src/services.ts";
import { companyFromCnpjWs } from "../../src/suppliers/company.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf } from "../database/world.ts";
import {
  type Administradora,
  createAdministradora,
  registryBody,
  runAll,
  standingOf,
} from "../tasks/administradora.ts";
import { servicesOf } from "../tasks/task-run.ts";
import { commandRunner, environmentOf, type RunCommand } from "./run-command.ts";

const CPF = "52998224725";

let database: TestDatabase;
let house: Administradora;
let run: RunCommand;
let expense: string;
let erased: string;
beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  run = commandRunner(environmentOf(database));
  useServices(
    servicesOf({
      clock: () => new Date(),
      registry: {
        lookup: async (cnpj) => {
          const company = companyFromCnpjWs(registryBody(cnpj, "Ativa"));
          if ("unreadable" in company) throw new Error(company.unreadable);
          return { kind: "FOUND", company };
        },
      },
    }),
  );
  [expense = "", erased = ""] = await house.submit(
    { condominium: "SOL", payeeDocument: cnpjOf(700) },
    { condominium: "SOL", payeeKind: "CPF", payeeDocument: CPF },
  );
  await runAll(database);
});
afterAll(() => database.drop());

/** Changes decisions as whoever may switch their triggers off does. */
async function behindTriggers(...statements: string[]): Promise<void> {
  const owner = await database.pool("migrator").connect();
  try {
    await owner.query(
      `begin;
       set local role ${database.prefix}_owner;
       alter table blindagem.decisions disable trigger keep_values, disable trigger keep;
       ${statements.join(";\n")};
       alter table blindagem.decisions enable always trigger keep_values, enable always trigger keep;
       commit`,
    );
  } finally {
    owner.release();
  }
}

/** Decisions as another version of the logic had made them; their expenses bear the hash. */
const byOtherLogic = (expenseId: string) =>
  behindTriggers(
    `update blindagem.decisions set rule_version = regexp_replace(rule_version, '^[0-9]+', '1'), facts = made.facts,
       facts_hash = encode(sha256(convert_to(made.facts, 'UTF8')), 'hex')
     from (select regexp_replace(d.facts, '"ruleVersion":"[0-9]+', '"ruleVersion":"1') as facts
       from blindagem.decisions d where d.expense_id = ${expenseId}) as made
     where expense_id = ${expenseId}`,
    `update blindagem.expenses e set facts_hash = d.facts_hash
     from blindagem.decisions d where e.id = ${expenseId} and d.condominium_id = e.condominium_id and d.expense_id = e.id`,
  );

describe("blindagem audit replay", () => {
  it("makes the decisions again", async () => {
    expect((await standingOf(database, expense)).decisions).toBe(1);
    const { status, stdout } = await run("audit", "replay");
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: "CONFERE: nenhuma diferença. 2 decisões refeitas.\n",
    });
  });

  it("does not say that anything agrees where there is nothing", async () => {
    expect(await run("audit", "replay", "--organization", "999999")).toMatchObject({
      status: 0,
      stdout: "NADA A CONFERIR: nenhuma despesa decidida pelas regras.\n",
    });
  });

  it.each<[string, string, Record<string, string>]>([
    [
      "a decision that was altered",
      "update blindagem.decisions set status = 'REJECTED'",
      { code: "OTHER_STATUS", stored: "REJECTED" },
    ],
    [
      "facts that were rewritten with their hash",
      `update blindagem.decisions set facts = facts || ' ', facts_hash = encode(sha256(convert_to(facts || ' ', 'UTF8')), 'hex')`,
      { code: "FACTS_ALTERED" },
    ],
    [
      "facts that are put down as erased",
      `update blindagem.decisions set facts = '{"erased":true}'`,
      { code: "FACTS_ALTERED" },
    ],
    [
      "a version that cannot be made again",
      "update blindagem.decisions set rule_version = '1.' || rule_version",
      { code: "RULES_ALTERED" },
    ],
    ["a decision that is gone", "delete from blindagem.decisions", { code: "DECISION_MISSING" }],
  ])("tells %s behind the triggers' backs, with status 1", async (_, change, difference) => {
    await database
      .pool("migrator")
      .query("create table public.kept as select * from blindagem.decisions");
    await database
      .pool("migrator")
      .query(`grant select on public.kept to ${database.prefix}_owner`);
    await behindTriggers(`${change} where expense_id = ${expense}`);
    const { status, stdout } = await run("audit", "replay", "--json");
    await behindTriggers(
      "delete from blindagem.decisions",
      "insert into blindagem.decisions overriding system value select * from public.kept",
    );
    await database.pool("migrator").query("drop table public.kept");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ expenseId: expense, ...difference });
  });

  it("counts apart what it cannot make again: of another version, and erased", async () => {
    await database
      .pool("migrator")
      .query("update blindagem.expenses set payment_status = 'PAID' where id = $1", [erased]);
    await house.as("admin", "select blindagem.erase_personal_data('Pedido', $1)", [CPF]);
    expect(await run("audit", "replay")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /despesa \d+: os fatos foram apagados.*\nCONFERE EM PARTE: nenhuma diferença no que foi refeito\. 1 decisão refeita\. 1 não pôde ser refeita: 1 por ter os fatos apagados \(LGPD\)\.\n$/,
      ),
    });
    await byOtherLogic(expense);
    expect(await run("audit", "replay")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(
        "0 decisões refeitas. 2 não puderam ser refeitas: 1 por ser de outra versão das regras, 1 por ter os fatos apagados (LGPD).",
      ),
    });
    await behindTriggers(`delete from blindagem.decisions where expense_id = ${expense}`);
    expect(await run("audit", "replay")).toMatchObject({
      status: 1,
      stdout: expect.stringContaining(
        "\nNÃO CONFERE: 1 diferença. 0 decisões refeitas. 1 não pôde ser refeita: ",
      ),
    });
  });

  it("refuses what is no number", async () => {
    expect((await run("audit", "replay", "--condominium", "SOL")).status).toBe(1);
  });
});

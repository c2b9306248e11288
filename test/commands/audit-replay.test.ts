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

let database: TestDatabase;
let house: Administradora;
let run: RunCommand;
let expense: string;
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
  [expense = ""] = await house.submit({ condominium: "SOL", payeeDocument: cnpjOf(700) });
  await runAll(database);
});
afterAll(() => database.drop());

describe("blindagem audit replay", () => {
  it("makes the decisions again", async () => {
    expect((await standingOf(database, expense)).decisions).toBe(1);
    const { status, stdout } = await run("audit", "replay");
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: "CONFERE: nenhuma diferença. 1 decisões refeitas.\n",
    });
    expect((await run("audit", "replay", "--organization", "999999")).stdout).toContain(
      "0 decisões",
    );
  });

  it("tells a decision that was altered behind the triggers' backs, with status 1", async () => {
    const owner = await database.pool("migrator").connect();
    await owner.query(`set role ${database.prefix}_owner`);
    await owner.query("alter table blindagem.decisions disable trigger keep_values");
    await owner.query("update blindagem.decisions set status = 'REJECTED'");
    await owner.query("reset role");
    owner.release();
    const { status, stdout } = await run("audit", "replay", "--json");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      expenseId: expense,
      code: "OTHER_STATUS",
      stored: "REJECTED",
    });
  });

  it("refuses what is no number", async () => {
    expect((await run("audit", "replay", "--condominium", "SOL")).status).toBe(1);
  });
});

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { sealAll } from "../audit/comparing/compare.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { commandRunner, environmentOf, messageOfFailure, type RunCommand } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);

let database: TestDatabase;
let run: RunCommand;
beforeAll(async () => {
  database = await createTestDatabase();
  await sealAll(database);
  run = commandRunner(environmentOf(database, { SEALER_DATABASE_URL: database.url("sealer") }));
});
afterAll(() => database.drop());

describe("audit compare", () => {
  it("says that nothing diverges, with status 0; and what does and where, with status 1", async () => {
    const fine = await run("audit", "compare");
    expect(fine).toMatchObject({ status: 0, stderr: "" });
    expect(fine.stdout).toMatch(/^CONFERE: \d+ comparações, nenhuma divergência\.$/m);

    await database.pool("migrator").query(
      `alter table blindagem.categories disable trigger audit_update;
       update blindagem.categories set name = 'Segredo' where code = 'LIMPEZA'`,
    );
    const changed =
      "ROW_CHANGED categories LIMPEZA: a linha não é a que o registro conta (campos: name).";
    const [all, table, other, json, unknown] = await Promise.all(
      [
        [],
        ["--table", "categories"],
        ["--table", "people"],
        ["--json"],
        ["--table", "companies"],
      ].map((options) => run("audit", "compare", ...options)),
    );
    expect(all?.status).toBe(1);
    expect(all?.stdout.split("\n")).toEqual([
      "DEFINITIONS blindagem.categories: a definição não é a que a última migração deixou.",
      changed,
      expect.stringMatching(/^NÃO CONFERE: 2 divergências em \d+ comparações\./),
      "",
    ]);
    expect(table?.status).toBe(1);
    expect(table?.stdout).toContain(changed);
    expect(table?.stdout).not.toContain("DEFINITIONS");
    expect(other?.status).toBe(0);
    expect(json?.status).toBe(1);
    expect(JSON.parse(json?.stdout ?? "")).toMatchObject({
      divergences: [
        { kind: "DEFINITIONS", entityId: "blindagem.categories" },
        { kind: "ROW_CHANGED", entityType: "categories", entityId: "LIMPEZA", fields: ["name"] },
      ],
    });
    if (!unknown) throw new Error("unreachable");
    expect(messageOfFailure(unknown)).toContain('"companies" não é uma tabela auditada');
    expect(`${all?.stdout}${json?.stdout}`).not.toContain("Segredo");
  });
});

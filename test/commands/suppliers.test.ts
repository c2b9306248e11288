import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { suppliersCommand } from "../../src/commands/suppliers.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { section, textOf } from "../docs/markdown.ts";
import { fixturePath } from "../suppliers/fixture.ts";
import { commandRunner, environmentOf, failureInProcess } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);

const FILES = ["Estabelecimentos0", "Empresas0", "Empresas1", "Simples"].map((name) =>
  fixturePath(`rfb/${name}.zip`),
);

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  Object.assign(process.env, environmentOf(database));
});
afterAll(() => database.drop());

describe("suppliers import", () => {
  it("loads the Receita Federal's files into the mirror", async () => {
    const run = commandRunner(environmentOf(database));
    const args = ["suppliers", "import", ...FILES, "--date", "2025-10-12"];
    expect(await run(...args)).toEqual({
      status: 0,
      stderr: "",
      stdout: "Estabelecimentos: 1; empresas: 2; Simples: 1; guardados: 1; recusados: 0.\n",
    });
    const { rows } = await database
      .pool("migrator")
      .query("select cnpj, source_date::text from blindagem_private.company_mirror");
    expect(rows).toEqual([{ cnpj: "33683111000280", source_date: "2025-10-12" }]);
  });

  it("says what is wrong with the date or the files", async () => {
    // 23:30 of the 11th in Brasília.
    const clock = () => new Date("2025-10-12T02:30:00Z");
    const failure = (...args: string[]) =>
      failureInProcess(suppliersCommand(clock), ["import", ...args]);
    expect(await failure(...FILES)).toContain("--date <date>");
    expect(await failure(...FILES, "--date", "12/10/2026")).toContain("não é uma data AAAA-MM-DD");
    expect(await failure(...FILES, "--date", "2025-10-12")).toBe(
      "A data da carga, 2025-10-12, está no futuro.",
    );
    expect(await failure("Simples.zip", "--date", "2025-10-11")).toBe(
      "Simples.zip: o arquivo não existe.",
    );
    expect(await failure(fixturePath("rfb/Cnaes.zip"), "--date", "2025-10-11")).toContain("Cnaes");
  });
});

describe("the README's example", () => {
  it("is a call that the command takes", async () => {
    const readme = section(await textOf("README.md"), "## Roles and tokens");
    const [, call = ""] = /^npx blindagem suppliers (import [^#\n]*)/m.exec(readme) ?? [];
    const command = suppliersCommand();
    let taken: unknown;
    command.commands[0]?.exitOverride().action((files, options) => {
      taken = { files, options };
    });
    await command.parseAsync(call.trim().split(/\s+/), { from: "user" });
    expect(taken).toEqual({
      files: ["Estabelecimentos*.zip", "Empresas*.zip", "Simples.zip"],
      options: { date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
    });
  });
});

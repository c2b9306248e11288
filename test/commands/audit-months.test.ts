import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { monthBefore, moveToMonth } from "../audit/aged-log.ts";
import { sealAll } from "../audit/seal-all.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { commandRunner, environmentOf, type RunCommand } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(120_000);

const KEYS = fileURLToPath(new URL("../fixtures/audit/keys", import.meta.url));
const OLD = monthBefore(70);
const RECENT = monthBefore(12);

let database: TestDatabase;
let directory: string;
let run: RunCommand;
beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), "blindagem-audit-months-"));
  run = commandRunner(environmentOf(database, { SEALER_DATABASE_URL: database.url("sealer") }));
  const create = ["organization", "create", "Alfa", "--cnpj", "11.222.333/0001-81"];
  const admin = [
    "--admin-subject",
    "ana",
    "--admin-name",
    "Ana",
    "--admin-email",
    "a@exemplo.com.br",
  ];
  expect(await run(...create, ...admin)).toMatchObject({ status: 0 });
  await sealAll(database);
  await moveToMonth(database, OLD, "true");
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

describe("blindagem audit archive and detach", () => {
  it("keep a month in a bundle and take it out of the database, with who and why", async () => {
    const bundle = join(directory, "old");
    expect(await run("audit", "archive", OLD, bundle)).toMatchObject({ status: 0, stderr: "" });
    expect(await run("audit", "verify", bundle, "--keys", KEYS)).toMatchObject({ status: 0 });
    const detached = await run(
      ...["audit", "detach", OLD, "--bundle", bundle, "--reason", "Prazo vencido"],
    );
    expect(detached).toMatchObject({ status: 0, stderr: "" });
    expect(detached.stdout).toContain("As provas continuam valendo");
    await sealAll(database);
    const { rows } = await database
      .pool("migrator")
      .query(
        "select actor_role, reason, new_state->>'month' as month from blindagem_audit.records where entity_type = 'log_detachments'",
      );
    expect(rows).toEqual([{ actor_role: "operator", reason: "Prazo vencido", month: `${OLD}-01` }]);
    expect(await run("audit", "compare")).toMatchObject({ status: 0 });
  });

  it("holds what was said of people, names itself when one of them is erased, and loses it by a command", async () => {
    const bundle = join(directory, "old");
    expect(await readFile(join(bundle, "personal.jsonl"), "utf8")).toContain("a@exemplo.com.br");
    const { rows } = await database
      .pool("migrator")
      .query<{ id: string }>(
        "update blindagem.members set valid_from = '2020-01-01', valid_to = '2021-01-01' returning person_id as id",
      );
    const { stdout } = await run(
      ...["erase", "person", rows[0]?.id ?? "", "--organization", "1", "--reason", "Pedido dela"],
    );
    expect(stdout).toContain(`Fica: no pacote de ${OLD} (${bundle}), 1 linha.`);
    expect((await run("erase", "bundle", bundle)).stdout).toMatch(/dados pessoais de [1-9]/);
    expect(await readFile(join(bundle, "personal.jsonl"), "utf8")).not.toContain(
      "a@exemplo.com.br",
    );
    const verified = await run("audit", "verify", bundle, "--keys", KEYS);
    expect(verified).toMatchObject({ status: 0, stdout: expect.stringContaining("ERASED") });
    // What was carried over from the month holds commitments alone: the row that lost its values is no divergence.
    await sealAll(database);
    expect(await run("audit", "compare")).toMatchObject({ status: 0 });
  });

  it.each([
    [["archive", "2021-13", "anywhere"], "não é um mês"],
    [["detach", RECENT, "--bundle", "b", "--reason", "r"], "AUDIT_KEEP_MONTHS é 60"],
    [["detach", OLD, "--bundle", "b", "--reason", " "], "Diga por que"],
    [["detach", OLD, "--bundle", "b", "--reason", "r", "--known", "ROLLBACK"], "não se aceita"],
  ])("refuse %j", async (words, message) => {
    const refused = await run("audit", ...words);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(message);
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { createCheckpointSigner } from "../../src/audit/sign-checkpoint.ts";
import { CompactRange, leafHash } from "../../src/audit/tree.ts";
import { sealAll } from "../audit/comparing/compare.ts";
import { newSigner } from "../audit/signing.ts";
import { checkpointSigner } from "../audit/test-keys.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { commandRunner, environmentOf, messageOfFailure, type RunCommand } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);

let database: TestDatabase;
let directory: string;
let run: RunCommand;
beforeAll(async () => {
  database = await createTestDatabase();
  await sealAll(database);
  directory = await mkdtemp(join(tmpdir(), "blindagem-compare-"));
  run = commandRunner(
    environmentOf(database, {
      SEALER_DATABASE_URL: database.url("sealer"),
      CHECKPOINT_DIRECTORY: directory,
    }),
  );
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

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

  it("holds the tree against the checkpoint outside of the database, if a key of the list has signed it", async () => {
    const { sign } = await checkpointSigner();
    const other = new CompactRange();
    other.append(leafHash("outra história"));
    await writeFile(join(directory, "checkpoint"), await sign(other));
    const forked = await run("audit", "compare", "--json");
    expect(forked.status).toBe(1);
    expect(JSON.parse(forked.stdout).divergences).toContainEqual(
      expect.objectContaining({ kind: "TREE" }),
    );
    const stranger = createCheckpointSigner([await newSigner("teste/blindagem")], []);
    await writeFile(join(directory, "checkpoint"), await stranger.sign(other));
    expect(messageOfFailure(await run("audit", "compare"))).toContain("chave");
  });
});

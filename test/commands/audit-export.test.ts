import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { formatKeyList } from "../../src/audit/key-list.ts";
import { parseProof } from "../../src/audit/proof.ts";
import { sealAll } from "../audit/seal-all.ts";
import { testKeys } from "../audit/test-keys.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { verifierReport } from "../verifier/run-verifier.ts";
import { commandRunner, environmentOf, messageOfFailure, type RunCommand } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(120_000);

let database: TestDatabase;
/** How many records concern everybody: what `migrate` has seeded. */
let everybodys: number;
let directory: string;
let run: RunCommand;
let recordId: string;
const at = (name: string) => join(directory, name);
beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), "blindagem-audit-export-"));
  await writeFile(at("keys"), formatKeyList(testKeys));
  run = commandRunner(environmentOf(database));
  await database
    .pool("migrator")
    .query("insert into blindagem.organizations (name, cnpj) values ('Alfa', '11222333000181')");
  const create = ["condominium", "create", "Horizonte", "--organization", "1", "--code", "HZ-01"];
  expect((await run(...create)).status).toBe(0);
  await sealAll(database);
  const { rows: counts } = await database
    .pool("migrator")
    .query<{ count: number }>(
      "select count(*)::int as count from blindagem_audit.audit_log_immutable where entity_type in ('categories', 'reader_thresholds', 'rules')",
    );
  everybodys = counts[0]?.count ?? 0;
  const { rows } = await database
    .pool("migrator")
    .query<{ id: string }>(
      "select id from blindagem_audit.audit_log_immutable where entity_type = 'condominiums'",
    );
  recordId = rows[0]?.id ?? "";
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

describe("blindagem audit export", () => {
  it("writes a bundle that verifies, of what the administradora's commands did", async () => {
    const organization = ["--organization", "1"];
    const whole = await run("audit", "export", at("bundle"), ...organization);
    expect(whole).toMatchObject({ status: 0, stderr: "" });
    expect(whole.stdout).toContain(`: ${4 + everybodys} registros das`);
    const some = await run(
      ...["audit", "export", at("some"), ...organization, "--condominium", "1", "--json"],
    );
    expect(some).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(some.stdout)).toMatchObject({ records: 3 + everybodys, lost: 0 });
    for (const bundle of [at("bundle"), at("some")]) {
      const verified = await run("audit", "verify", bundle, "--keys", at("keys"), "--json");
      expect(verified.status).toBe(0);
      expect(JSON.parse(verified.stdout)).toMatchObject({ counts: { attested: 2, intents: 1 } });
      const independent = await verifierReport("bundle", bundle, "--keys", at("keys"));
      expect(independent).toMatchObject({ status: 0, ok: true });
    }
  });

  it("is confined to a condominium's month", async () => {
    const scope = ["--organization", "1", "--condominium", "1", "--month", "2026-11"];
    const exported = await run("audit", "export", at("month"), ...scope, "--documents", "--json");
    expect(exported).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(exported.stdout)).toMatchObject({
      records: everybodys,
      documents: 0,
      lost: 0,
    });
    expect(JSON.parse(await readFile(join(at("month"), "manifest.json"), "utf8"))).toMatchObject({
      condominiums: ["1"],
      month: "2026-11",
      documents: true,
    });
    expect((await run("audit", "verify", at("month"), "--keys", at("keys"))).status).toBe(0);
  });

  it("leaves nothing behind when it fails", async () => {
    const before = await readdir(directory);
    const failures = await Promise.all([
      run("audit", "export", at("other"), "--organization", "2"),
      run("audit", "export", at("other"), "--organization", "1", "--condominium", "9"),
      run("audit", "export", at("other"), "--organization", "1", "--condominium", "HZ-01"),
      run("audit", "export", at("keys"), "--organization", "1"),
      run("audit", "export", at("other"), "--organization", "1", "--month", "2026-11"),
      run(
        ...["audit", "export", at("other"), "--organization", "1"],
        ...["--condominium", "1", "--month", "2026-13"],
      ),
    ]);
    expect(failures.map(messageOfFailure)).toEqual([
      "A administradora 2 não existe.\n",
      "O condomínio 9 não existe, ou não é desta administradora.\n",
      expect.stringContaining('"HZ-01" não é um número'),
      expect.stringContaining("já existe"),
      "Um mês é de um condomínio: dê um só com --condominium.\n",
      expect.stringContaining('"2026-13" não é um mês'),
    ]);
    expect(await readdir(directory)).toEqual(before);
  });
});

describe("blindagem audit prove", () => {
  it("writes a proof that both verifiers take, which its owner alone can read", async () => {
    const options = ["--record", recordId, "--organization", "1"];
    const file = at("a.tlog-proof");
    expect(await run("audit", "prove", ...options, "--out", file)).toMatchObject({
      status: 0,
      stdout: "",
      stderr: "",
    });
    expect((await stat(file)).mode & 0o077).toBe(0);
    const { extra } = parseProof(await readFile(file, "utf8"));
    expect(JSON.parse(String(Buffer.from(extra ?? "")))).toMatchObject({
      id: recordId,
      entity_type: "condominiums",
    });
    const [shown, verified, independent] = await Promise.all([
      run("audit", "prove", ...options),
      run("audit", "verify-proof", file, "--keys", at("keys")),
      verifierReport("proof", file, "--keys", at("keys")),
    ]);
    expect(shown.stdout).toBe(await readFile(file, "utf8"));
    expect(verified).toMatchObject({ status: 0, stdout: expect.stringContaining("CONFERE") });
    expect(independent).toMatchObject({ status: 0, ok: true });
  });

  it("says why it cannot", async () => {
    const prove = (record: string) =>
      run("audit", "prove", "--record", record, "--organization", "1");
    expect(messageOfFailure(await prove("999999"))).toContain("O registro 999999 não existe");
    expect(messageOfFailure(await prove("x"))).toContain('"x" não é um número');
  });
});

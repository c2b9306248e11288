import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { verifyBundle } from "../../src/audit/bundle/verify.ts";
import { formatKeyList, parseKeyList } from "../../src/audit/key-list.ts";
import { serveApi } from "../api/api-fixture.ts";
import { sealAll } from "../audit/seal-all.ts";
import { testKeys } from "../audit/test-keys.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { verifierReport } from "../verifier/run-verifier.ts";
import { commandRunner, environmentOf, messageOfFailure, type RunCommand } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);

let database: TestDatabase;
let directory: string;
let run: RunCommand;
const at = (name: string) => join(directory, name);
beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), "blindagem-witness-"));
  run = commandRunner(environmentOf(database, { AUDIT_KEYS_FILE: at("keys") }));
  await database
    .pool("migrator")
    .query("insert into blindagem.organizations (name, cnpj) values ('Alfa', '11222333000181')");
  await sealAll(database);
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

async function succeed(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args);
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  return stdout;
}

async function grow(): Promise<number> {
  await database
    .pool("migrator")
    .query("insert into blindagem.people (subject, name) values (gen_random_uuid(), 'Pessoa')");
  return sealAll(database);
}

const exportTo = (name: string) => succeed("audit", "export", at(name), "--organization", "1");

describe("blindagem witness submit", () => {
  it("keeps what a witness signed, and the next bundle and proofs have it", async () => {
    await writeFile(at("keys"), formatKeyList(testKeys));
    const key = await succeed(
      ...["audit", "keygen", "--witness", "--name", "conselho.example", "--out", at("council.key")],
    );
    await exportTo("seen");
    const cosign = ["witness", "cosign", at("seen"), "--keys", at("keys")];
    const cosigned = await run(...cosign, "--key", at("council.key"), "--state", at("state"));
    expect(cosigned).toMatchObject({ status: 0 });
    expect(cosigned.stderr).toContain("witness submit");

    const stranger = messageOfFailure(await run("witness", "submit", at("state")));
    expect(stranger).toContain(`${at("state")}: Nenhuma testemunha da lista`);
    await writeFile(at("keys"), `${formatKeyList(testKeys)}witness ${key}`);
    const line = messageOfFailure(await run("witness", "submit", at("state"), at("keys")));
    expect(line).toContain(`${at("keys")}: A nota assinada não tem a forma`);
    expect(await succeed("witness", "submit", at("state"))).toMatch(
      /^Testemunha conselho\.example assinou em \S+Z as primeiras \d+ folhas de teste\/blindagem: guardada\.\n$/,
    );
    expect(await succeed("witness", "submit", at("state"))).toContain("já estava guardada");

    await grow();
    await exportTo("later");
    const keys = parseKeyList(await readFile(at("keys"), "utf8"));
    const report = await verifyBundle(at("later"), { trustedKeys: keys });
    const { size } = await readFile(at("state"), "utf8").then((note) => ({
      size: Number(note.split("\n")[1]),
    }));
    expect(report.witnesses).toMatchObject([{ name: "conselho.example", size }]);
    const independent = await verifierReport("bundle", at("later"), "--keys", at("keys"));
    expect(independent).toMatchObject({ ok: true, witnesses: report.witnesses });
    expect(await readFile(at(`later/checkpoints/${size}`), "utf8")).toBe(
      await readFile(at("state"), "utf8"),
    );

    const { rows } = await database
      .pool("sealer")
      .query<{ id: string }>(
        "select r.id from blindagem_audit.audit_log_immutable r where r.entity_type = 'organizations'",
      );
    const proof = ["--record", rows[0]?.id ?? "", "--organization", "1", "--out", at("proof")];
    await succeed("audit", "prove", ...proof);
    expect(await succeed("audit", "verify-proof", at("proof"), "--keys", at("keys"))).toMatch(
      new RegExp(`das ${size} de .*\\nTestemunha conselho\\.example assinou em`),
    );
  });

  it("takes a new one from `cosign --submit`, which says where it is if the log does not take it", async () => {
    const served = await serveApi(database, { auditKeys: await readFile(at("keys"), "utf8") });
    try {
      const size = await grow();
      const cosign = ["witness", "cosign", `${served.url}/log/`, "--keys", at("keys")];
      const own = [...cosign, "--key", at("council.key"), "--state", at("state"), "--submit"];
      const { status, stderr } = await run(...own);
      expect({ status, stderr }).toMatchObject({
        status: 0,
        stderr: expect.stringContaining("teste/blindagem recebeu a assinatura."),
      });
      const response = await fetch(`${served.url}/log/checkpoints/${size}`);
      expect(await response.text()).toBe(await readFile(at("state"), "utf8"));

      await succeed(
        ...["audit", "keygen", "--witness", "--name", "outro.example", "--out", at("other.key")],
      );
      const other = [...cosign, "--key", at("other.key"), "--state", at("other"), "--submit"];
      const refused = messageOfFailure(await run(...other));
      expect(refused).toContain(`A assinatura está em ${at("other")}, mas não foi entregue.`);
      expect(refused).toContain(
        "causa: O registro não guardou a assinatura: a chave outro.example+",
      );
      const handed = await run("witness", "submit", at("other"));
      expect(handed.stderr).toContain("em nome de outro.example não foi guardada");
      expect(handed.stdout).toMatch(/^Testemunha conselho\.example .*já estava guardada\.\n$/);
    } finally {
      await served.close();
    }
  });

  it("is found out where somebody altered what is stored", async () => {
    const owner = await database.pool("migrator").connect();
    try {
      for (const statement of [
        "alter table blindagem_audit.cosignatures disable trigger guard_change",
        "update blindagem_audit.cosignatures set signature = set_byte(signature, 7, get_byte(signature, 7) # 1)",
        "alter table blindagem_audit.cosignatures enable always trigger guard_change",
      ]) {
        await owner.query(statement);
      }
    } finally {
      owner.release();
    }
    await exportTo("altered");
    const verified = await run("audit", "verify", at("altered"), "--keys", at("keys"));
    expect(verified).toMatchObject({ status: 1 });
    expect(verified.stdout).toContain("Falha FORGED, checkpoints/");
    expect(await verifierReport("bundle", at("altered"), "--keys", at("keys"))).toMatchObject({
      faultCounts: { FORGED: 2 },
    });
    const proof = await run("audit", "prove", "--record", "1", "--organization", "1");
    expect(proof.status).toBe(1);
  });
});

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { formatKeyList } from "../../../src/audit/key-list.ts";
import { testKeys } from "../../audit/test-keys.ts";
import { type CliResult, runCli } from "../../cli-process.ts";
import { verifierReport } from "../../verifier/run-verifier.ts";
import { type ApiFixture, expenseRow, type PEOPLE, startApi } from "../api-fixture.ts";
import { sealAll } from "../seal-all.ts";

const PDF = Buffer.from("%PDF-1.4\n% nota fiscal\n");
const PDF_HASH = createHash("sha256").update(PDF).digest("hex");

let fixture: ApiFixture;
let directory: string;
let conselho: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-api-bundle-"));
  await writeFile(path.join(directory, "keys"), formatKeyList(testKeys));
  fixture = await startApi({ auditKeys: formatKeyList(testKeys) });
  const { alfa, sol } = fixture.ids;
  await fixture.database.asRequest(
    "admin",
    { actor_id: "person:1", organization_id: alfa },
    (client) =>
      client.query("select blindagem.grant_role('cora', 'Cora', null, 'auditor', $1)", [sol]),
  );
  conselho = await fixture.token("auditor", { sub: "cora" });
  await fixture.request("/documents", {
    method: "POST",
    headers: { "content-type": "application/pdf", "x-file-name": "nota.pdf" },
    body: PDF,
    person: "admin",
  });
  const submitted = await fixture.request("/batch-expenses", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([
      expenseRow({ documents: ["nota.pdf"] }),
      expenseRow({ condominium: "MAR" }),
      expenseRow({ category: "FOLHA_PAGAMENTO", payeeDocument: "52998224725" }),
    ]),
    person: "admin",
  });
  expect(submitted.status).toBe(201);
  await sealAll(fixture.database);
});
afterAll(async () => {
  await fixture.close();
  await rm(directory, { recursive: true });
});

const at = (name: string) => path.join(directory, name);
/** As somebody types it who has a token and nothing of the server's. */
const blindagem = (...args: string[]): Promise<CliResult> =>
  runCli(args, { environment: { BLINDAGEM_URL: fixture.url, BLINDAGEM_TOKEN: conselho } });

it("waits for the first seal", async () => {
  const unsealed = await startApi();
  const { sol } = unsealed.ids;
  const asked = await unsealed.request(`/audit/condominiums/${sol}/bundle`, { person: "admin" });
  await unsealed.close();
  expect(asked).toMatchObject({
    status: 503,
    body: { error: { code: "BLD14", message: expect.stringContaining("checkpoint assinado") } },
  });
});

describe("the bundle of a condominium's month, by the API", () => {
  it("is fetched by who has a grant and a token alone, and both verifiers take it", async () => {
    const month = ["--condominium", fixture.ids.sol, "--month", "2026-11", "--documents"];
    const exported = await blindagem("audit", "export", at("bundle"), ...month);
    expect(exported).toMatchObject({ status: 0, stderr: "" });
    expect(exported.stdout).toContain("Confira com");
    expect(await readdir(at("bundle/documents"))).toEqual([PDF_HASH]);
    expect(JSON.parse(await readFile(at("bundle/manifest.json"), "utf8"))).toMatchObject({
      organizations: [],
      condominiums: [fixture.ids.sol],
      month: "2026-11",
    });
    const records = await readFile(at("bundle/records"), "utf8");
    // A category of salaries is no salary.
    expect(records.match(/"sensitivity":"SALARY","entity_type":"\w+"/g)).toEqual([
      '"sensitivity":"SALARY","entity_type":"categories"',
    ]);
    expect(records).not.toContain(`"condominium_id":"${fixture.ids.mar}"`);
    expect(await blindagem("audit", "verify", at("bundle"), "--keys", at("keys"))).toMatchObject({
      status: 0,
    });
    const independent = await verifierReport("bundle", at("bundle"), "--keys", at("keys"));
    expect(independent).toMatchObject({ ok: true });
  });

  it("is a tar archive that any system unpacks, and the look is written down", async () => {
    const url = `${fixture.url}/audit/condominiums/${fixture.ids.sol}/bundle?month=2026-11`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${conselho}` } });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-disposition")).toContain(
      `pacote-${fixture.ids.sol}-2026-11.tar`,
    );
    await writeFile(at("bundle.tar"), Buffer.from(await response.arrayBuffer()));
    await promisify(execFile)("tar", ["-xf", at("bundle.tar"), "-C", directory]);
    const unpacked = at(`pacote-${fixture.ids.sol}-2026-11`);
    expect(await readFile(path.join(unpacked, "records"))).toEqual(
      await readFile(at("bundle/records")),
    );
    const { rows } = await fixture.database
      .pool("migrator")
      .query(
        "select variables from blindagem.auditor_accesses where operation like '%/bundle' order by id desc limit 1",
      );
    expect(rows).toEqual([{ variables: { id: fixture.ids.sol, month: "2026-11" } }]);
  });

  it("is refused for another's condominium, to who may not, and when asked for wrongly; nothing is left behind", async () => {
    const before = await readdir(directory);
    const refused = await blindagem("audit", "export", at("x"), "--condominium", fixture.ids.lua);
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    const whole = await blindagem("audit", "export", at("x"));
    expect(whole.stderr).toContain("--condominium de um só");
    const bundle = (id: string, query: string, person: keyof typeof PEOPLE) =>
      fixture.request(`/audit/condominiums/${id}/bundle${query}`, { person });
    expect(await bundle(fixture.ids.lua, "", "admin")).toMatchObject({ status: 404 });
    expect(await bundle(fixture.ids.sol, "", "reviewer")).toMatchObject({ status: 403 });
    expect(await bundle(fixture.ids.sol, "", "operator")).toMatchObject({ status: 403 });
    expect(await bundle("1%27", "", "admin")).toMatchObject({ status: 400 });
    expect(await bundle(fixture.ids.sol, "?month=2026-13", "admin")).toMatchObject({ status: 400 });
    for (const person of ["admin", "sindico"] as const) {
      expect((await bundle(fixture.ids.sol, "", person)).status).toBe(200);
    }
    expect(await readdir(directory)).toEqual(before);
  });
});

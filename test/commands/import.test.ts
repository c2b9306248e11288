import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { type ApiFixture, startApi } from "../api/api-fixture.ts";
import { commandRunner, environmentOf, type RunCommand } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);

let api: ApiFixture;
let run: RunCommand;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "blindagem-import-"));
  api = await startApi();
  run = commandRunner(
    environmentOf(api.database, {
      BLINDAGEM_URL: api.url,
      BLINDAGEM_TOKEN: await api.token("admin"),
    }),
  );
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

const STATEMENT = `OFXHEADER:100
<OFX><STMTRS><BANKID>237<ACCTID>12345-6<BANKTRANLIST><DTSTART>20261101<DTEND>20261130
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261105<TRNAMT>-10,00<FITID>1<MEMO>TARIFA</STMTTRN>
</BANKTRANLIST></STMTRS></OFX>`;

describe("import", () => {
  it("takes a statement in, and says so when it is there already", async () => {
    const file = path.join(folder, "novembro.ofx");
    await writeFile(file, STATEMENT);
    const args = ["import", file, "--condominium", api.ids.sol, "--reason", "Fechamento"];
    expect(await run(...args)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /^novembro\.ofx: conta \d+ de 2026-11-01 a 2026-11-30: 1 movimento novo\.\n$/,
      ),
    });
    expect(await run(...args)).toMatchObject({
      status: 0,
      stdout: "novembro.ofx: já tinha sido importado; nada mudou.\n",
    });
  });

  it("says which file is wrong, what and where, and takes the others", async () => {
    const broken = path.join(folder, "quebrado.ofx");
    const cut = path.join(folder, "cortado.ofx");
    const whole = path.join(folder, "dezembro.ofx");
    await writeFile(broken, STATEMENT.replace("-10,00", "dez"));
    await writeFile(cut, STATEMENT.slice(0, STATEMENT.indexOf(",00")));
    await writeFile(whole, STATEMENT.replaceAll("202611", "202612"));
    const answer = await run("import", broken, cut, whole, "--condominium", api.ids.sol);
    expect(answer).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^dezembro\.ofx: conta \d+ .*1 movimento novo\.\n$/),
    });
    const [first, second, ...others] = answer.stderr.trim().split("\n");
    expect(first).toMatch(/^quebrado\.ofx: linha 3: o valor .*Nada foi gravado/);
    expect(second).toMatch(/^cortado\.ofx: linha 3: o arquivo OFX está incompleto.*exporte/);
    expect(others).toEqual([]);
  });
});

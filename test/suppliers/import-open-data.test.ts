import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { cnpjCheckDigits } from "../../src/identifiers/cnpj.ts";
import { readFromMirror } from "../../src/suppliers/company-mirror.ts";
import { type ImportProgress, importOpenData } from "../../src/suppliers/import-open-data.ts";
import { OpenDataError } from "../../src/suppliers/open-data/file.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { fixturePath } from "./fixture.ts";
import { establishmentLine, zipFolder } from "./zip.ts";

const SERPRO = "33683111000280";
const LATER = "11222333000181";
const MEI = "12ABC34501DE35";

const REAL_ESTABLISHMENTS = fixturePath("rfb/Estabelecimentos0.zip");
const REAL_COMPANIES = [fixturePath("rfb/Empresas0.zip"), fixturePath("rfb/Empresas1.zip")];
const REAL_SIMPLES = fixturePath("rfb/Simples.zip");

let database: TestDatabase;
let client: pg.PoolClient;
let zips: Awaited<ReturnType<typeof zipFolder>>;

beforeAll(async () => {
  zips = await zipFolder();
  database = await createTestDatabase();
  client = await database.pool("worker").connect();
});
afterAll(async () => {
  client.release();
  await database.drop();
  await zips.remove();
});
beforeEach(async () => {
  await database.pool("migrator").query("delete from blindagem_private.company_mirror");
});

async function mirrored(): Promise<unknown[]> {
  const { rows } = await client.query(
    `select cnpj, name, status, mei, simples, source_date::text as source_date
       from blindagem_private.company_mirror order by cnpj`,
  );
  return rows;
}

describe("importOpenData", () => {
  it("joins the three real files into a company", async () => {
    const progress: ImportProgress[] = [];
    const result = await importOpenData(
      client,
      [REAL_ESTABLISHMENTS, ...REAL_COMPANIES, REAL_SIMPLES],
      { sourceDate: "2026-10-12", onProgress: (seen) => progress.push(seen) },
    );
    expect(result).toEqual({
      establishments: 1,
      companies: 2,
      simples: 1,
      stored: 1,
      refused: [],
      refusedCount: 0,
    });
    expect(progress).toHaveLength(4);
    expect(progress[0]).toEqual({
      file: REAL_ESTABLISHMENTS,
      rows: 1,
      bytes: 240,
      totalBytes: 240,
    });
    expect(await readFromMirror(client, SERPRO)).toMatchObject({
      cnpj: SERPRO,
      name: "SERVICO FEDERAL DE PROCESSAMENTO DE DADOS (SERPRO)",
      status: "Ativa",
      active: true,
      statusDate: "2004-05-22",
      openedOn: "1967-06-30",
      mainCnae: "6204000",
      secondaryCnaes: ["6201501", "6202300", "6203100", "6209100", "6311900"],
      mei: false,
      simples: true,
      source: "MIRROR",
      sourceDate: "2026-10-12",
    });
    expect(await readFromMirror(client, LATER)).toBeUndefined();
  });

  it("gives each establishment its company's name, in ISO-8859-1 and with odd characters", async () => {
    const names = [
      '"11222333";"JOSÉ \\ ""PÃO"" & CIA\tLTDA";"2062";"49";"0,00";"03";""\n',
      '"12ABC345";"FAXINA \u0000BOA";"2135";"50";"0,00";"01";""\n',
    ];
    const file = await zips.write("Dados.zip", {
      "A.ESTABELE": [LATER, branch("11222333", "0002"), MEI]
        .map((c) => establishmentLine(c))
        .join(""),
      "A.EMPRECSV": names.join(""),
      "F.SIMPLES.CSV": '"12ABC345";"S";"20260801";"00000000";"S";"20260801";"00000000"\n',
    });
    await importOpenData(client, [file], { sourceDate: "2026-10-12" });
    const simple = { status: "Ativa", mei: false, simples: false, source_date: "2026-10-12" };
    expect(await mirrored()).toEqual([
      { ...simple, cnpj: LATER, name: 'JOSÉ \\ "PÃO" & CIA LTDA' },
      { ...simple, cnpj: "11222333000262", name: 'JOSÉ \\ "PÃO" & CIA LTDA' },
      { ...simple, cnpj: MEI, name: "FAXINA  BOA", mei: true, simples: true },
    ]);
  });

  it("does not know who is MEI where Simples was not given, and is told later", async () => {
    const sourceDate = "2026-10-12";
    await importOpenData(client, [REAL_ESTABLISHMENTS, ...REAL_COMPANIES], { sourceDate });
    expect(await mirrored()).toMatchObject([{ mei: null, simples: null }]);

    const again = await importOpenData(client, [REAL_ESTABLISHMENTS, REAL_SIMPLES], { sourceDate });
    expect(again.stored).toBe(1);
    const complete = await mirrored();
    expect(complete).toEqual([
      {
        cnpj: SERPRO,
        name: expect.stringContaining("SERPRO"),
        status: "Ativa",
        mei: false,
        simples: true,
        source_date: sourceDate,
      },
    ]);

    const poorer = await importOpenData(client, [REAL_ESTABLISHMENTS], { sourceDate });
    expect(poorer.stored).toBe(0);
    expect(await mirrored()).toEqual(complete);
  });

  it("lets only newer data overwrite", async () => {
    const closed = await zips.write("Estabelecimentos1.zip", { e: establishmentLine(LATER, "08") });
    const active = await zips.write("Estabelecimentos2.zip", { e: establishmentLine(LATER, "02") });
    await importOpenData(client, [closed], { sourceDate: "2026-10-12" });
    expect((await importOpenData(client, [active], { sourceDate: "2026-09-14" })).stored).toBe(0);
    expect((await importOpenData(client, [active], { sourceDate: "2026-10-12" })).stored).toBe(0);
    expect(await mirrored()).toMatchObject([{ status: "Baixada", source_date: "2026-10-12" }]);

    expect((await importOpenData(client, [active], { sourceDate: "2026-11-09" })).stored).toBe(1);
    expect(await mirrored()).toMatchObject([{ status: "Ativa", source_date: "2026-11-09" }]);
  });

  it("takes a CNPJ that comes twice once", async () => {
    const line = establishmentLine(LATER);
    const file = await zips.write("Estabelecimentos3.zip", { e: line + line });
    const result = await importOpenData(client, [file, file], { sourceDate: "2026-10-12" });
    expect(result).toMatchObject({ establishments: 4, stored: 1 });
  });

  it("reports broken lines with file and line, and takes the rest", async () => {
    const broken = `"1"\n${establishmentLine(LATER)}${establishmentLine(LATER, "99")}`;
    const file = await zips.write("Estabelecimentos4.zip", { e: broken });
    const result = await importOpenData(client, [file], { sourceDate: "2026-10-12" });
    expect(result).toMatchObject({ establishments: 1, stored: 1, refusedCount: 2 });
    expect(result.refused).toEqual([
      { file: "Estabelecimentos4.zip", line: 1, cause: "1 campos em vez de 30" },
      { file: "Estabelecimentos4.zip", line: 3, cause: "situação cadastral desconhecida" },
    ]);
  });

  it("lists a thousand broken lines and counts all", async () => {
    const text = '"1"\n'.repeat(2500) + establishmentLine(LATER);
    const file = await zips.write("Estabelecimentos5.zip", { e: text });
    const result = await importOpenData(client, [file], { sourceDate: "2026-10-12" });
    expect(result.refused).toHaveLength(1000);
    expect(result).toMatchObject({ refusedCount: 2500, stored: 1 });
  });

  it("stores nothing where a file is of another layout, damaged, or none of the data", async () => {
    const sourceDate = "2026-10-12";
    const alien = await zips.write("Empresas9.zip", { e: '"a";"b"\n"c";"d"\n' });
    await expect(
      importOpenData(client, [REAL_ESTABLISHMENTS, alien], { sourceDate }),
    ).rejects.toThrow("e: nenhuma linha pôde ser lida (2 campos em vez de 7)");
    const cnaes = fixturePath("rfb/Cnaes.zip");
    await expect(
      importOpenData(client, [REAL_ESTABLISHMENTS, cnaes], { sourceDate }),
    ).rejects.toThrow(OpenDataError);
    await expect(
      importOpenData(client, [REAL_ESTABLISHMENTS], { sourceDate: "12/10/2026" }),
    ).rejects.toThrow(RangeError);
    expect(await mirrored()).toEqual([]);
    expect((await importOpenData(client, [REAL_ESTABLISHMENTS], { sourceDate })).stored).toBe(1);
  });
});

/** Another establishment of a company: root of 8, order of 4 characters. */
function branch(root: string, order: string): string {
  return root + order + cnpjCheckDigits(root + order);
}

import { readFile, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  findTables,
  OpenDataError,
  type OpenDataTable,
  readTable,
} from "../../../src/suppliers/open-data/file.ts";
import {
  companyNames,
  establishments,
  type Layout,
  simplesOptions,
} from "../../../src/suppliers/open-data/layout.ts";
import { fixturePath } from "../fixture.ts";
import { establishmentLine, zipFolder } from "../zip.ts";

let zips: Awaited<ReturnType<typeof zipFolder>>;
beforeAll(async () => {
  zips = await zipFolder();
});
afterAll(() => zips.remove());

async function onlyTable(file: string): Promise<OpenDataTable> {
  const [table, ...others] = await findTables(file);
  if (table === undefined || others.length > 0) throw new Error("not exactly one table");
  return table;
}

async function readAll<Row extends object>(file: string, layout: Layout<Row>) {
  const all: { rows: Row[]; refused: [number, string][] } = { rows: [], refused: [] };
  for await (const { rows, refused } of readTable(await onlyTable(file), layout)) {
    all.rows.push(...rows);
    all.refused.push(...refused.map(({ line, cause }): [number, string] => [line, cause]));
  }
  return all;
}

describe("the open data's real files", () => {
  it("Estabelecimentos", async () => {
    expect(await readAll(fixturePath("rfb/Estabelecimentos0.zip"), establishments)).toEqual({
      rows: [
        {
          cnpj: "33683111000280",
          status: "Ativa",
          statusDate: "2004-05-22",
          openedOn: "1967-06-30",
          mainCnae: "6204000",
          secondaryCnaes: ["6201501", "6202300", "6203100", "6209100", "6311900"],
        },
      ],
      refused: [],
    });
  });

  it("Empresas", async () => {
    expect((await readAll(fixturePath("rfb/Empresas1.zip"), companyNames)).rows).toEqual([
      { root: "33683111", name: "SERVICO FEDERAL DE PROCESSAMENTO DE DADOS (SERPRO)" },
    ]);
  });

  it("Simples", async () => {
    expect((await readAll(fixturePath("rfb/Simples.zip"), simplesOptions)).rows).toEqual([
      { root: "33683111", simples: true, mei: false },
    ]);
  });

  it.each(["Cnaes.zip", "Motivos.zip"])("%s is none that the mirror takes", async (name) => {
    await expect(findTables(fixturePath(`rfb/${name}`))).rejects.toThrow(OpenDataError);
  });
});

describe("findTables", () => {
  it("knows the names that the Receita Federal gives to entries", async () => {
    const file = await zips.write("dados.zip", {
      "K3241.K03200Y0.D50913.ESTABELE": "",
      "K3241.K03200Y0.D50913.EMPRECSV": "",
      "F.K03200$W.SIMPLES.CSV.D50913": "abc",
      "K3241.K03200Y0.D50913.SOCIOCSV": "",
    });
    expect((await findTables(file)).map(({ kind, bytes }) => [kind, bytes])).toEqual([
      ["ESTABLISHMENTS", 0],
      ["COMPANIES", 0],
      ["SIMPLES", 3],
    ]);
  });

  it("says in Portuguese what is no zip", async () => {
    await expect(findTables(fixturePath("README.md"))).rejects.toThrow(
      "README.md: não é um arquivo zip legível",
    );
    await expect(findTables(fixturePath("nenhum.zip"))).rejects.toThrow(OpenDataError);
  });
});

describe("readTable", () => {
  it("reads or refuses each line, and says which", async () => {
    const good = establishmentLine("11222333000181");
    const text = [
      good,
      '"11222333";"0001"\n',
      "\n",
      good.replace('"02"', '"02'),
      establishmentLine("11222333000182"),
      good.trim(),
    ].join("");
    const file = await zips.write("Estabelecimentos3.zip", { "a.ESTABELE": text });
    const { rows, refused } = await readAll(file, establishments);
    expect(rows).toHaveLength(2);
    expect(refused).toEqual([
      [2, "2 campos em vez de 30"],
      [4, "29 campos em vez de 30"],
      [5, "CNPJ inválido"],
    ]);
  });

  it("keeps the memory bounded", async () => {
    const lines = Buffer.from(establishmentLine("11222333000181").repeat(1000));
    function* many() {
      for (let index = 0; index < 60; index += 1) yield lines;
    }
    const file = await zips.write("Estabelecimentos4.zip", { "a.ESTABELE": Readable.from(many()) });
    let rows = 0;
    let largest = 0;
    for await (const batch of readTable(await onlyTable(file), establishments)) {
      rows += batch.rows.length;
      largest = Math.max(largest, batch.rows.length);
    }
    expect(rows).toBe(60_000);
    expect(largest).toBeLessThan(2000);
  });

  it("notices a damaged and a truncated file", async () => {
    const text = establishmentLine("11222333000181").repeat(50);
    const file = await zips.write("Estabelecimentos5.zip", { "a.ESTABELE": text });
    const bytes = await readFile(file);

    const damaged = Buffer.from(bytes);
    const middle = 40 + Math.floor(damaged.indexOf("PK\u0001\u0002") / 2);
    damaged[middle] = (damaged[middle] ?? 0) ^ 0x10;
    await writeFile(file, damaged);
    await expect(readAll(file, establishments)).rejects.toThrow("a.ESTABELE: arquivo danificado");

    await writeFile(file, bytes.subarray(0, bytes.length - 30));
    await expect(readAll(file, establishments)).rejects.toThrow("não é um arquivo zip legível");
  });
});

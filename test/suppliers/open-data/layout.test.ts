import { describe, expect, it } from "@jest/globals";
import {
  companyNames,
  establishments,
  simplesOptions,
} from "../../../src/suppliers/open-data/layout.ts";

/** A line of Estabelecimentos with some columns (from 0) replaced. */
function establishment(changes: Record<number, string> = {}) {
  const fields: string[] = Array(30).fill("");
  const base = { 0: "33683111", 1: "0002", 2: "80", 5: "02", 6: "20040522", 10: "19670630" };
  for (const [column, text] of Object.entries({ ...base, 11: "6204000", ...changes })) {
    fields[Number(column)] = text;
  }
  return establishments.read(fields);
}

describe("a line of Estabelecimentos", () => {
  it("is read", () => {
    expect(establishment({ 12: "6201501,0161003" })).toEqual({
      cnpj: "33683111000280",
      status: "Ativa",
      statusDate: "2004-05-22",
      openedOn: "1967-06-30",
      mainCnae: "6204000",
      secondaryCnaes: ["6201501", "0161003"],
    });
  });

  it.each([
    ["01", "Nula"],
    ["02", "Ativa"],
    ["2", "Ativa"],
    ["03", "Suspensa"],
    ["04", "Inapta"],
    ["08", "Baixada"],
  ])("has the status code %s for %s", (code, status) => {
    expect(establishment({ 5: code })).toMatchObject({ status });
  });

  it.each(["", "0", "00000000"])("takes the date %j as none", (date) => {
    expect(establishment({ 6: date, 10: date })).toMatchObject({
      statusDate: null,
      openedOn: null,
    });
  });

  it("knows alphanumeric CNPJs, and companies without CNAE", () => {
    expect(establishment({ 0: "12ABC345", 1: "01DE", 2: "35", 11: "" })).toMatchObject({
      cnpj: "12ABC34501DE35",
      mainCnae: null,
      secondaryCnaes: [],
    });
  });

  it.each([
    [{ 2: "81" }, "CNPJ inválido"],
    [{ 0: "" }, "CNPJ inválido"],
    [{ 5: "05" }, "situação cadastral desconhecida"],
    [{ 5: "" }, "situação cadastral desconhecida"],
    [{ 6: "20040231" }, "data da situação cadastral inválida"],
    [{ 10: "2004" }, "data de início de atividade inválida"],
    [{ 11: "62040" }, "CNAE principal inválido"],
    [{ 12: "6201501," }, "CNAE secundário inválido"],
  ])("with %j is refused: %s", (changes, broken) => {
    expect(establishment(changes)).toEqual({ broken });
  });
});

describe("a line of Empresas", () => {
  it("gives the name, cleaned of control characters", () => {
    expect(companyNames.read(["19131243", " CAF\u00c9 \u0000\u0008DO BAIRRO\u0085  "])).toEqual({
      root: "19131243",
      name: "CAF\u00c9  DO BAIRRO",
    });
  });

  it.each([
    [["1913124", "X"], "CNPJ básico inválido"],
    [["19131243", " \u0000 "], "razão social vazia"],
  ])("with %j is refused: %s", (fields, broken) => {
    expect(companyNames.read(fields)).toEqual({ broken });
  });
});

describe("a line of Simples", () => {
  it("gives both options; a blank is unknown", () => {
    expect(simplesOptions.read(["33683111", "S", "20140101", "0", "N", "", ""])).toEqual({
      root: "33683111",
      simples: true,
      mei: false,
    });
    expect(simplesOptions.read(["33683111", "", "", "", "S", "", ""])).toEqual({
      root: "33683111",
      simples: null,
      mei: true,
    });
  });

  it.each([
    [["x", "S", "", "", "N"], "CNPJ básico inválido"],
    [["33683111", "X", "", "", "N"], "opção pelo Simples desconhecida"],
    [["33683111", "S", "", "", "1"], "opção pelo MEI desconhecida"],
  ])("with %j is refused: %s", (fields, broken) => {
    expect(simplesOptions.read(fields)).toEqual({ broken });
  });
});

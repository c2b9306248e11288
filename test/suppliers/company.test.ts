import { describe, expect, it } from "@jest/globals";
import { companyFromCnpjWs } from "../../src/suppliers/company.ts";
import { answerWith, fixtureJson } from "./fixture.ts";

describe("companyFromCnpjWs", () => {
  it("reads an active company", () => {
    const raw = fixtureJson("cnpjws-200-ativa.json");
    expect(companyFromCnpjWs(raw)).toEqual({
      cnpj: "11222333000181",
      name: "ELEVADORES EXEMPLO LTDA",
      status: "Ativa",
      active: true,
      statusDate: "2005-08-06",
      openedOn: "2003-02-24",
      mainCnae: "4329103",
      secondaryCnaes: ["3314707"],
      mei: false,
      simples: true,
      source: "CNPJWS",
      sourceDate: "2026-08-08",
      raw,
    });
  });

  it("reads a closed one", () => {
    expect(companyFromCnpjWs(fixtureJson("cnpjws-200-baixada.json"))).toMatchObject({
      status: "Baixada",
      active: false,
      statusDate: "2018-02-01",
    });
  });

  it.each([
    ["Ativa  ", "Ativa", true],
    ["Suspensa", "Suspensa", false],
    ["ativa", "ativa", false],
    ["ATIVA", "ATIVA", false],
    ["Ativa não regular", "Ativa não regular", false],
    ["", "", false],
    [null, "", false],
  ])("takes the status %j as %j", (given, status, active) => {
    const answer = answerWith({ situacao_cadastral: given });
    expect(companyFromCnpjWs(answer)).toMatchObject({ status, active });
  });

  it("trims the name", () => {
    const answer = { ...fixtureJson("cnpjws-200-ativa.json"), razao_social: " PADARIA  SA   " };
    expect(companyFromCnpjWs(answer)).toMatchObject({ name: "PADARIA  SA" });
  });

  it("does not know MEI and Simples where the registry says nothing", () => {
    const answer = { ...fixtureJson("cnpjws-200-ativa.json"), simples: null };
    expect(companyFromCnpjWs(answer)).toMatchObject({ mei: null, simples: null });
  });

  it("takes the day of the data in Brasília, not in UTC", () => {
    const answer = {
      ...fixtureJson("cnpjws-200-ativa.json"),
      atualizado_em: "2026-08-08T02:59:59.000Z",
    };
    expect(companyFromCnpjWs(answer)).toMatchObject({ sourceDate: "2026-08-07" });
  });

  it("accepts a company without CNAE or dates, and unknown keys", () => {
    const answer = answerWith({
      atividade_principal: null,
      atividades_secundarias: [],
      data_inicio_atividade: null,
      data_situacao_cadastral: "",
      novidade: { a: 1 },
    });
    expect(companyFromCnpjWs(answer)).toMatchObject({
      mainCnae: null,
      secondaryCnaes: [],
      openedOn: null,
      statusDate: null,
    });
  });

  it("never fails on capital_social", () => {
    const answer = { ...fixtureJson("cnpjws-200-ativa.json"), capital_social: { de: "lixo" } };
    expect(companyFromCnpjWs(answer)).toHaveProperty("active", true);
  });

  it.each([
    ["a status that is missing", { situacao_cadastral: undefined }, "situacao_cadastral"],
    [
      "a day that is not in the calendar",
      { data_inicio_atividade: "2003-02-30" },
      "data_inicio_atividade",
    ],
    [
      "a CNAE of another shape",
      { atividade_principal: { subclasse: "43" } },
      "atividade_principal",
    ],
    [
      "secondary CNAEs that are no list",
      { atividades_secundarias: null },
      "atividades_secundarias",
    ],
  ])("names what it cannot read: %s", (_, change, path) => {
    const unreadable = expect.stringContaining(`estabelecimento.${path}`);
    expect(companyFromCnpjWs(answerWith(change))).toEqual({ unreadable });
  });

  it("names nothing of the values", () => {
    const answer = {
      ...fixtureJson("cnpjws-200-ativa.json"),
      simples: { simples: "Talvez", mei: 1 },
    };
    expect(companyFromCnpjWs(answer)).toEqual({ unreadable: "simples.simples, simples.mei" });
    expect(companyFromCnpjWs("<html>")).toEqual({ unreadable: "body" });
  });
});

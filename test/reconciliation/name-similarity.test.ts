import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { nameSimilarity } from "../../src/reconciliation/name-similarity.ts";

describe("nameSimilarity", () => {
  it.each([
    ["Elevadores Exemplo Ltda", "PIX ENVIADO ELEVADORES EXEMPLO"],
    ["Elevadores Exemplo Ltda", "PIX QRS ELEV EXEMP 05/11"],
    ["Elevadores Atlas Schindler SA", "PAGTO ELEVADORES ATLAS S"],
    ["Limpadora Modelo Serviços Ltda", "TED 237.0001 LIMPAD MODELO SERV"],
    ["Cia de Saneamento Básico do Estado de São Paulo Sabesp", "DEB AUTOM SABESP"],
    ["Receita Federal do Brasil", "PAGTO DARF"],
    ["Prefeitura Municipal de São Paulo", "PAGAMENTO ISS"],
    ["José da Silva Jardinagem", "PIX ENVIADO JOSE SILVA JARDINAGEM"],
    ["Manutenção Predial Horizonte", "PIX ENVIADO MANUT PRED HORIZONTE"],
    ["Construtora Horizonte", "TED ENVIADA CONSTRUTORA HORIZONTI"],
  ])("finds %s in %s", (payee, memo) => {
    expect(nameSimilarity(payee, memo)).toBeGreaterThanOrEqual(0.6);
  });

  it.each([
    ["Elevadores Exemplo Ltda", "PIX ENVIADO JORGE MATOS"],
    ["Limpadora Modelo", "PIX ENVIADO GRAFICA UNIAO"],
    ["Limpeza e Conservação Horizonte", "PIX ENVIADO LIMPEZA CONSERVACAO BRILHO SUL"],
    ["Maria da Silva", "PIX ENVIADO JOSE DA SILVA"],
    ["Sabesp", "PAGTO ENEL DISTRIBUICAO"],
  ])("does not take %s for %s", (payee, memo) => {
    expect(nameSimilarity(payee, memo) ?? 0).toBeLessThan(0.6);
  });

  it("knows when a text names no one", () => {
    expect(nameSimilarity("Sabesp", "PAGAMENTO CONTA AGUA 05/11")).toBeUndefined();
    expect(nameSimilarity("Sabesp", "ESTORNO DE DÉBITO")).toBeUndefined();
  });

  it("is symmetric, and 1 for a name itself", () => {
    const name = fc
      .array(fc.constantFrom("ALFA", "ALF", "BETA", "SERVICOS", "SILVA", "GAMA", "GM", "LTDA"), {
        maxLength: 4,
      })
      .map((words) => words.join(" "));
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(nameSimilarity(a, b)).toBe(nameSimilarity(b, a));
        expect(nameSimilarity(a, a) ?? 1).toBe(1);
      }),
    );
  });
});

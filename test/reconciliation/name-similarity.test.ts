import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { fold } from "../../src/reconciliation/memo-text.ts";
import { nameSimilarity } from "../../src/reconciliation/name-similarity.ts";
import { nameOf } from "../../src/reconciliation/name-words.ts";

function similarity(payee: string, memo: string): number | undefined {
  return nameSimilarity(nameOf(fold(payee)), nameOf(fold(memo)));
}

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
    expect(similarity(payee, memo)).toBeGreaterThanOrEqual(0.6);
  });

  it.each([
    ["Elevadores Exemplo Ltda", "PIX ENVIADO JORGE MATOS"],
    ["Limpadora Modelo", "PIX ENVIADO GRAFICA UNIAO"],
    ["Limpeza e Conservação Horizonte", "PIX ENVIADO LIMPEZA CONSERVACAO BRILHO SUL"],
    ["Maria da Silva", "PIX ENVIADO JOSE DA SILVA"],
    ["Sabesp", "PAGTO ENEL DISTRIBUICAO"],
  ])("does not take %s for %s", (payee, memo) => {
    expect(similarity(payee, memo) ?? 0).toBeLessThan(0.6);
  });

  it("takes a name that the line's width cut for the whole one", () => {
    expect(similarity("Gráfica Modelo Impressos", "PIX ENVIADO GRAFICA MO")).toBeGreaterThan(0.75);
    expect(similarity("Gráfica Modelo Impressos", "PIX ENVIADO GRAFICA NU")).toBeLessThan(0.75);
  });

  it("does not decide by the trade alone", () => {
    expect(similarity("JARDINS CIA PAIS", "PIX TRANSF JARDINS CI29/10")).toBe(0.5);
    expect(similarity("Jardins Verdes", "PIX TRANSF JARDINS AZUIS")).toBeLessThan(0.5);
  });

  it("knows when a text names no one", () => {
    expect(similarity("Sabesp", "PAGAMENTO CONTA AGUA 05/11")).toBeUndefined();
    expect(similarity("Sabesp", "ESTORNO DE DÉBITO")).toBeUndefined();
  });

  it("is symmetric, and 1 for a name itself", () => {
    const name = fc
      .array(fc.constantFrom("ALFA", "ALF", "BETA", "SERVICOS", "SILVA", "GAMA", "GM", "LTDA"), {
        maxLength: 4,
      })
      .map((words) => words.join(" "));
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(similarity(a, b)).toBe(similarity(b, a));
        expect(similarity(a, a) ?? 1).toBe(1);
      }),
    );
  });
});

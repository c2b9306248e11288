import { describe, expect, it } from "@jest/globals";
import { readCondominiums } from "../../src/tenancy/condominium-file.ts";

const read = (text: string) => readCondominiums(new TextEncoder().encode(text));
const HEADER = "codigo;nome;cnpj;cidade;uf;desde";
const none = { cnpj: null, city: null, state: null, managedFrom: null };

describe("readCondominiums", () => {
  it("reads what the columns say", () => {
    expect(
      read(
        `${HEADER}\r\nSOL;Edifício Sol;11.222.333/0001-81;São Paulo;sp;01/02/2024\r\nLUA;Lua;;;;2024-03-01\r\n`,
      ),
    ).toEqual([
      {
        code: "SOL",
        name: "Edifício Sol",
        cnpj: "11222333000181",
        city: "São Paulo",
        state: "SP",
        managedFrom: "2024-02-01",
      },
      { ...none, code: "LUA", name: "Lua", managedFrom: "2024-03-01" },
    ]);
  });

  it("takes commas, quotation marks, a BOM, other cases and orders, and few columns", () => {
    expect(read('\ufeffNome,Codigo\n"Sol, bloco A",SOL\n')).toEqual([
      { ...none, code: "SOL", name: "Sol, bloco A" },
    ]);
  });

  it("takes accents in titles, and blank lines above them", () => {
    expect(read("\r\n;\r\n Código ;NOME\r\nSOL;Sol\r\n")).toEqual([
      { ...none, code: "SOL", name: "Sol" },
    ]);
  });

  it("gives a code the form in which rows are compared with it", () => {
    const [condominium] = read(`codigo;nome\n${"ÁGUAS".normalize("NFD")};Águas\n`);
    expect(condominium?.code).toBe("ÁGUAS".normalize("NFC"));
    expect(() => read('codigo;nome\n"SO\nL";Sol\n')).toThrow("caracteres invisíveis");
  });

  it("takes Windows-1252, as Excel saves it", () => {
    const bytes = new Uint8Array(Buffer.from(`${HEADER}\r\nSOL;Edifício;;;;\r\n`, "latin1"));
    expect(readCondominiums(bytes)).toEqual([{ ...none, code: "SOL", name: "Edifício" }]);
  });

  it("names every bad line by its number in the file, blank lines counted", () => {
    const text = [
      HEADER,
      "SOL;Sol;11.222.333/0001-82;;SPX;31/02/2024",
      "",
      ";;;;;",
      ";X;;;;",
      "MAR;Mar",
      "LUA;Lua;;;;",
    ].join("\n");
    expect(() => read(text)).toThrow(
      [
        "Nada foi cadastrado:",
        "linha 6: 2 células em vez de 6; um texto com o separador vai entre aspas",
        "linha 2: o CNPJ não confere",
        'linha 2: "desde" não é uma data',
        "linha 2: a UF tem duas letras",
        "linha 5: falta o código",
        "linha 5: falta o nome",
      ].join("\n"),
    );
  });

  it("names codes and CNPJs that come twice", () => {
    const text = `${HEADER}\nSOL;Sol;11222333000181;;;\nSOL;Outro;11.222.333/0001-81;;;\n`;
    expect(() => read(text)).toThrow(
      "Nada foi cadastrado:\nlinha 3: o código é o da linha 2\nlinha 3: o CNPJ é o da linha 2",
    );
  });

  it("says what is wrong with the header, and no more", () => {
    expect(() => read("codigo;titulo\nSOL;Sol\n")).toThrow(
      /^Nada foi cadastrado:\ncabeçalho: falta a coluna "nome"\ncabeçalho: a coluna "titulo" não existe ou se repete$/,
    );
  });

  it("refuses a file without condominiums, or with open quotation marks", () => {
    expect(() => read("")).toThrow("não traz nenhum condomínio");
    expect(() => read(`${HEADER}\n`)).toThrow("não traz nenhum condomínio");
    expect(() => read(`${HEADER}\nSOL;"Sol;;;;\n`)).toThrow("as aspas de uma célula");
    expect(() => read("PK\x03\x04 an XLSX file")).toThrow("não é um CSV");
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { StatementFileError } from "../../src/banking/statement.ts";
import { readStatementFile } from "../../src/banking/statement-file.ts";

const fixture = (name: string) => readFileSync(`test/fixtures/banking/${name}`);
const order = fixture("pagamentos.ret");
order.write("1", 142);

function refusalOf(bytes: Uint8Array): string {
  try {
    readStatementFile(bytes);
  } catch (error) {
    if (error instanceof StatementFileError) return error.message;
    throw error;
  }
  throw new Error("The file was not refused.");
}

describe("readStatementFile", () => {
  it("tells of a damaged file that the bank has it whole", () => {
    expect(refusalOf(fixture("bb.ofx").subarray(0, 2_000))).toMatch(
      / Nada foi gravado; exporte o arquivo de novo no banco e importe-o sem o alterar\.$/,
    );
    expect(refusalOf(fixture("pagamentos.ret").subarray(0, 2_420))).toMatch(/exporte o arquivo/);
  });

  it.each([
    ["a card's bill", fixture("v211.ofx"), /fatura .* importe o extrato da conta que a paga\.$/],
    ["an order", order, /^linha 1: .*remessa.* importe o retorno que o banco devolveu/],
    ["a return of collection", fixture("cobranca.ret"), /cobrança.* importe o extrato da conta/],
    ["a PDF", new TextEncoder().encode("%PDF-1.7\n\0"), /texto\. .* exporte o extrato como OFX/],
    ["a table", new TextEncoder().encode("data;valor"), /nem um retorno.* exporte o extrato como/],
  ])("tells of %s, whole and of another kind, what to import in its place", (_, bytes, saying) => {
    expect(refusalOf(bytes)).toMatch(saying);
    expect(refusalOf(bytes)).toContain("Nada foi gravado; ");
    expect(refusalOf(bytes)).not.toContain("de novo");
  });
});

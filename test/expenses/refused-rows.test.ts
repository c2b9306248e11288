import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parseExpenseCsv } from "../../src/expenses/csv.ts";
import { writeRefusedRows } from "../../src/expenses/refused-rows.ts";
import { parseExpenseRows } from "../../src/expenses/row.ts";
import { context, row } from "./rows.ts";

const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

const errorOf = (index: number) => ({
  index,
  field: "grossAmount",
  code: "AMOUNT_INVALID" as const,
  message: "Confira “valor_bruto”; depois reenvie.",
});

describe("writeRefusedRows", () => {
  it("writes the refused rows alone, for Excel in Portuguese, with all that is to be mended", () => {
    const rows = [
      row(),
      row({ externalId: "D-2", grossAmount: "1,00", instalment: "4/3" }),
      { externalId: "=CMD()", grossAmount: "12.5", cor: "azul" },
    ];
    const { errors } = parseExpenseRows(rows, context);
    const text = decode(writeRefusedRows(rows, errors));
    const [header, first, second, end] = text.split("\r\n");
    expect(header).toBe(
      "\ufeffid_externo;condominio;categoria;tipo_documento;numero_documento;emissao;competencia;valor_bruto;retencao_inss;retencao_csrf;documento_favorecido;favorecido;chave_pix;vencimento;parcela;documentos;descricao;erros",
    );
    expect(first).toBe(
      `D-2;11.222.333/0001-81;LIMPEZA;NFSE;123;05/11/2026;11/2026;1,00;1100,00;465,00;12.ABC.345/01DE-35;Limpeza Total Ltda;12abc34501de35;05/12/2026;4 de 3;${"A".repeat(64)}|nota.pdf;Serviços de novembro;"Informe “valor_bruto” com até duas casas decimais: ""1234.56"" (em planilha também 1.234,56). Em “parcela” o número da parcela vai de 1 até o total de parcelas."`,
    );
    expect(second).toMatch(/^'=CMD\(\);;;;;;;12,5;/);
    expect(second).toContain("O campo “cor” não existe");
    expect(end).toBe("");
  });

  it("puts up with rows that are no objects, and with two retentions of one kind", () => {
    const rows = [
      null,
      7,
      { retentions: [{ kind: "ISS", amount: "1.00" }, { kind: "ISS", amount: "2.00" }, "x"] },
    ];
    const text = decode(writeRefusedRows(rows, [errorOf(0), errorOf(1), errorOf(2)]));
    expect(text.split("\r\n")).toHaveLength(5);
    expect(text).toContain(";1,00 / 2,00;");
  });

  it("shows the day into which Excel turned what was typed", () => {
    const text = decode(writeRefusedRows([{ instalment: { day: "2026-03-02" } }], [errorOf(0)]));
    expect(text).toContain(";02/03/2026;");
  });

  it("guards what a spreadsheet would run, in every column", () => {
    const hostile = Object.fromEntries(Object.keys(row()).map((field) => [field, "@SUM(1)"]));
    const text = decode(writeRefusedRows([hostile], [errorOf(0)]));
    const [, line = ""] = text.split("\r\n");
    expect(line.split(";").filter((cell) => cell.startsWith("@"))).toEqual([]);
  });

  it("can be read again, and says what it said before", () => {
    const words = fc.string({
      unit: fc.constantFrom("a", "ç", " ", ";", ",", '"', "'", "=", "-", "+", "@"),
      maxLength: 20,
    });
    const text = words.map((word) => word.trim());
    const rows = fc.array(
      fc.record({
        externalId: text,
        payeeName: text,
        description: text,
        amount: fc.bigInt({ min: 1n, max: 10n ** 10n }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(rows, (changes) => {
        const submitted = changes.map(({ amount, ...texts }, i) =>
          row({
            ...texts,
            externalId: `${i}${texts.externalId}`,
            grossAmount: `${amount}.10`,
            retentions: null,
          }),
        );
        const file = writeRefusedRows(
          submitted,
          submitted.map((_, index) => errorOf(index)),
        );
        const again = parseExpenseCsv(file);
        expect(again.errors).toEqual([]);
        expect(parseExpenseRows(again.rows, context)).toEqual(parseExpenseRows(submitted, context));
      }),
    );
  });
});

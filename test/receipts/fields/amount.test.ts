import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { formatBrazilian, formatDecimal } from "../../../src/money/centavos.ts";
import { findAmount } from "../../../src/receipts/fields/amount.ts";
import type { ReceiptKind } from "../../../src/receipts/reading.ts";
import { printed } from "../printed.ts";

const amountIn = (kind: ReceiptKind, text: string, witness?: bigint): string | null =>
  findAmount(printed(text), kind, witness).value;

describe("findAmount", () => {
  it.each<[ReceiptKind, string, string]>([
    ["PIX_PROOF", "Valor                R$ 1.234,56", "1234.56"],
    ["PIX_PROOF", "Pix enviado\nR$ 1.234,56", "1234.56"],
    ["PIX_PROOF", "Valor do Pix\nR$ 1.234,56\nTarifa\nR$ 0,00", "1234.56"],
    ["BOLETO_PROOF", "Valor do documento R$ 100,00\nJuros R$ 1,50\nValor pago R$ 101,50", "101.50"],
    ["BOLETO", "Vencimento   Valor do documento\n05/11/2026   1.234,56", "1234.56"],
    [
      "NFSE",
      "Valor dos serviços R$ 10.000,00   INSS R$ 1.100,00\nValor líquido R$ 8.900,00",
      "10000.00",
    ],
    [
      "NFCE",
      "TINTA 2 x 50,00 100,00\nVALOR TOTAL R$ 100,00\nVALOR PAGO R$ 150,00\nTROCO R$ 50,00",
      "100.00",
    ],
    ["TILL_RECEIPT", "ITEM 9.00\nTOTAL 9.00\nGST 0.54\nTOTAL INCL. GST 9.54\nCASH 20.00", "9.54"],
    ["TILL_RECEIPT", "SUBTOTAL 1,234.00\nTOTAL 1,234.50", "1234.50"],
  ])("of a %s", (kind, text, amount) => {
    expect(amountIn(kind, text)).toBe(amount);
  });

  it("is nothing where none is printed", () => {
    expect(amountIn("PIX_PROOF", "Pix enviado para Maria em 05/11/2026 17:12")).toBeNull();
    expect(amountIn("PIX_PROOF", "Alíquota 11,00 %")).toBeNull();
  });

  it("prefers the one that the boleto's line states, and is then sure of it", () => {
    const lines = printed("Valor do documento\n100,00 90,00", 0.6);
    expect(findAmount(lines, "BOLETO", 10000n)).toMatchObject({
      value: "100.00",
      confidence: 0.99,
    });
  });

  it("is unsure between different values of one label", () => {
    const { confidence } = findAmount(printed("Valor 10,00\nValor 20,00"), "PIX_PROOF");
    expect(confidence).toBeLessThanOrEqual(0.5);
  });

  it("reads back every amount as Brazilians write it", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 99_999_999n }), (centavos) => {
        expect(amountIn("PIX_PROOF", `Valor: ${formatBrazilian(centavos)}`)).toBe(
          formatDecimal(centavos),
        );
      }),
    );
  });
});

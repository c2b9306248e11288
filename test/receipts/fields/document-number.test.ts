import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { findDocumentNumber } from "../../../src/receipts/fields/document-number.ts";
import { findIdentifiers } from "../../../src/receipts/fields/identifiers.ts";
import type { Field, ReceiptKind } from "../../../src/receipts/reading.ts";
import { printed } from "../printed.ts";

const E2E = "E12345678202609290129Ab3dE9fGh1J";

function numberIn(kind: ReceiptKind, text: string, keyNumber?: string): Field {
  const lines = printed(text, 0.9);
  return findDocumentNumber(lines, kind, findIdentifiers(lines, "2026-11-05"), keyNumber);
}

describe("the number of a document", () => {
  it.each<[ReceiptKind, string, string]>([
    ["PIX_PROOF", `ID da transação\n${E2E}`, E2E],
    ["PIX_PROOF", "Autenticação: 0A1B 2C3D 4E5F", "0A1B 2C3D 4E5F"],
    ["TED_PROOF", "Agência: 1234\nAutenticação: 8F2A90C1D4E5", "8F2A90C1D4E5"],
    ["TED_PROOF", "ID da transação        123456789", "123456789"],
    ["BOLETO_PROOF", "Autenticação\n8F2A90C1D4E56677", "8F2A90C1D4E56677"],
    [
      "BOLETO",
      "Data do documento   Nº documento   Vencimento\n20/10/2026          4711           05/11/2026",
      "4711",
    ],
    [
      "BOLETO",
      "Data do documento   Nosso número        Vencimento\n20/10/2026          109/00001234-5      05/11/2026",
      "109/00001234-5",
    ],
    ["BOLETO", "Número do documento: NF-4711\nNosso número: 12", "NF-4711"],
    ["NFSE", "Número da Nota: 00001234          Competência: 11/2026", "1234"],
    ["NFSE", "Número: 1234\nPrestador de serviços", "1234"],
    ["NFCE", "NFC-e nº 000012345 Série 001", "12345"],
    ["NFE", "DANFE\nNº 000.012.345\nSérie 1", "12345"],
    ["RPA", "RPA nº 0042", "42"],
    ["TILL_RECEIPT", "CCF:000123   COO:004567", "004567"],
    ["TILL_RECEIPT", "Bill No: 123456\nCashier: Anna", "123456"],
    ["TAX_SLIP", "Número do Documento\n07.20.26123.4567890-1", "07.20.26123.4567890-1"],
  ])("of a %s: %s", (kind, text, value) => {
    expect(numberIn(kind, text).value).toBe(value);
  });

  it("is left out where no label names it, or what stands there is something else", () => {
    for (const [kind, text] of [
      ["NFSE", "Prefeitura 1234\nValor 10,00"],
      ["NFSE", "Número da Nota: 12?4"],
      ["TILL_RECEIPT", "Invoice Number 39.54\nTotal RM 88.17"],
      ["TILL_RECEIPT", "Bill No: 1,039.54"],
      ["BOLETO", "Número do documento   Vencimento\n20/10/2026            05/11/2026"],
      ["BOLETO", "Nosso número: 11.222.333/0001-81"],
      ["TED_PROOF", "Autenticação: 0A1B 2C3D Central de atendimento 0800"],
      ["TED_PROOF", "Autenticação\nData: 05/11/2026"],
      ["SCHEDULING", "ID da transação: 4711"],
      ["UNKNOWN", "Número: 4711"],
    ] as const) {
      expect(numberIn(kind, text)).toEqual({ value: null, confidence: 0, box: null, page: null });
    }
  });

  it("is left out where a code was read unsurely, or had to be mended", () => {
    const unsure = printed("Autenticação: 8F2A90C1D4E5", 0.86);
    expect(findDocumentNumber(unsure, "TED_PROOF", [], undefined).value).toBeNull();
    expect(
      numberIn("PIX_PROOF", `ID da transação\n${E2E.replace("2026", "2O26")}`).value,
    ).toBeNull();
    const digits = printed("Número da Nota: 1234", 0.75);
    expect(findDocumentNumber(digits, "NFSE", [], undefined).value).toBe("1234");
  });

  it("is left out where two labels of one right differ", () => {
    expect(numberIn("NFSE", "Número da Nota: 1234\nNúmero da Nota: 1284").value).toBeNull();
    expect(numberIn("NFSE", "Número da Nota: 1234\nNúmero: 88").value).toBe("1234");
  });

  it("is the key's, and where it stands only if it was read so", () => {
    expect(numberIn("NFSE", "Número da Nota: 1234", "1234")).toMatchObject({
      value: "1234",
      confidence: 0.99,
      page: 0,
    });
    expect(numberIn("NFSE", "Número da Nota: 1284", "1234")).toEqual({
      value: "1234",
      confidence: 0.99,
      box: null,
      page: null,
    });
  });

  it("is any run of digits after its label, without leading zeros", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), (number) => {
        const text = `NFS-e nº ${String(number).padStart(13, "0")}`;
        expect(numberIn("NFSE", text).value).toBe(String(number));
      }),
    );
  });
});

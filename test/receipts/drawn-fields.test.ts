import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { DemoDocument, Party } from "../../demo/drawing/documents.ts";
import { printText } from "../../demo/drawing/print.ts";
import { lookOf } from "../../demo/drawing/render.ts";
import { createRandom } from "../../demo/synthetic/random.ts";
import { createReceiptReader, type ReceiptReader } from "../../src/receipts/reader.ts";
import { documentOf } from "../bench/receipts/drawn-documents.ts";
import { laidOut } from "../bench/receipts/laid-out.ts";
import { layoutOf } from "../bench/receipts/layouts.ts";

let reader: ReceiptReader;
const fieldsOf = async (bytes: Uint8Array) => {
  const { fields } = await reader.read(bytes, { referenceDate: "2026-11-24" });
  const { payee, payer, documentNumber } = fields;
  return [payee.value, payer.value, documentNumber.value];
};

beforeAll(() => {
  reader = createReceiptReader({ workers: 1, pageTimeoutMs: 60_000, memoryMb: 900 });
});
afterAll(() => reader.close());

/** Payee, payer and number that a drawing prints with a label: a shop's name on its own slip has none. */
function truthOf(document: DemoDocument): (string | null)[] {
  const names = (payee: Party | null, payer: Party | null, number: string) => [
    payee?.name ?? null,
    payer?.name ?? null,
    number,
  ];
  switch (document.kind) {
    case "PIX_PROOF":
      return names(document.payee, document.payer, document.endToEndId);
    case "BOLETO":
      return names(document.beneficiary, document.payer, document.documentNumber);
    case "BOLETO_PROOF":
      return names(document.beneficiary, document.payer, document.authentication);
    case "NFSE":
      return names(document.provider, document.taker, document.number);
    case "NFE":
      return names(null, document.recipient, String(document.number));
    case "NFCE":
      return names(null, null, String(document.number));
    case "SCHEDULING":
      return [document.payee.name, document.payer.name, null];
  }
}

describe("names and number in the text of a drawn document", () => {
  it.each([
    "PIX_PROOF AURORA",
    "PIX_PROOF LITORAL",
    "BOLETO_PROOF AURORA",
    "BOLETO_PROOF CERRADO",
    "BOLETO",
    "NFCE",
    "NFE",
    "NFSE",
    "SCHEDULING AURORA",
  ])("%s", async (name) => {
    const { document } = documentOf(name, createRandom(7));
    expect(await fieldsOf(await printText(lookOf(document)))).toEqual(truthOf(document));
  });

  it("PIX_PROOF CERRADO, which cuts names", async () => {
    const { document } = documentOf("PIX_PROOF CERRADO", createRandom(7));
    const [payee, payer, number] = truthOf(document);
    const cut = (name?: string | null) => name?.slice(0, 26).trim();
    expect(await fieldsOf(await printText(lookOf(document)))).toEqual([
      cut(payee),
      cut(payer),
      number,
    ]);
  });
});

describe("names and number on a picture", () => {
  it.each([
    ["TED_PROOF", 6061, ["Favorecido", "Remetente", "Autenticação"]],
    ["RPA", 6078, ["Prestador de serviços", "Tomador de serviços", "Número"]],
  ])(
    "of a %s, layout %i",
    async (kind, number, labels) => {
      const layout = layoutOf(number);
      expect(layout.kind).toBe(kind);
      const { painting, rows } = laidOut(layout, createRandom(number));
      const printed = labels.map((label) => {
        const value = rows.find((row) => row.label === label)?.value;
        return layout.capitals ? value?.toUpperCase() : value;
      });
      expect(await fieldsOf(await painting.canvas.encode("png"))).toEqual(printed);
    },
    60_000,
  );
});

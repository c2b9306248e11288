import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, it } from "@jest/globals";
import sharp from "sharp";
import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";
import { decodeBarcodes } from "../../src/receipts/barcodes.ts";
import { identifiersInBarcodes } from "../../src/receipts/fields/barcode-identifiers.ts";
import { decodePicture } from "../../src/receipts/picture.ts";
import { drawn } from "./drawn.ts";

const KEY = "35261112ABC34501DE35550010000123451738291544";
const NFSE_KEY = "35503082212ABC34501DE35000000000123426117382915472";
const LINE = "34191097010000001234456789012301916210000123456";

beforeAll(() => {
  const file = createRequire(import.meta.url).resolve("zxing-wasm/writer/zxing_writer.wasm");
  prepareZXingModule({ overrides: { wasmBinary: Uint8Array.from(readFileSync(file)).buffer } });
});

/** A page with text and that code on it. */
async function pageWith(text: string, format: "QRCode" | "ITF" | "Code128"): Promise<Uint8Array> {
  const { image } = await writeBarcode(text, { format, scale: 3 });
  if (!image) throw new Error(`no ${format} of ${text}`);
  const code = Buffer.from(await image.arrayBuffer());
  return sharp(drawn(["Comprovante", "Valor R$ 10,00"]))
    .extend({ bottom: 600, right: 800, background: "#ffffff" })
    .composite([{ input: code, left: 20, top: 200 }])
    .jpeg({ quality: 70 })
    .toBuffer();
}

describe("decodeBarcodes", () => {
  it.each([
    ["QRCode", `https://www.nfce.fazenda.sp.gov.br/qrcode?p=${KEY}|2|1|1|ABCDEF`],
    ["ITF", "34199162100001234561090700000123445678901230"],
    ["Code128", KEY],
  ] as const)("decodes a %s on a page, with its place", async (format, text) => {
    const [found, ...others] = await decodeBarcodes(
      await decodePicture(await pageWith(text, format)),
    );
    expect(others).toEqual([]);
    expect(found?.text).toBe(text);
    expect(found?.box[0]).toBeGreaterThan(20);
    expect(found?.box[1]).toBeGreaterThan(190);
  });

  it("finds none on a page without one", async () => {
    expect(
      await decodeBarcodes(await decodePicture(drawn(["Comprovante", "|||| || |||"]))),
    ).toEqual([]);
  });
});

describe("identifiersInBarcodes", () => {
  const found = (text: string) =>
    identifiersInBarcodes([{ text, box: [0, 0, 9, 9] }], "2026-11-05").map(({ kind, value }) => [
      kind,
      value,
    ]);

  it("takes the key out of an NFC-e's address, a DANFE's barcode and a SAT's code", () => {
    for (const text of [
      KEY,
      `https://x.gov.br/q?p=${KEY}|2|1|1|AB`,
      `http://x.gov.br/q?chNFe=${KEY}&nVersao=100`,
      `${KEY}|20261105|9.99`,
    ]) {
      expect(found(text)).toEqual([["DFE_KEY", KEY]]);
    }
  });

  it("takes an NFS-e's key out of the address at which it is looked up", () => {
    for (const text of [
      NFSE_KEY,
      `https://www.nfse.gov.br/ConsultaPublica/?tpc=1&chave=${NFSE_KEY}`,
      `https://www.nfse.gov.br/consultapublica?chave=${NFSE_KEY}&tpc=1`,
    ]) {
      expect(found(text)).toEqual([["NFSE_KEY", NFSE_KEY]]);
    }
  });

  it("turns a boleto's barcode into its typed line", () => {
    const barcode = `${LINE.slice(0, 4)}${LINE.slice(32)}${LINE.slice(4, 9)}${LINE.slice(10, 20)}${LINE.slice(21, 31)}`;
    expect(found(barcode)).toEqual([["BOLETO_LINE", LINE]]);
  });

  it("takes nothing whose check digits fail, and nothing else that a code may hold", () => {
    for (const text of [
      `${KEY.slice(0, 43)}0`,
      `?chave=${NFSE_KEY.slice(0, 49)}0`,
      "https://example.com/loja",
      "7891234567895",
    ]) {
      expect(found(text)).toEqual([]);
    }
  });
});

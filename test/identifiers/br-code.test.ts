import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { crc16, parseBrCode } from "../../src/identifiers/br-code.ts";
import { vectors } from "./vectors.ts";

const object = (tag: string, value: string) =>
  tag + String(Array.from(value).length).padStart(2, "0") + value;

const seal = (body: string) => `${body}6304${crc16(`${body}6304`)}`;

/** A code with the given objects in place of the usual ones; an empty value leaves its object out. */
function code(changes: Record<string, string> = {}): string {
  const usual: Record<string, string> = {
    "00": "01",
    "26": object("00", "br.gov.bcb.pix") + object("01", "12ABC34501DE35"),
    "52": "0000",
    "53": "986",
    "58": "BR",
    "59": "LIMPEZA TOTAL LTDA",
    "60": "SAO PAULO",
  };
  const merged = Object.entries({ ...usual, ...changes }).sort(([a], [b]) => a.localeCompare(b));
  return seal(merged.map(([tag, value]) => (value === "" ? "" : object(tag, value))).join(""));
}

describe("crc16", () => {
  it("gives the algorithm's check value", () => {
    expect(crc16("123456789")).toBe("29B1");
  });
});

describe("parseBrCode", () => {
  it("reads the BCB's example, whose txid *** means none", () => {
    expect(parseBrCode(vectors.brcode.valid[0] ?? "")).toEqual({
      merchantName: "Fulano de Tal",
      pixKey: "123e4567-e12b-12d1-a456-426655440000",
    });
  });

  it("reads an amount", () => {
    expect(parseBrCode(vectors.brcode.valid[1] ?? "")?.amount).toBe(1050n);
  });

  it("reads a dynamic code: url, txid, no key", () => {
    const dynamic = code({
      "26": object("00", "BR.GOV.BCB.PIX") + object("25", "pix.example.com/8b3da2f3"),
      "54": "1234.56",
      "62": object("05", "COND2026110001"),
    });
    expect(parseBrCode(dynamic)).toEqual({
      merchantName: "LIMPEZA TOTAL LTDA",
      url: "pix.example.com/8b3da2f3",
      amount: 123456n,
      txid: "COND2026110001",
    });
  });

  it("finds the Pix account beside those of other schemes", () => {
    const other = object("00", "com.example.wallet") + object("01", "x");
    const pix = object("00", "br.gov.bcb.pix") + object("01", "chave@example.com");
    expect(parseBrCode(code({ "26": other, "27": pix }))?.pixKey).toBe("chave@example.com");
  });

  it("counts lengths in characters, so that accents do no harm", () => {
    expect(parseBrCode(code({ "59": "JOÃO & CIA" }))?.merchantName).toBe("JOÃO & CIA");
  });

  it("takes an amount of zero for none", () => {
    expect(parseBrCode(code({ "54": "0.00" }))).not.toHaveProperty("amount");
  });

  it.each([
    ["a wrong CRC", code().replace(/.$/, (last) => (last === "0" ? "1" : "0"))],
    ["no merchant", code({ "59": "" })],
    ["no Pix account", code({ "26": "" })],
    ["a Pix account without key and url", code({ "26": object("00", "br.gov.bcb.pix") })],
    ["another currency", code({ "53": "840" })],
    ["another country", code({ "58": "AR" })],
    ["an amount with a comma", code({ "54": "10,50" })],
    ["a negative amount", code({ "54": "-1.00" })],
    ["a tag that stands twice", seal(`${code().slice(0, -8)}${object("59", "OUTRO")}`)],
    ["a length beyond the end", seal(`${code().slice(0, -8)}6299X`)],
    ["nothing", ""],
  ])("refuses %s", (_what, text) => {
    expect(parseBrCode(text)).toBeUndefined();
  });

  it("refuses every single change of an ASCII character", () => {
    const valid = code({ "54": "10.50" });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: valid.length - 5 }),
        fc.integer({ min: 33, max: 126 }),
        (at, replacement) => {
          const changed =
            valid.slice(0, at) + String.fromCharCode(replacement) + valid.slice(at + 1);
          expect(parseBrCode(changed) === undefined).toBe(changed !== valid);
        },
      ),
    );
  });
});

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  dfeKeyOf,
  findIdentifiers,
  otherInstantsOf,
  ownKeyOf,
  pixIdOf,
} from "../../../src/receipts/fields/identifiers.ts";
import { printed } from "../printed.ts";

const E2E = "E12345678202609290129Ab3dE9fGh1J";
const KEY = "35261112ABC34501DE35550010000123451738291544";
const NFSE_KEY = "35503082212ABC34501DE35000000000123426117382915472";
const LINE = "34191097010000001234456789012301916210000123456";

const found = (text: string) => findIdentifiers(printed(text), "2026-11-05");

describe("findIdentifiers", () => {
  it.each([
    ["in one line", `ID da transação: ${E2E}`],
    ["below its label", `ID da transação\n${E2E}`],
    ["broken over two lines", `ID da transação\n${E2E.slice(0, 20)}\n${E2E.slice(20)}`],
    ["with letters for digits in its time", `ID: ${E2E.replace("2026", "2O26")}`],
    ["with spaces in it", `ID: ${E2E.slice(0, 9)} ${E2E.slice(9, 20)} ${E2E.slice(20)}`],
    ["with an 8 where only a zero can be", `ID: ${E2E.replace("202609", "282689")}`],
  ])("finds an end-to-end id %s", (_, text) => {
    expect(found(text)).toEqual([{ kind: "PIX_END_TO_END", value: E2E, valid: true }]);
  });

  it("says when an end-to-end id cannot be one", () => {
    expect(found("E12345678202613290129Ab3dE9fGh1J")).toEqual([
      { kind: "PIX_END_TO_END", value: "E12345678202613290129Ab3dE9fGh1J", valid: false },
    ]);
    for (const year of ["3026", "2027", "2019"]) {
      expect(found(E2E.replace("2026", year))).toMatchObject([{ valid: false }]);
    }
  });

  it("finds a key in groups of four, over two lines too", () => {
    const groups = KEY.replace(/(.{4})(?=.)/g, "$1 ");
    for (const text of [KEY, groups, `${groups.slice(0, 24)}\n${groups.slice(25)}`]) {
      expect(found(`Chave de acesso\n${text}`)).toEqual([
        { kind: "DFE_KEY", value: KEY, valid: true },
      ]);
    }
    expect(dfeKeyOf(found(KEY))).toMatchObject({ yearMonth: "2026-11", issuer: "12ABC34501DE35" });
  });

  it("finds an NFS-e's key, in groups too", () => {
    for (const group of [50, 10, 5, 4]) {
      const groups = NFSE_KEY.replace(new RegExp(`(.{${group}})(?=.)`, "g"), "$1 ");
      const broken = `${groups.slice(0, 24)}\n${groups.slice(24).trimStart()}`;
      for (const text of [groups, broken]) {
        expect(found(`Chave de Acesso da NFS-e\n${text}`)).toEqual([
          { kind: "NFSE_KEY", value: NFSE_KEY, valid: true },
        ]);
      }
    }
    expect(ownKeyOf("NFSE", found(NFSE_KEY))).toMatchObject({ issuer: "12ABC34501DE35" });
    expect(ownKeyOf("PIX_PROOF", found(NFSE_KEY))).toBeUndefined();
    expect(found(`${NFSE_KEY.slice(0, 49)}0`)).toEqual([]);
  });

  it("finds a boleto's typed line as it is printed", () => {
    expect(found("34191.09701 00000.012344 56789.012301 9 16210000123456")).toEqual([
      { kind: "BOLETO_LINE", value: LINE, valid: true },
    ]);
    expect(found("84610000000-5 24610029110-2 00546033900-4 69589506108-0")[0]).toMatchObject({
      valid: true,
    });
  });

  it("marks a line of which a digit was misread", () => {
    expect(found("34191.09701 00000.012344 56789.012301 9 16210000123466")[0]).toMatchObject({
      kind: "BOLETO_LINE",
      valid: false,
    });
  });

  it("finds a Pix code over several lines", () => {
    const code =
      "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000520400005303986540510.505802BR5906FULANO6008BRASILIA62070503***63048B21";
    const broken = code.replace(/(.{60})/g, "$1\n");
    expect(found(`Pix copia e cola\n${broken}`)).toContainEqual({
      kind: "BR_CODE",
      value: code,
      valid: true,
    });
  });

  it("finds nothing in ordinary words and numbers", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$|^\d{1,9}$/), { maxLength: 8 }),
        (words) => {
          expect(found(words.join("  "))).toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("pixIdOf", () => {
  it("is the minute of the only id", () => {
    expect(pixIdOf(found(E2E))?.instant.toISOString()).toBe("2026-09-29T01:29:00.000Z");
    expect(pixIdOf(found(`${E2E}\n${E2E.replace("Ab3d", "Zz9z")}`))).toBeUndefined();
  });
});

describe("otherInstantsOf", () => {
  it("has the moments of an id whose 8s are zeros, as far as there are such", () => {
    const id = (time: string) => found(`E12345678${time}Ab3dE9fGh1J`);
    expect(otherInstantsOf(id("202609181128")).map((at) => at.toISOString().slice(0, 16))).toEqual([
      "2026-09-18T11:20",
      "2026-09-10T11:28",
      "2026-09-10T11:20",
    ]);
    expect(otherInstantsOf(id("202609291129"))).toEqual([]);
    expect(otherInstantsOf([])).toEqual([]);
  });
});

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { digit11 } from "../../src/identifiers/check-digit.ts";
import { parseDfeKey } from "../../src/identifiers/dfe-key.ts";
import { cnpjs, cpfs, digits, neighbours } from "./arbitraries.ts";
import { vectors } from "./vectors.ts";

const withDigit = (base: string) => base + digit11(base);

describe("parseDfeKey", () => {
  it.each(vectors.dfe_key.valid)("reads %s", (key) => {
    expect(parseDfeKey(key)?.key).toBe(key);
  });

  it("takes an NF-e of an alphanumeric CNPJ apart", () => {
    expect(parseDfeKey("35261112ABC34501DE35550010000123451738291544")).toEqual({
      key: "35261112ABC34501DE35550010000123451738291544",
      yearMonth: "2026-11",
      issuer: "12ABC34501DE35",
      model: "55",
      series: "1",
      number: "12345",
    });
  });

  it("reads the groups of four that a DANFE prints", () => {
    const key = "35261111222333000181550010000123451738291543";
    expect(parseDfeKey(key.replace(/(.{4})/g, "$1 "))?.key).toBe(key);
  });

  it("takes a CF-e SAT apart by its own layout", () => {
    const key = withDigit("3522081122233300018159000123456001234987654");
    expect(parseDfeKey(key)).toMatchObject({ model: "59", series: "123456", number: "1234" });
  });

  it("reads any key that is put together right, and no neighbour of its check digit", () => {
    fc.assert(
      fc.property(cnpjs, digits(21), fc.integer({ min: 1, max: 12 }), (cnpj, rest, month) => {
        const key = withDigit(`3526${String(month).padStart(2, "0")}${cnpj}65${rest}`);
        expect(parseDfeKey(key)).toMatchObject({ key, issuer: cnpj, model: "65" });
        for (const changed of neighbours(key, 43, 44, "0123456789")) {
          expect(parseDfeKey(changed)).toBeUndefined();
        }
      }),
    );
  });

  it("finds a person's CPF in the series 920 to 969 of the NF-e", () => {
    fc.assert(
      fc.property(cpfs, fc.integer({ min: 920, max: 969 }), digits(18), (cpf, series, rest) => {
        expect(parseDfeKey(withDigit(`352611000${cpf}55${series}${rest}`))?.issuer).toBe(cpf);
      }),
    );
  });

  it.each([
    ["a state that is none", withDigit("9926111122233300018155001000012345173829154")],
    ["month 13", withDigit("3526131122233300018155001000012345173829154")],
    ["month 00", withDigit("3526001122233300018155001000012345173829154")],
    ["an issuer with wrong check digits", withDigit("3526111122233300018255001000012345173829154")],
    ["43 characters", "3526111122233300018155001000012345173829154"],
    ["lower case letters", "35261112abc34501de35550010000123451738291544"],
    ["a letter after the CNPJ", withDigit("35261111222333000181550010000123451738291A4")],
    ["nothing", ""],
  ])("refuses %s", (_what, key) => {
    expect(parseDfeKey(key)).toBeUndefined();
  });
});

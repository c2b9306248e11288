import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { cnpjCheckDigits, formatCnpj, parseCnpj } from "../../src/identifiers/cnpj.ts";
import { cnpjs, neighbours } from "./arbitraries.ts";
import { vectors } from "./vectors.ts";

describe("parseCnpj", () => {
  it.each(vectors.cnpj.valid)("reads %s", (cnpj) => {
    expect(parseCnpj(cnpj)).toBe(cnpj);
  });

  it.each(vectors.cnpj.invalid)("refuses %s", (cnpj) => {
    expect(parseCnpj(cnpj)).toBeUndefined();
  });

  it("reads punctuation, lower case and space round it", () => {
    expect(parseCnpj(" 11.222.333/0001-81\n")).toBe("11222333000181");
    expect(parseCnpj("12.abc.345/01de-35")).toBe("12ABC34501DE35");
  });

  it.each([
    "",
    "1122233300018",
    "112223330001811",
    "11-222-333/0001-81",
    "11.222.333.0001-81",
    "11 222 333 0001 81",
    "CNPJ 11222333000181",
    "11222333000181;",
    "１１２２２３３３０００１８１",
    "12ABC34501DE3S",
    "ı2ABC34501DE35",
  ])("refuses the shape of %j", (text) => {
    expect(parseCnpj(text)).toBeUndefined();
  });

  it("does not drop letters to make a CNPJ of what is left", () => {
    expect(parseCnpj("A11222333000181")).toBeUndefined();
    expect(parseCnpj("1122233A3000181")).toBeUndefined();
  });

  it("refuses every single change of a check digit", () => {
    fc.assert(
      fc.property(cnpjs, (cnpj) => {
        const accepted = neighbours(cnpj, 12, 14, "0123456789ABC").filter((text) =>
          parseCnpj(text),
        );
        expect(accepted).toEqual([]);
      }),
    );
  });

  it("accepts of the single changes of the base those alone that share the check digits", () => {
    fc.assert(
      fc.property(cnpjs, (cnpj) => {
        const changed = neighbours(cnpj, 0, 12, "0123456789Z");
        const sharing = changed.filter(
          (text) => cnpjCheckDigits(text.slice(0, 12)) === cnpj.slice(12),
        );
        expect(changed.filter((text) => parseCnpj(text))).toEqual(sharing);
      }),
    );
  });

  it("answers any text without throwing", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const read = parseCnpj(text);
        expect(read === undefined || /^[A-Z0-9]{12}\d{2}$/.test(read)).toBe(true);
      }),
    );
  });
});

describe("formatCnpj", () => {
  it("writes what parseCnpj reads", () => {
    fc.assert(fc.property(cnpjs, (cnpj) => expect(parseCnpj(formatCnpj(cnpj))).toBe(cnpj)));
    expect(formatCnpj("12ABC34501DE35")).toBe("12.ABC.345/01DE-35");
  });
});

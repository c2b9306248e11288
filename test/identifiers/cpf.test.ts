import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { maskCpf, parseCpf } from "../../src/identifiers/cpf.ts";
import { cpfs, neighbours } from "./arbitraries.ts";
import { vectors } from "./vectors.ts";

describe("parseCpf", () => {
  it.each(vectors.cpf.valid)("reads %s", (cpf) => {
    expect(parseCpf(cpf)).toBe(cpf);
  });

  it.each([
    ...vectors.cpf.invalid,
    "00000000000",
    "99999999999",
    "",
    "5299822472",
    "529982247255",
    "529-982-247.25",
  ])("refuses %j", (text) => {
    expect(parseCpf(text)).toBeUndefined();
  });

  it("reads punctuation and space round it", () => {
    expect(parseCpf(" 529.982.247-25 ")).toBe("52998224725");
  });

  it("refuses every single change of a check digit", () => {
    fc.assert(
      fc.property(cpfs, (cpf) => {
        expect(parseCpf(cpf)).toBe(cpf);
        const changed = neighbours(cpf, 9, 11, "0123456789");
        expect(changed.filter((text) => parseCpf(text))).toEqual([]);
      }),
    );
  });
});

describe("maskCpf", () => {
  it("shows the middle only", () => {
    expect(maskCpf("52998224725")).toBe("***.982.247-**");
  });

  it("hides what is not 11 digits", () => {
    expect(maskCpf("529.982.247-25")).toBe("***.***.***-**");
  });
});

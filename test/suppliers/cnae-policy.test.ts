import { describe, expect, it } from "@jest/globals";
import {
  CATEGORIES,
  CATEGORIES_WITHOUT_CNAE,
  CATEGORY_KEYS,
  isCategory,
  parseCategory,
} from "../../src/suppliers/categories.ts";
import { formatCnae, parseCnae } from "../../src/suppliers/cnae.ts";
import { cnaeFit } from "../../src/suppliers/cnae-policy.ts";

const trade = (mainCnae: string | null, ...secondaryCnaes: string[]) => ({
  mainCnae,
  secondaryCnaes,
});

describe("cnaeFit", () => {
  it.each([
    ["the expected trade as main CNAE", trade("4329103"), "CORE", "4329103"],
    ["a trade of the wider list as main CNAE", trade("2822401"), "ACCEPTED", "2822401"],
    ["the expected trade as secondary CNAE", trade("6204000", "4329103"), "SECONDARY", "4329103"],
    ["a wider trade as secondary CNAE", trade("6204000", "2822401"), "SECONDARY", "2822401"],
    [
      "a core secondary before a wider one",
      trade(null, "2822401", "4329103"),
      "SECONDARY",
      "4329103",
    ],
    [
      "a wider main CNAE beside a core secondary",
      trade("2822401", "4329103"),
      "ACCEPTED",
      "2822401",
    ],
    ["another trade", trade("6204000", "6201501"), "NONE", "6204000"],
    ["no trade at all", trade(null), "NONE", null],
    ["a condominium", trade("8112500"), "CONDOMINIUM", "8112500"],
    ["a condominium in a secondary CNAE", trade("4329103", "8112500"), "CONDOMINIUM", "8112500"],
  ] as const)("ELEVADORES from a company with %s", (_, company, fit, cnae) => {
    expect(cnaeFit("ELEVADORES", company)).toEqual({ fit, cnae, expected: ["4329103"] });
  });

  it("knows that portaria is 8111-7/00 and that 8112-5/00 is the condominium itself", () => {
    expect(cnaeFit("PORTARIA_ZELADORIA", trade("8111700")).fit).toBe("CORE");
    expect(cnaeFit("PORTARIA_ZELADORIA", trade("8112500")).fit).toBe("CONDOMINIUM");
  });

  it.each([...CATEGORIES_WITHOUT_CNAE])("says that no rule applies to %s", (category) => {
    expect(cnaeFit(category, trade("8112500"))).toEqual({
      fit: "NOT_APPLICABLE",
      cnae: null,
      expected: [],
    });
  });

  it("has an answer for every category", () => {
    for (const category of CATEGORY_KEYS) {
      const { fit } = cnaeFit(category, trade(null));
      expect(fit).toBe(CATEGORIES_WITHOUT_CNAE.has(category) ? "NOT_APPLICABLE" : "NONE");
    }
  });
});

describe("the categories", () => {
  it("are the 25 with a CNAE rule and the 4 without", () => {
    expect(CATEGORY_KEYS).toHaveLength(29);
    expect(CATEGORIES_WITHOUT_CNAE.size).toBe(4);
  });

  it("are found by key and by Portuguese name, whatever the case and accents", () => {
    for (const key of CATEGORY_KEYS) {
      expect(parseCategory(key)).toBe(key);
      expect(parseCategory(` ${CATEGORIES[key].toLowerCase()} `)).toBe(key);
    }
    expect(parseCategory("agua e esgoto")).toBe("AGUA_ESGOTO");
    expect(parseCategory("agua_esgoto")).toBe("AGUA_ESGOTO");
    expect(parseCategory("churrasco")).toBeUndefined();
    expect(parseCategory("")).toBeUndefined();
  });

  it("do not include what every object has", () => {
    expect(isCategory("toString")).toBe(false);
    expect(parseCategory("constructor")).toBeUndefined();
  });
});

describe("a CNAE subclass", () => {
  it("is read with or without punctuation", () => {
    expect(parseCnae("4329-1/03")).toBe("4329103");
    expect(parseCnae(" 0161003 ")).toBe("0161003");
    expect(parseCnae("43.29-1")).toBeUndefined();
    expect(parseCnae("161003")).toBeUndefined();
    expect(formatCnae("4329103")).toBe("4329-1/03");
  });
});

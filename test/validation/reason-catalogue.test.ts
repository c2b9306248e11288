import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { REASON_CATALOGUE, reasonName, reasonText } from "../../src/validation/reason-catalogue.ts";
import { reasonsDocument } from "../../src/validation/reasons-document.ts";
import { RULE_CODES } from "../../src/validation/rule-code.ts";

/** The codes that the sources of a folder give to a reason, in a call or in a union of codes. */
function codesIn(folder: string): string[] {
  const root = new URL(`../../src/${folder}/`, import.meta.url);
  const given = /(?:(?:reason|note|question)\(\s*|code: |^ {2}\| )"([A-Z0-9]+(?:_[A-Z0-9]+)*)"/gm;
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !/reading|words|fields|payment-status/.test(name))
    .flatMap((name) => [...readFileSync(new URL(name, root), "utf8").matchAll(given)])
    .flatMap(([, code]) => code ?? []);
}

const entries = Object.entries(REASON_CATALOGUE);

describe("the catalogue of reasons", () => {
  it("has every rule", () => {
    expect(RULE_CODES.filter((code) => !(code in REASON_CATALOGUE))).toEqual([]);
  });

  it("has every code that receipts and reconciliation give", () => {
    const given = ["receipts", "reconciliation"].flatMap(codesIn);
    expect(given).toContain("HOUR_MISSING");
    expect(given).toContain("REFUND_BY_ORIGINAL_ID");
    expect([...new Set(given)].filter((code) => !(code in REASON_CATALOGUE))).toEqual([]);
  });

  it.each(entries)("%s is UPPER_SNAKE, has a name and a Portuguese sentence", (code, entry) => {
    expect(code).toMatch(/^[A-Z0-9]+(_[A-Z0-9]+)*$/);
    expect(entry.name).toMatch(/^\S.*[^.\s]$/);
    expect(entry.text(entry.example)).toMatch(/^[\p{Lu}“].*\.$/u);
    expect(entry.text(entry.example)).not.toMatch(
      /não informado|undefined|null|\d-\d\d-\d\d|\d\.\d\d\b(?!\d)/,
    );
  });

  it.each(entries)("%s has a text whatever the evidence", (_, entry) => {
    expect(entry.text({})).not.toMatch(/undefined|null|NaN/);
  });

  it("has names that differ", () => {
    const names = entries.map(([, { name }]) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it("says of a late fact that nobody could weigh only that", () => {
    const evidence = { status: "APPROVED", codes: ["UNDECIDABLE"] };
    const text = reasonText({ code: "LATE_FACT", evidence });
    expect(text).toContain("Depois da decisão (aprovada)");
    expect(text).toContain("não pôde ser validada de novo");
    expect(text).not.toContain("UNDECIDABLE");
  });

  it("shows a code that it lacks rather than nothing", () => {
    expect(reasonText({ code: "UNHEARD_OF", evidence: {} })).toBe("Motivo UNHEARD_OF.");
    expect(reasonName("toString")).toBe("toString");
  });

  it("hides what may be a CPF", () => {
    for (const document of ["52998224725", "529.982.247-25"]) {
      expect(
        reasonText({ code: "SUPPLIER_INACTIVE", evidence: { status: document } }),
      ).not.toContain(document);
    }
  });

  it("is what docs/reasons.md says", () => {
    const path = new URL("../../docs/reasons.md", import.meta.url);
    expect(readFileSync(path, "utf8")).toBe(reasonsDocument());
  });
});

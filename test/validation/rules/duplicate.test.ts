import { describe, expect, it } from "@jest/globals";
import { decide } from "../../../src/validation/decide.ts";
import type { DuplicateFacts } from "../../../src/validation/facts.ts";
import { changed, exampleFacts } from "../example-facts.ts";

function codes(instalment: string | null, duplicate: Partial<DuplicateFacts>): string[] {
  const facts = changed(exampleFacts(), (copy) => {
    copy.expense.instalment = instalment;
    copy.duplicates.push({
      kind: "RECEIPT",
      externalId: "X-1",
      identifier: "DFE_KEY",
      sameCondominium: true,
      sameDocument: true,
      instalment: null,
      ...duplicate,
    });
  });
  return decide(facts).reasons.map(({ code }) => code);
}

describe("a receipt that an earlier expense has", () => {
  it("is right when both are different instalments of one document", () => {
    expect(codes("2/3", { instalment: "1/3" })).toEqual([]);
  });

  it.each([
    ["the same instalment", "2/3", { instalment: "2/3" }],
    ["the earlier expense is the whole document", "2/3", { instalment: null }],
    ["this expense is the whole document", null, { instalment: "1/3" }],
    ["another document", "2/3", { instalment: "1/3", sameDocument: false }],
  ])("is a duplicate: %s", (_, instalment, duplicate) => {
    expect(codes(instalment, duplicate)).toEqual(["DUPLICATE_RECEIPT"]);
  });
});

describe("a receipt that an expense of another condominium of the same administradora has", () => {
  const elsewhere = { sameCondominium: false, sameDocument: false };

  it.each(["DOCUMENT_HASH", "DFE_KEY", "NFSE_KEY"] as const)(
    "may be a shared note: %s",
    (identifier) => {
      expect(codes(null, { ...elsewhere, identifier })).toEqual(["RECEIPT_SHARED"]);
    },
  );

  it.each(["PIX_END_TO_END", "BOLETO_LINE", "BR_CODE"] as const)(
    "is one payment claimed twice: %s",
    (identifier) => {
      expect(codes(null, { ...elsewhere, identifier })).toEqual(["DUPLICATE_RECEIPT"]);
    },
  );
});

describe("a document that an earlier expense has", () => {
  it.each([
    ["2/3", "1/3", []],
    ["2/3", "2/3", ["DUPLICATE_DOCUMENT"]],
    ["2/3", null, ["DUPLICATE_DOCUMENT"]],
    [null, null, ["DUPLICATE_DOCUMENT"]],
  ])("%s after %s -> %j", (instalment, earlier, expected) => {
    const duplicate = { kind: "DOCUMENT" as const, identifier: null, instalment: earlier };
    expect(codes(instalment, duplicate)).toEqual(expected);
  });
});

describe("an earlier expense with the same payee, amount and month", () => {
  const same = { kind: "SAME_MONTH" as const, identifier: null, sameDocument: false };

  it("is a question", () => {
    expect(codes(null, same)).toEqual(["DUPLICATE_SUSPECTED"]);
  });

  it.each([
    ["another instalment", "2/3", { instalment: "1/3" }],
    ["the same document, of which another rule tells", null, { sameDocument: true }],
  ])("is none: %s", (_, instalment, more) => {
    expect(codes(instalment, { ...same, ...more })).toEqual([]);
  });
});

import { describe, expect, it } from "@jest/globals";
import { decide } from "../../src/validation/decide.ts";
import { lateFacts } from "../../src/validation/late-fact.ts";
import { changed, companyOf, exampleFacts } from "./example-facts.ts";

const approved = decide(exampleFacts());
const inactive = decide(
  changed(exampleFacts(), (facts) => {
    companyOf(facts).active = false;
  }),
);

describe("a fact that comes after the decision", () => {
  it("asks for a review when it speaks against the decision", () => {
    expect(lateFacts(approved, inactive.reasons)).toEqual([
      {
        code: "LATE_FACT",
        severity: "REVIEW",
        evidence: { status: "APPROVED", codes: ["SUPPLIER_INACTIVE"] },
      },
      expect.objectContaining({ code: "SUPPLIER_INACTIVE", severity: "BLOCK" }),
    ]);
  });

  it("says nothing new to a reviewer who has seen it and let it pass", () => {
    const reasons = [...approved.reasons, ...lateFacts(approved, inactive.reasons)];
    expect(lateFacts({ status: "APPROVED", reasons }, inactive.reasons)).toEqual([]);
  });

  it("says nothing when it confirms, is a note only, or when the expense is rejected", () => {
    const person = decide(
      changed(exampleFacts(), (facts) => {
        facts.expense.payee = { kind: "NONE", document: null, name: null };
      }),
    );
    expect(lateFacts(approved, approved.reasons)).toEqual([]);
    expect(lateFacts(approved, person.reasons)).toEqual([]);
    expect(lateFacts({ ...approved, status: "REJECTED" }, inactive.reasons)).toEqual([]);
  });
});

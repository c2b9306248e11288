import { describe, expect, it } from "@jest/globals";
import { decide } from "../../src/validation/decide.ts";
import { lateFact } from "../../src/validation/late-fact.ts";
import { changed, companyOf, exampleFacts } from "./example-facts.ts";

const approved = decide(exampleFacts());
const inactive = decide(
  changed(exampleFacts(), (facts) => {
    companyOf(facts).active = false;
  }),
);

describe("a fact that comes after the decision", () => {
  it("asks for a review when it speaks against the decision", () => {
    expect(lateFact(approved, inactive)).toEqual({
      code: "LATE_FACT",
      severity: "REVIEW",
      evidence: { status: "APPROVED", codes: ["SUPPLIER_INACTIVE"] },
    });
  });

  it("says nothing new to a reviewer who has seen it and let it pass", () => {
    expect(lateFact({ status: "APPROVED", reasons: inactive.reasons }, inactive)).toBeNull();
  });

  it("says nothing when it confirms, is a note only, or when the expense is rejected", () => {
    const person = decide(
      changed(exampleFacts(), (facts) => {
        facts.expense.payee = { kind: "NONE", document: null, name: null };
      }),
    );
    expect(lateFact(approved, approved)).toBeNull();
    expect(lateFact(approved, person)).toBeNull();
    expect(lateFact({ ...approved, status: "REJECTED" }, inactive)).toBeNull();
  });
});

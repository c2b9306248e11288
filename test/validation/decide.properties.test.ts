import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { decide, statusOf } from "../../src/validation/decide.ts";
import type { DecisionStatus } from "../../src/validation/decision.ts";
import { expenseFacts } from "../../src/validation/facts.ts";
import { isReasonCode, reasonText } from "../../src/validation/reason-catalogue.ts";
import { arbitraryFacts } from "./arbitrary-facts.ts";
import { changed } from "./example-facts.ts";

const reasons = fc.array(
  fc.record({
    code: fc.constantFrom("APPROVAL_LIMIT", "CNAE_MISMATCH", "SUPPLIER_INACTIVE"),
    severity: fc.constantFrom("BLOCK" as const, "REVIEW" as const, "NOTE" as const),
    evidence: fc.constantFrom({}, { requires: "CONDOMINIUM" }),
  }),
);

/** As `toEqual`, which takes most of these tests' time; it is left to show a difference. */
function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

describe("decide", () => {
  it("is total, and each of its reasons has a text without a CPF in it", () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const decision = decide(facts);
        const statuses: DecisionStatus[] = [
          "PENDING",
          "APPROVED",
          "REJECTED",
          "MANUAL_REVIEW",
          "AWAITING_SECOND_APPROVAL",
        ];
        expect(statuses).toContain(decision.status);
        expect(decision.waitingFor.length > 0).toBe(decision.status === "PENDING");
        expect(decision.factsHash).toMatch(/^[0-9a-f]{64}$/);
        expect(JSON.stringify(decision.reasons)).not.toContain("52998224725");
        for (const reason of decision.reasons) {
          expect(isReasonCode(reason.code)).toBe(true);
          expect(reasonText(reason)).not.toMatch(/undefined|null|NaN|\[object/);
        }
      }),
    );
  });

  it("gives the same answer twice", () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        same(decide(structuredClone(facts)), decide(facts));
      }),
    );
  });

  it("does not depend on the order of receipts, duplicates, retentions, CNAEs and rules", () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const reversed = changed(facts, (copy) => {
          copy.receipts.reverse();
          copy.duplicates.reverse();
          copy.expense.retentions.reverse();
          copy.rules.reverse();
          for (const { reading } of copy.receipts) reading?.reasonCodes.reverse();
          if (copy.supplier.state === "FOUND") copy.supplier.company.secondaryCnaes.reverse();
        });
        same(decide(reversed), decide(facts));
      }),
    );
  });

  it("replays from stored facts: same hash, same decision", () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const stored: unknown = JSON.parse(JSON.stringify(expenseFacts.encode(facts)));
        const replayed = expenseFacts.parse(stored);
        same(replayed, facts);
        same(decide(replayed), decide(facts));
      }),
    );
  });

  it("is moved by the clock only where a missing fact's deadline passes", () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const [before, after, later] = ["2000-01-01", "2050-01-01", "2051-01-01"].map((date) =>
          decide(
            changed(facts, (copy) => {
              copy.asOf = `${date}T00:00:00.000Z`;
            }),
          ),
        );
        same(later, after);
        const factIsMissing = after?.reasons.some(({ code }) => code === "FACT_MISSING");
        if (before?.factsHash === after?.factsHash) same(after, before);
        else expect(before?.status === "PENDING" || before?.status === "REJECTED").toBe(true);
        if (factIsMissing) expect(after?.factsHash).not.toBe(before?.factsHash);
      }),
    );
  });

  it("tells nothing of another tenant's expense", () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const foreign = changed(facts, (copy) => {
          copy.duplicates = [
            {
              kind: "RECEIPT_ELSEWHERE",
              externalId: "SECRET-OF-THE-OTHER",
              identifier: "PIX_END_TO_END",
              sameCondominium: false,
              sameDocument: false,
              instalment: "7/9",
            },
          ];
        });
        const elsewhere = decide(foreign).reasons.filter(
          ({ code }) => code === "DUPLICATE_RECEIPT_ELSEWHERE",
        );
        expect(JSON.stringify(elsewhere)).not.toMatch(/SECRET|7\/9/);
      }),
    );
  });
});

describe("statusOf", () => {
  it("is not moved by a note", () => {
    fc.assert(
      fc.property(reasons, fc.boolean(), fc.string(), (given, waiting, text) => {
        const note = {
          code: "RECEIPT_FIELD_UNREAD",
          severity: "NOTE" as const,
          evidence: { text },
        };
        expect(statusOf([...given, note], waiting)).toBe(statusOf(given, waiting));
      }),
    );
  });

  it("rejects whenever something blocks, and only then", () => {
    fc.assert(
      fc.property(reasons, fc.boolean(), (given, waiting) => {
        const blocks = given.some(({ severity }) => severity === "BLOCK");
        expect(statusOf(given, waiting) === "REJECTED").toBe(blocks);
      }),
    );
  });
});

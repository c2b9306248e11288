import { describe, expect, it } from "@jest/globals";
import { decide, statusOf } from "../../src/validation/decide.ts";
import type { Severity } from "../../src/validation/reason.ts";
import { RULE_CODES } from "../../src/validation/rule-code.ts";
import { changed, companyOf, exampleFacts } from "./example-facts.ts";
import { CASES } from "./one-fact-changed.ts";

const codesOf = (reasons: { code: string }[]) => [...new Set(reasons.map(({ code }) => code))];

describe("one fact changed", () => {
  it("begins with an expense that is approved without a word", () => {
    expect(decide(exampleFacts())).toMatchObject({
      status: "APPROVED",
      waitingFor: [],
      reasons: [],
      secondApproval: null,
    });
  });

  it.each(CASES)("$title -> $status $codes", ({ change, status, codes }) => {
    const decision = decide(changed(exampleFacts(), change));
    expect(decision.status).toBe(status);
    expect(codesOf(decision.reasons)).toEqual(codes);
  });

  it("covers every rule", () => {
    const covered = new Set(CASES.flatMap(({ codes }) => codes));
    expect(RULE_CODES.filter((code) => !covered.has(code))).toEqual([]);
  });
});

describe("the order of weight", () => {
  const reason = (severity: Severity, code = "ANY") => ({ code, severity, evidence: {} });

  it("rejects at once, even while a fact is missing", () => {
    expect(statusOf([reason("REVIEW"), reason("BLOCK")], true)).toBe("REJECTED");
  });

  it("waits before it asks a person", () => {
    expect(statusOf([reason("REVIEW")], true)).toBe("PENDING");
    expect(statusOf([reason("REVIEW")], false)).toBe("MANUAL_REVIEW");
  });

  it("asks a person before the second approver", () => {
    const limit = { ...reason("NOTE", "APPROVAL_LIMIT"), evidence: { requires: "CONDOMINIUM" } };
    expect(statusOf([limit, reason("REVIEW")], false)).toBe("MANUAL_REVIEW");
    expect(statusOf([limit], false)).toBe("AWAITING_SECOND_APPROVAL");
    expect(statusOf([limit], true)).toBe("PENDING");
  });
});

describe("waiting", () => {
  const waiting = changed(exampleFacts(), (facts) => {
    facts.supplier = { state: "MISSING" };
    facts.receipts = [];
  });

  it("says for what", () => {
    expect(decide(waiting)).toMatchObject({
      status: "PENDING",
      waitingFor: ["SUPPLIER", "RECEIPT"],
    });
  });

  it("ends at the deadline, not a millisecond before", () => {
    const before = changed(waiting, (facts) => {
      facts.asOf = new Date(Date.parse(facts.deadline) - 1).toISOString();
    });
    const at = changed(waiting, (facts) => {
      facts.asOf = facts.deadline;
    });
    expect(decide(before).status).toBe("PENDING");
    expect(decide(at)).toMatchObject({
      status: "MANUAL_REVIEW",
      waitingFor: [],
      reasons: [{ code: "FACT_MISSING", evidence: { facts: ["SUPPLIER", "RECEIPT"] } }],
    });
  });

  it("is over when all is there, whatever the clock says", () => {
    const late = changed(exampleFacts(), (facts) => {
      facts.asOf = "2030-01-01T00:00:00.000Z";
    });
    expect(decide(late)).toEqual(decide(exampleFacts()));
  });

  it("is not for a receipt that nobody requires, nor for the supplier of a person", () => {
    const decision = decide(
      changed(waiting, ({ expense, requirements }) => {
        expense.documentCount = 0;
        requirements.receipt = false;
        expense.payee = { kind: "NONE", document: null, name: "Receita Federal" };
      }),
    );
    expect(decision.status).toBe("APPROVED");
    expect(codesOf(decision.reasons)).toEqual(["PAYEE_WITHOUT_CNPJ"]);
  });

  it("is for the receipt of a category that requires one, though the row lists none", () => {
    const decision = decide(
      changed(exampleFacts(), (facts) => {
        facts.expense.documentCount = 0;
        facts.receipts = [];
      }),
    );
    expect(decision).toMatchObject({ status: "PENDING", waitingFor: ["RECEIPT"] });
  });
});

describe("the second approval", () => {
  it("is by the condominium where one of two reasons says so", () => {
    const decision = decide(
      changed(exampleFacts(), (facts) => {
        facts.approvalLimit = { amount: 1n, requires: "SECOND_APPROVER" };
        facts.expense.category = "ADMINISTRACAO_CONDOMINIAL";
      }),
    );
    expect(decision.secondApproval).toBe("CONDOMINIUM");
  });

  it("stands beside a review, so that the review does not lead round it", () => {
    const decision = decide(
      changed(exampleFacts(), (facts) => {
        facts.approvalLimit = { amount: 1n, requires: "SECOND_APPROVER" };
        facts.payeeAccountChangedOn = "2026-11-01";
      }),
    );
    expect(decision).toMatchObject({ status: "MANUAL_REVIEW", secondApproval: "SECOND_APPROVER" });
  });
});

describe("the reasons", () => {
  it("name the supplier by its CNPJ, with what the registry says", () => {
    const { reasons } = decide(
      changed(exampleFacts(), (facts) => {
        companyOf(facts).active = false;
        companyOf(facts).status = "Baixada";
      }),
    );
    expect(reasons).toEqual([
      {
        code: "SUPPLIER_INACTIVE",
        severity: "BLOCK",
        evidence: {
          cnpj: "12ABC34501DE35",
          status: "Baixada",
          source: "CNPJWS",
          sourceDate: "2026-10-15T03:00:00.000Z",
        },
      },
    ]);
  });

  it("come heaviest first, then by code, each once", () => {
    const { reasons } = decide(
      changed(exampleFacts(), (facts) => {
        companyOf(facts).active = false;
        companyOf(facts).openedOn = "2026-11-30";
        facts.payeeAccountChangedOn = "2026-11-01";
        facts.duplicates = Array.from({ length: 2 }, () => ({
          kind: "RECEIPT_ELSEWHERE" as const,
          externalId: null,
          identifier: "DFE_KEY" as const,
          sameCondominium: false,
          sameDocument: false,
          instalment: null,
        }));
      }),
    );
    expect(reasons.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      "BLOCK SUPPLIER_INACTIVE",
      "REVIEW DUPLICATE_RECEIPT_ELSEWHERE",
      "REVIEW PAYEE_ACCOUNT_CHANGED",
      "REVIEW SUPPLIER_OPENED_AFTER_ISSUE",
    ]);
  });
});

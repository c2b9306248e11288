import { describe, expect, it } from "@jest/globals";
import {
  afterPassedReview,
  type ExpenseStatus,
  mayChange,
  TRANSITIONS,
  type TransitionCause,
} from "../../src/validation/transitions.ts";

const STATUSES: ExpenseStatus[] = [
  "PENDING",
  "APPROVED",
  "REJECTED",
  "MANUAL_REVIEW",
  "AWAITING_SECOND_APPROVAL",
  "CANCELLED",
];
const CAUSES: TransitionCause[] = ["DECISION", "REVIEW", "SECOND_APPROVAL", "SUBMITTER"];

describe("the transitions of an expense", () => {
  it("are those of the table, each once, and no other", () => {
    const rows = TRANSITIONS.map(({ from, to, by }) => `${from} ${to} ${by}`);
    expect(new Set(rows).size).toBe(rows.length);
    for (const from of STATUSES)
      for (const to of STATUSES)
        for (const by of CAUSES)
          expect(mayChange(from, to, by)).toBe(rows.includes(`${from} ${to} ${by}`));
  });

  it("lead nowhere from REJECTED and CANCELLED, and never back to PENDING", () => {
    expect(TRANSITIONS.filter(({ from }) => from === "REJECTED" || from === "CANCELLED")).toEqual(
      [],
    );
    expect(TRANSITIONS.filter(({ to }) => to === "PENDING")).toEqual([]);
  });

  it("let the machine decide once only", () => {
    const byDecision = TRANSITIONS.filter(({ by }) => by === "DECISION");
    expect(new Set(byDecision.map(({ from }) => from))).toEqual(new Set(["PENDING"]));
  });

  it("lead out of APPROVED only by a person who rejects what a late fact tells of", () => {
    expect(TRANSITIONS.filter(({ from }) => from === "APPROVED")).toEqual([
      { from: "APPROVED", to: "REJECTED", by: "REVIEW" },
    ]);
  });

  it("reach every status from PENDING", () => {
    const reached = new Set<ExpenseStatus>(["PENDING"]);
    for (const _ of STATUSES)
      for (const { from, to } of TRANSITIONS) if (reached.has(from)) reached.add(to);
    expect(reached).toEqual(new Set(STATUSES));
  });

  it("do not lead round the second approval", () => {
    expect(afterPassedReview(null)).toBe("APPROVED");
    expect(afterPassedReview("CONDOMINIUM")).toBe("AWAITING_SECOND_APPROVAL");
    expect(mayChange("AWAITING_SECOND_APPROVAL", "APPROVED", "REVIEW")).toBe(false);
  });
});

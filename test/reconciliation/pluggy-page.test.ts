import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { toMovement } from "../../src/banking/movement.ts";
import { dateInBrasilia } from "../../src/calendar/brasilia.ts";
import { reconcile } from "../../src/reconciliation/reconcile.ts";
import type { Movement } from "../../src/reconciliation/types.ts";
import { caseOf, LIMPADORA, payable } from "./case.ts";

const page: { results: unknown[] } = JSON.parse(
  readFileSync("test/fixtures/reconciliation/pluggy-page.json", "utf8"),
);

/** Numbers the entries 1 to 12, as they stand on the page. */
function entries(): Movement[] {
  return page.results.map((entry, at) => {
    const {
      accountProviderId,
      postedAt,
      raw: _raw,
      providerId: _id,
      ...movement
    } = toMovement(entry);
    return {
      ...movement,
      id: String(at + 1),
      accountId: accountProviderId,
      postedAt: postedAt.toISOString(),
      postedOn: dateInBrasilia(postedAt),
    };
  });
}

describe("a page of Pluggy's entries", () => {
  const result = reconcile(
    caseOf(
      [
        payable("elevators", "2026-11-05", "1234.56"),
        payable("cleaning", "2026-11-05", "8450.00", {
          payeeDocument: LIMPADORA,
          payeeName: "Limpadora Exemplo Ltda",
        }),
        payable("garden", "2026-11-05", "700.00", { payeeDocument: null, payeeName: "Jardinagem" }),
      ],
      entries(),
    ),
  );

  it("pays by the Pix that stayed, and by no refunded or pending one", () => {
    expect(result.payments.map((link) => [link.transactionId, link.payableId])).toEqual([
      ["3", "elevators"],
    ]);
    expect(result.unmatchedPayables).toEqual(["cleaning", "garden"]);
  });

  it("gives the devolução, the returned TED and the part to their debits", () => {
    expect(result.refunds.map((link) => [link.creditId, link.debitId, link.amount])).toEqual([
      ["2", "1", 123_456n],
      ["5", "4", 845_000n],
      ["7", "6", 123_456n],
      ["8", "3", 50_000n],
    ]);
  });

  it("asks about the nameless estorno when two suppliers' debits fit it", () => {
    // Entry 8 is a part of 3, so 7 cannot be the whole of it; without 8 nobody can know.
    const without = reconcile(
      caseOf(
        [],
        entries().filter((entry) => entry.id !== "8"),
      ),
    );
    expect(without.reviews).toMatchObject([
      { kind: "REFUND_AMBIGUOUS", transactionIds: ["3", "6", "7"] },
    ]);
    expect(without.income).toEqual(["9"]);
  });

  it("keeps income, its reversal and the orphan apart", () => {
    expect(result.income).toEqual(["9"]);
    expect(result.incomeReversals.map((one) => [one.debitId, one.creditId])).toEqual([["10", "9"]]);
    expect(result.orphanRefunds.map((one) => one.creditId)).toEqual(["11"]);
  });
});

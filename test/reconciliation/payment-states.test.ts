import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { paymentStates } from "../../src/reconciliation/payment-states.ts";
import { payable } from "./case.ts";

const net = payable("1", "2026-11-05", "800.00", { expenseId: "e" });
const tax = payable("2", "2026-11-20", "200.00", { expenseId: "e", kind: "RETENTION" });
const pays = (payableId: string, transactionId: string, amount: bigint) => ({
  payableId,
  transactionId,
  amount,
});

describe("paymentStates", () => {
  it("tells payables and their expense", () => {
    expect(paymentStates([net, tax], [pays("1", "d", 80_000n)], [])).toEqual({
      payables: [
        { id: "1", status: "PAID" },
        { id: "2", status: "UNPAID" },
      ],
      expenses: [{ id: "e", status: "PARTIALLY_PAID" }],
    });
  });

  it("gives back to each payable of a lump debit what came back of it", () => {
    const lump = [pays("1", "d", 80_000n), pays("2", "d", 20_000n)];
    const states = paymentStates([net, tax], lump, [
      { creditId: "c", debitId: "d", amount: 20_000n },
    ]);
    expect(states.payables).toEqual([
      { id: "1", status: "PAID" },
      { id: "2", status: "REFUNDED" },
    ]);
  });

  it("does not depend on the order of the links", () => {
    const links = [pays("1", "d", 80_000n), pays("2", "d", 20_000n), pays("1", "x", 80_000n)];
    const back = [
      { creditId: "c1", debitId: "d", amount: 30_000n },
      { creditId: "c2", debitId: "d", amount: 70_000n },
    ];
    const expected = paymentStates([net, tax], links, back);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(links, { minLength: 3 }),
        fc.shuffledSubarray(back, { minLength: 2 }),
        (someLinks, someBack) => {
          expect(paymentStates([net, tax], someLinks, someBack)).toEqual(expected);
        },
      ),
    );
  });
});

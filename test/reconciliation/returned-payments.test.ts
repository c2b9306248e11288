import { describe, expect, it } from "@jest/globals";
import { reconcile } from "../../src/reconciliation/reconcile.ts";
import type { ReturnedItem } from "../../src/reconciliation/types.ts";
import { caseOf, LIMPADORA, money, movement, payable } from "./case.ts";

const item = (id: string, amount: string, more: Partial<ReturnedItem> = {}): ReturnedItem => ({
  id,
  accountId: "account",
  batch: "2026-11-05/000042/0001",
  outcome: "PAID",
  occurrences: ["00"],
  payeeDocument: null,
  amount: money(amount),
  faceAmount: null,
  dueOn: null,
  paidOn: "2026-11-05",
  barcode: null,
  ownNumber: null,
  ...more,
});

const owed = [
  payable("p1", "2026-11-05", "700.00", { externalId: "N-1" }),
  payable("p2", "2026-11-05", "700.00", { externalId: "N-2" }),
  payable("p3", "2026-11-05", "700.00", { externalId: "N-3" }),
];
const lump = movement("lump", "2026-11-05", "-1400.00", "SISPAG FORNECEDORES");

function links(items: ReturnedItem[], payables = owed, movements = [lump]) {
  const result = reconcile({ ...caseOf(payables, movements), returnedItems: items });
  return {
    paid: result.payments.map(({ payableId, transactionId, amount }) => [
      payableId,
      transactionId,
      amount,
    ]),
    reviews: result.reviews.map(({ kind, payableIds }) => [kind, payableIds]),
  };
}

describe("a lump debit", () => {
  it("pays the payables whose items stand in the return, where sums could not tell", () => {
    expect(links([])).toMatchObject({ paid: [] });
    expect(
      links([item("1", "700.00", { ownNumber: "N-1" }), item("2", "700.00", { ownNumber: "N-3" })])
        .paid,
    ).toEqual([
      ["p1", "lump", 70_000n],
      ["p3", "lump", 70_000n],
    ]);
  });

  it("is of a whole file where its batches together are its amount", () => {
    const other = { batch: "2026-11-05/000042/0002" };
    expect(
      links([
        item("1", "700.00", { ownNumber: "N-1" }),
        item("2", "700.00", { ownNumber: "N-2", ...other }),
      ]).paid,
    ).toHaveLength(2);
  });

  it("is not itemised where two batches have its amount, or the day is another", () => {
    const both = [
      item("1", "1400.00", { ownNumber: "N-1" }),
      item("2", "1400.00", { ownNumber: "N-2", batch: "2026-11-05/000042/0002" }),
    ];
    expect(links(both).paid).toEqual([]);
    const early = [
      item("1", "700.00", { ownNumber: "N-1", paidOn: "2026-11-03" }),
      item("2", "700.00", { ownNumber: "N-2", paidOn: "2026-11-03" }),
    ];
    expect(links(early).paid).toEqual([]);
  });

  it("leaves out the item of which nobody knows what it pays", () => {
    const found = links([
      item("1", "700.00", { ownNumber: "N-1" }),
      item("2", "700.00", { payeeDocument: LIMPADORA }),
    ]);
    expect(found.paid).toEqual([["p1", "lump", 70_000n]]);
  });

  it("is itemised once: a later run with these links finds nothing more", () => {
    const items = [
      item("1", "700.00", { ownNumber: "N-1" }),
      item("2", "700.00", { ownNumber: "N-3" }),
    ];
    const first = reconcile({ ...caseOf(owed, [lump]), returnedItems: items });
    const again = reconcile({
      ...caseOf(owed, [lump], { payments: first.payments }),
      returnedItems: items,
    });
    expect(again.payments).toEqual([]);
  });
});

describe("a debit of one item", () => {
  it("pays a boleto with its fine, by the barcode's own amount", () => {
    const paid = links(
      [item("1", "715.00", { ownNumber: "N-2", faceAmount: money("700.00") })],
      owed,
      [movement("debit", "2026-11-06", "-715.00", "PAGTO BOLETO")],
    ).paid;
    expect(paid).toEqual([["p2", "debit", 70_000n]]);
  });

  it("is asked about where the bank refused the payment", () => {
    const refused = item("1", "700.00", {
      ownNumber: "N-1",
      outcome: "REJECTED",
      occurrences: ["AG"],
    });
    const one = owed.slice(0, 1);
    const debit = movement("debit", "2026-11-05", "-700.00", "PIX ELEVADORES EXEMPLO");
    expect(links([], one, [debit]).paid).toHaveLength(1);
    expect(links([refused], one, [debit])).toEqual({
      paid: [],
      reviews: [["PAYMENT_UNCONFIRMED", ["p1"]]],
    });
    const confirmed = { payments: [{ payableId: "p1", transactionId: "debit", amount: 70_000n }] };
    const result = reconcile({ ...caseOf(one, [debit], confirmed), returnedItems: [refused] });
    expect(result.reviews).toEqual([]);
  });
});

import { describe, expect, it } from "@jest/globals";
import { reconcile } from "../../src/reconciliation/reconcile.ts";
import type { Movement, Payable } from "../../src/reconciliation/types.ts";
import { caseOf, LIMPADORA, movement, payable } from "./case.ts";

function pairs(payables: Payable[], movements: Movement[]): string[] {
  return reconcile(caseOf(payables, movements)).payments.map(
    (link) => `${link.transactionId} -> ${link.payableId}: ${link.amount}`,
  );
}

function salary(id: string, name: string, amount: string): Payable {
  return payable(id, "2026-11-05", amount, {
    payeeName: name,
    payeeDocument: null,
    category: "FOLHA",
  });
}

describe("one debit for several payables", () => {
  const two = [payable("a", "2026-11-05", "700.10"), payable("b", "2026-11-09", "300.25")];

  it("pays those of one payee whose sum it is", () => {
    const other = payable("c", "2026-11-06", "812.40");
    const debit = movement("d", "2026-11-07", "-1000.35", "PIX ENVIADO ELEVADORES EXEMPLO");
    expect(pairs([...two, other], [debit])).toEqual(["d -> a: 70010", "d -> b: 30025"]);
  });

  it("guesses neither between two choices, nor for a debit that names another", () => {
    const alike = payable("c", "2026-11-06", "300.25");
    const debit = movement("d", "2026-11-07", "-1000.35", "PIX ENVIADO ELEVADORES EXEMPLO");
    expect(pairs([...two, alike], [debit])).toEqual([]);
    expect(
      pairs(two, [movement("d", "2026-11-07", "-1000.35", "PIX ENVIADO JORGE MATOS")]),
    ).toEqual([]);
  });

  it("takes a nameless debit for all that falls due with one payee, if it is one payee's", () => {
    const debit = movement("d", "2026-11-07", "-1000.35", "PAGAMENTO DE BOLETO");
    expect(pairs(two, [debit])).toEqual(["d -> a: 70010", "d -> b: 30025"]);
    const third = payable("c", "2026-11-06", "812.40");
    expect(pairs([...two, third], [debit])).toEqual([]);
    const others = two.map((one) => ({
      ...one,
      id: `${one.id}2`,
      payeeDocument: LIMPADORA,
      payeeName: "Limpadora",
    }));
    expect(pairs([...two, ...others], [debit])).toEqual([]);
  });

  it("leaves open what two debits claim", () => {
    const debit = (id: string) =>
      movement(id, "2026-11-07", "-1000.35", "PIX ENVIADO ELEVADORES EXEMPLO");
    expect(pairs(two, [debit("d1"), debit("d2")])).toEqual([]);
  });

  it("guesses no day of several that fit, in whatever order they come", () => {
    const bills = ["2026-11-03", "2026-11-10"].flatMap((due) => [
      payable(`${due}a`, due, "700.10"),
      payable(`${due}b`, due, "300.25"),
    ]);
    const debit = movement("d", "2026-11-07", "-1000.35", "PIX ENVIADO ELEVADORES EXEMPLO");
    expect(pairs(bills, [debit])).toEqual([]);
    expect(pairs(bills.toReversed(), [debit])).toEqual([]);
    expect(pairs(bills.slice(0, 3), [debit])).toHaveLength(2);
    const later = movement("e", "2026-11-12", "-1000.35", "PIX ENVIADO ELEVADORES EXEMPLO");
    expect(pairs(bills.slice(2), [later])).toHaveLength(2);
  });

  it("pays a payroll, and a batch that says that it is one", () => {
    const staff = [
      salary("s1", "Ana Lima", "2100.10"),
      salary("s2", "Rui Melo", "1950.55"),
      payable("other", "2026-11-05", "999.99"),
    ];
    expect(pairs(staff, [movement("d", "2026-11-05", "-4050.65", "FOLHA DE PAGAMENTO")])).toEqual([
      "d -> s1: 210010",
      "d -> s2: 195055",
    ]);
    const suppliers = [
      payable("a", "2026-11-05", "700.10"),
      payable("b", "2026-11-05", "300.25", { payeeDocument: LIMPADORA, payeeName: "Limpadora" }),
    ];
    expect(
      pairs(suppliers, [movement("d", "2026-11-05", "-1000.35", "SISPAG FORNECEDORES")]),
    ).toEqual(["d -> a: 70010", "d -> b: 30025"]);
  });
});

describe("several debits for one payable", () => {
  const owed = payable("p", "2026-11-05", "3000.00");
  const part = (id: string, day: string, amount = "-1000.00", memo = "PIX ELEVADORES EXEMPLO") =>
    movement(id, day, amount, memo);

  it("pay it when they add up to it", () => {
    const days = ["2026-11-05", "2026-12-05", "2027-01-05"];
    const input = caseOf(
      [owed],
      days.map((day, at) => part(`d${at}`, day)),
    );
    const result = reconcile({ ...input, asOf: "2027-01-31" });
    expect(result.payments.map((link) => link.transactionId)).toEqual(["d0", "d1", "d2"]);
    expect(result.unmatchedPayables).toEqual([]);
  });

  it("do not when another choice does, too, or one is missing", () => {
    const days = ["2026-11-05", "2026-11-12", "2026-11-19", "2026-11-26"];
    const four = days.map((day, at) => part(`d${at}`, day));
    expect(pairs([owed], four)).toEqual([]);
    expect(pairs([owed], four.slice(0, 2))).toEqual([]);
  });
});

import { describe, expect, it } from "@jest/globals";
import { addDays } from "../../src/calendar/brasilia.ts";
import { reconcile } from "../../src/reconciliation/reconcile.ts";
import { caseOf, movement, payable } from "./case.ts";

const COUNT = 1_200;

function dayOf(at: number): string {
  return addDays("2026-09-01", at % 60);
}

// All pairs would be more than a million: these end within the time limit only if nothing compares all.
describe("thousands of equal amounts", () => {
  it("pairs those of one payee by due date", () => {
    const payables = Array.from({ length: COUNT }, (_, at) =>
      payable(`p${at}`, dayOf(at), "250.00"),
    );
    const debits = Array.from({ length: COUNT }, (_, at) =>
      movement(`d${at}`, dayOf(at), "-250.00", "PIX ENVIADO ELEVADORES EXEMPLO"),
    );
    const result = reconcile(caseOf(payables, debits));
    expect(result.payments).toHaveLength(COUNT);
    expect(result.unmatchedPayables).toEqual([]);
  });

  it("leaves nameless ones to a person", () => {
    const payables = Array.from({ length: COUNT }, (_, at) =>
      payable(`p${at}`, dayOf(at), "250.00"),
    );
    const debits = Array.from({ length: COUNT }, (_, at) =>
      movement(`d${at}`, dayOf(at), "-250.00", "PAGAMENTO DE BOLETO"),
    );
    const result = reconcile(caseOf(payables, debits));
    expect(result.payments).toEqual([]);
    expect(result.unmatchedMovements).toHaveLength(COUNT);
  });

  it("gives refunds back first in, first out", () => {
    const movements = Array.from({ length: COUNT }, (_, at) => [
      movement(`d${at}`, dayOf(at), "-250.00", "PIX ENVIADO ELEVADORES EXEMPLO"),
      movement(`c${at}`, dayOf(at), "250.00", "PIX DEVOLVIDO ELEVADORES EXEMPLO"),
    ]).flat();
    const result = reconcile(caseOf([], movements));
    expect(result.refunds).toHaveLength(COUNT);
    expect(result.unmatchedMovements).toEqual([]);
  });
});

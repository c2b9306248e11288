import { describe, expect, it } from "@jest/globals";
import { reconcile } from "../../src/reconciliation/reconcile.ts";
import { caseOf, movement, payable } from "./case.ts";

const reserve = { accountId: "reserve" };

function neutral(...lines: Parameters<typeof caseOf>[1]): string[] {
  const result = reconcile(caseOf([payable("p", "2026-11-05", "5000.00")], lines));
  return result.neutral.map((one) => one.transactionId);
}

describe("transfers between the condominium's own accounts", () => {
  it.each([
    ["TRANSF ENTRE CONTAS", "TRANSF ENTRE CONTAS"],
    ["TED MESMA TITULARIDADE", "TED RECEBIDA"],
    ["TRANSF FUNDO DE RESERVA", "CRED TRANSF CC"],
    ["TRANSF P/ POUPANCA", "TRANSF DE CC"],
  ])("are seen from both ends: %s, %s", (sent, received) => {
    const ends = [
      movement("out", "2026-11-05", "-5000.00", sent),
      movement("in", "2026-11-06", "5000.00", received, reserve),
    ];
    expect(neutral(...ends)).toEqual(["in", "out"]);
  });

  it("are known by the holder that both ends name", () => {
    const holder = { counterpartyDocument: "45723174000110" };
    const ends = [
      movement("out", "2026-11-05", "-5000.00", "PIX ENVIADO", holder),
      movement("in", "2026-11-05", "5000.00", "PIX RECEBIDO", { ...reserve, ...holder }),
    ];
    expect(neutral(...ends)).toEqual(["in", "out"]);
  });

  it("are not seen in one account, at other amounts, or with nothing that joins them", () => {
    const out = movement("out", "2026-11-05", "-5000.00", "PIX ENVIADO");
    expect(neutral(out, movement("in", "2026-11-05", "5000.00", "PIX RECEBIDO"))).toEqual([]);
    expect(neutral(out, movement("in", "2026-11-05", "5000.01", "ENTRE CONTAS", reserve))).toEqual(
      [],
    );
    expect(
      neutral(out, movement("in", "2026-11-05", "5000.00", "PIX RECEBIDO ANA", reserve)),
    ).toEqual([]);
  });

  it("take the payment of a card's bill for no expense and no income", () => {
    const ends = [
      movement("bill", "2026-11-10", "-5000.00", "PAGTO FATURA CARTAO"),
      movement("paid", "2026-11-10", "5000.00", "PAGAMENTO FATURA RECEBIDO", {
        accountId: "card",
      }),
    ];
    expect(neutral(...ends)).toEqual(["bill", "paid"]);
  });
});

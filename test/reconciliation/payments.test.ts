import { describe, expect, it } from "@jest/globals";
import { reconcile } from "../../src/reconciliation/reconcile.ts";
import type { ReconciliationResult } from "../../src/reconciliation/types.ts";
import { caseOf, ELEVADORES, LIMPADORA, money, movement, payable, SABESP } from "./case.ts";

const pix = { operationType: "PIX" };
const elevadores = {
  counterpartyName: "ELEVADORES EXEMPLO LTDA",
  counterpartyDocument: ELEVADORES,
};

const person = (payeeName: string) => ({ payeeDocument: null, payeeName });

function pairs({ payments }: ReconciliationResult): string[] {
  return payments.map((link) => `${link.transactionId} -> ${link.payableId}`);
}

function codes({ payments }: ReconciliationResult): string[] {
  return payments.flatMap((link) => link.reasons.map((reason) => reason.code));
}

describe("payments", () => {
  it("pays the net to the supplier and each retained tax on its own", () => {
    const receita = { payeeDocument: "00394460005887", payeeName: "Receita Federal do Brasil" };
    const result = reconcile(
      caseOf(
        [
          payable("net", "2026-11-05", "7935.00", {
            payeeDocument: LIMPADORA,
            payeeName: "Limpadora Exemplo Serviços Ltda",
          }),
          payable("inss", "2026-11-20", "1100.00", { kind: "RETENTION", ...receita }),
          payable("csrf", "2026-11-20", "465.00", { kind: "RETENTION", ...receita }),
          payable("iss", "2026-11-10", "500.00", {
            kind: "RETENTION",
            payeeDocument: null,
            payeeName: "Prefeitura de São Paulo",
          }),
        ],
        [
          movement("d1", "2026-11-05", "-7935.00", "PIX ENVIADO LIMPAD EXEMPLO SERV", pix),
          movement("d2", "2026-11-19", "-1100.00", "PAGTO DARF"),
          movement("d3", "2026-11-20", "-465.00", "PAGAMENTO TRIBUTOS RFB"),
          movement("d4", "2026-11-10", "-500.00", "PAGTO ISS PREF SP"),
        ],
      ),
    );
    expect(pairs(result)).toEqual(["d3 -> csrf", "d2 -> inss", "d4 -> iss", "d1 -> net"]);
    expect(result.unmatchedPayables).toEqual([]);
    expect(result.unmatchedMovements).toEqual([]);
  });

  it("takes no fine for the explanation of a debit whose very amount several are owed", () => {
    const result = reconcile(
      caseOf(
        [
          payable("chagas", "2026-11-15", "550.00", person("Alves Dias Chagas")),
          payable("moura", "2026-11-15", "550.00", person("Alves Dias Moura")),
          payable("cruz", "2026-11-03", "500.00", person("Alves Dias Cruz")),
        ],
        [movement("d", "2026-11-17", "-550.00", "PIX ENVIADO ALVES DIAS", pix)],
      ),
    );
    expect(result.payments).toEqual([]);
    expect(result.reviews).toMatchObject([
      { kind: "PAYMENT_AMBIGUOUS", transactionIds: ["d"], payableIds: ["chagas", "moura"] },
    ]);
  });

  it("takes the fine all the same where a receipt shows that very Pix", () => {
    const endToEndId = "E60701190202611171707a1B2c3D4e5F";
    const result = reconcile(
      caseOf(
        [
          payable("chagas", "2026-11-15", "550.00", person("Alves Dias Chagas")),
          payable("moura", "2026-11-15", "550.00", person("Alves Dias Moura")),
          payable("cruz", "2026-11-03", "500.00", {
            ...person("Alves Dias Cruz"),
            endToEndIds: [endToEndId],
          }),
        ],
        [movement("d", "2026-11-17", "-550.00", "PIX ENVIADO ALVES DIAS", { ...pix, endToEndId })],
      ),
    );
    expect(pairs(result)).toEqual(["d -> cruz"]);
  });

  it("takes no sum for the explanation of a nameless debit whose very amount somebody is owed", () => {
    const owed = [
      payable("one", "2026-11-16", "400.00", person("Benedito Alves")),
      payable("two", "2026-11-16", "300.00", person("Benedito Alves")),
    ];
    const debits = [movement("d", "2026-11-16", "-700.00", "PAGAMENTO DE BOLETO")];
    expect(pairs(reconcile(caseOf(owed, debits)))).toEqual(["d -> one", "d -> two"]);
    const other = payable("other", "2026-11-18", "700.00", person("Helena Prado"));
    expect(reconcile(caseOf([...owed, other], debits)).payments).toEqual([]);
  });

  it("needs the exact centavos", () => {
    const result = reconcile(
      caseOf(
        [payable("p", "2026-11-05", "1234.56")],
        [movement("d", "2026-11-05", "-1234.57", "PIX ENVIADO ELEVADORES EXEMPLO", elevadores)],
      ),
    );
    expect(result.payments).toEqual([]);
    expect(result.unmatchedPayables).toEqual(["p"]);
    expect(result.unmatchedMovements).toEqual(["d"]);
  });

  it("pays by what is posted only", () => {
    const owed = [payable("p", "2026-11-05", "700.00")];
    const lines = [
      movement("pending", "2026-11-05", "-700.00", "PIX ELEVADORES EXEMPLO", { status: "PENDING" }),
      movement("announced", "2026-11-05", "-700.00", "PIX AGENDADO ELEVADORES EXEMPLO", elevadores),
      movement("future", "2027-01-05", "-700.00", "PIX ELEVADORES EXEMPLO", elevadores),
    ];
    const result = reconcile(caseOf(owed, lines));
    expect(result.payments).toEqual([]);
    expect(result.reviews).toEqual([]);
    expect(result.unmatchedMovements).toEqual(["announced", "future", "pending"]);
  });

  it("joins for certain by the end-to-end id on a receipt, against the better date", () => {
    const endToEndId = "E60701190202611051707a1B2c3D4e5F";
    const result = reconcile(
      caseOf(
        [
          payable("nov", "2026-11-05", "300.00"),
          payable("dec", "2026-12-05", "300.00", { endToEndIds: [endToEndId] }),
        ],
        [
          movement("d", "2026-11-05T17:07:00Z", "-300.00", "PIX ENVIADO", {
            ...elevadores,
            endToEndId,
          }),
        ],
      ),
    );
    expect(pairs(result)).toEqual(["d -> dec"]);
    expect(result.payments[0]?.confidence).toBe(1);
    expect(codes(result)).toContain("PAYMENT_END_TO_END_ID");
  });

  it("asks when a receipt's id and the amounts disagree", () => {
    const endToEndId = "E60701190202611051707a1B2c3D4e5F";
    const result = reconcile(
      caseOf(
        [payable("p", "2026-11-05", "300.00", { endToEndIds: [endToEndId] })],
        [movement("d", "2026-11-05", "-310.00", "PIX ENVIADO", { ...elevadores, endToEndId })],
      ),
    );
    expect(result.payments).toEqual([]);
    expect(result.reviews).toMatchObject([
      { kind: "PAYMENT_AMOUNT_DIFFERS", transactionIds: ["d"], payableIds: ["p"] },
    ]);
  });

  it("asks when the receipt of one Pix is on two expenses alike", () => {
    const endToEndId = "E60701190202611051707a1B2c3D4e5F";
    const shown = { endToEndIds: [endToEndId] };
    const result = reconcile(
      caseOf(
        [payable("a", "2026-11-05", "300.00", shown), payable("b", "2026-11-05", "300.00", shown)],
        [movement("d", "2026-11-05", "-300.00", "PIX ENVIADO", { ...elevadores, endToEndId })],
      ),
    );
    expect(result.payments).toEqual([]);
    expect(result.reviews).toMatchObject([
      { kind: "PAYMENT_AMBIGUOUS", transactionIds: ["d"], payableIds: ["a", "b"] },
    ]);
  });

  it("joins by the boleto's digitable line", () => {
    const digitableLine = "34191097010000001234456789012301916210000123456";
    const result = reconcile(
      caseOf(
        [payable("p", "2026-11-05", "1234.56", { digitableLine })],
        [movement("d", "2026-11-05", "-1234.56", "PAGAMENTO DE BOLETO", { digitableLine })],
      ),
    );
    expect(pairs(result)).toEqual(["d -> p"]);
    expect(result.payments[0]?.confidence).toBe(1);
  });

  it("reads the CNPJ that a memo spells out", () => {
    const result = reconcile(
      caseOf(
        [payable("p", "2026-11-05", "500.00")],
        [movement("d", "2026-11-25", "-500.00", "BOLETO PAGO FACTORING 11.222.333/0001-81")],
      ),
    );
    expect(pairs(result)).toEqual(["d -> p"]);
    expect(codes(result)).toContain("PAYMENT_SAME_DOCUMENT");
  });

  it("assigns monthly equal amounts by date, one debit each", () => {
    const months = ["2026-09-05", "2026-10-05", "2026-11-05", "2026-12-05"];
    const payables = months.map((day, at) => payable(`p${at}`, day, "300.00"));
    const debits = months
      .slice(0, 3)
      .map((day, at) => movement(`d${at}`, day, "-300.00", "PIX ENVIADO", elevadores));
    const result = reconcile(caseOf(payables, debits));
    expect(pairs(result)).toEqual(["d0 -> p0", "d1 -> p1", "d2 -> p2"]);
    expect(result.unmatchedPayables).toEqual(["p3"]);
  });

  it("assigns equal amounts of one payee by due date if the counts are equal, else asks", () => {
    const payables = [payable("p1", "2026-11-05", "300.00"), payable("p2", "2026-11-07", "300.00")];
    const debit = (id: string, day: string) =>
      movement(id, day, "-300.00", "PIX ENVIADO", elevadores);
    const both = reconcile(
      caseOf(payables, [debit("d1", "2026-11-08"), debit("d2", "2026-11-09")]),
    );
    expect(pairs(both)).toEqual(["d1 -> p1", "d2 -> p2"]);
    expect(codes(both)).toContain("PAYMENT_DUE_DATE_ORDER");

    const one = reconcile(caseOf(payables, [debit("d1", "2026-11-08")]));
    expect(one.payments).toEqual([]);
    expect(one.reviews).toMatchObject([
      { kind: "PAYMENT_AMBIGUOUS", transactionIds: ["d1"], payableIds: ["p1", "p2"] },
    ]);
  });

  it("does not shift a payee's months when one payable and another debit are missing", () => {
    // September was never paid, and December's debit has no payable yet: three of each, shifted.
    const payables = ["2026-09-05", "2026-10-05", "2026-11-05"].map((day, at) =>
      payable(`p${at}`, day, "300.00"),
    );
    const debits = ["2026-10-05", "2026-11-05", "2026-12-04"].map((day, at) =>
      movement(`d${at + 1}`, day, "-300.00", "PIX ENVIADO", elevadores),
    );
    const result = reconcile(caseOf(payables, debits));
    expect(pairs(result).every((one) => ["d1 -> p1", "d2 -> p2"].includes(one))).toBe(true);
  });

  it("takes the assignment that is best as a whole, not the best pair first", () => {
    // d1 alone would go to a (same day); then b, which only d1 fits, would stay unpaid.
    const a = payable("a", "2026-11-05", "412.37", { payeeDocument: null });
    const b = payable("b", "2026-11-04", "412.37", {
      payeeDocument: null,
      payeeName: "Elevadores Exemplo Manutenção",
    });
    const d1 = movement("d1", "2026-11-05", "-412.37", "PAGTO ELEVADORES EXEMPLO MANUTENCAO");
    const d2 = movement("d2", "2026-11-06", "-412.37", "PAGTO ELEVADORES EXEMPLO");
    const result = reconcile(caseOf([a, b], [d1, d2]));
    expect([...pairs(result)].every((one) => ["d2 -> a", "d1 -> b"].includes(one))).toBe(true);
  });

  it("pays a nameless debit of a distinct amount near its due date, not a round one", () => {
    const nameless = (amount: string) =>
      reconcile(
        caseOf(
          [payable("p", "2026-11-05", amount, { payeeDocument: SABESP, payeeName: "Sabesp" })],
          [movement("d", "2026-11-05", `-${amount}`, "PAGAMENTO DE BOLETO")],
        ),
      );
    expect(pairs(nameless("187.43"))).toEqual(["d -> p"]);
    expect(nameless("200.00").reviews).toMatchObject([{ kind: "PAYMENT_UNCONFIRMED" }]);
  });

  it("knows a utility's debit by the kind of bill, weeks before its due date, and no other's", () => {
    const energy = { payeeDocument: null, payeeName: "Enel Distribuição", category: "ENERGIA" };
    const pay = (memo: string) =>
      reconcile(
        caseOf(
          [payable("p", "2026-11-25", "1200.00", energy)],
          [movement("d", "2026-11-06", "-1200.00", memo)],
        ),
      );
    expect(pairs(pay("PAGTO CONTA LUZ"))).toEqual(["d -> p"]);
    expect(codes(pay("PAGTO CONTA LUZ"))).toContain("PAYMENT_BILL_KIND");
    expect(pairs(pay("PAGTO CONTA AGUA"))).toEqual([]);
  });

  it("pays the bank's fee by the fee's line, whatever it names", () => {
    const fee = {
      payeeDocument: null,
      payeeName: "Banco do Brasil",
      category: "TARIFA_BANCARIA",
      description: "Tarifa mensal",
    };
    const result = reconcile(
      caseOf(
        [payable("p", "2026-11-10", "89.90", fee)],
        [movement("d", "2026-11-10", "-89.90", "TARIFA PACOTE SERVICOS")],
      ),
    );
    expect(pairs(result)).toEqual(["d -> p"]);
  });

  it("asks when amount and date fit but the debit names someone else", () => {
    const result = reconcile(
      caseOf(
        [payable("p", "2026-11-05", "1234.56")],
        [movement("d", "2026-11-05", "-1234.56", "PIX ENVIADO JORGE MATOS", pix)],
      ),
    );
    expect(result.payments).toEqual([]);
    expect(result.reviews).toMatchObject([
      { kind: "PAYMENT_UNCONFIRMED", transactionIds: ["d"], payableIds: ["p"] },
    ]);
  });

  it("accepts a utility's debit before its bill", () => {
    const result = reconcile(
      caseOf(
        [payable("p", "2026-11-25", "187.43", { payeeDocument: SABESP, payeeName: "Sabesp" })],
        [movement("d", "2026-11-02", "-187.43", "DEB AUTOM SABESP")],
      ),
    );
    expect(pairs(result)).toEqual(["d -> p"]);
  });

  it("does not pay by a debit that came back; the re-debit does", () => {
    const line = (id: string, day: string, amount: string, memo: string) =>
      movement(id, day, amount, memo, { ...pix, ...elevadores });
    const debit = line("d1", "2026-11-05T17:07:00Z", "-1234.56", "PIX ENVIADO ELEVADORES");
    const back = line("c1", "2026-11-05T17:12:00Z", "1234.56", "PIX DEVOLVIDO ELEVADORES");
    const again = line("d2", "2026-11-05T17:26:00Z", "-1234.56", "PIX ENVIADO ELEVADORES");
    const owed = [payable("p", "2026-11-05", "1234.56")];

    const unpaid = reconcile(caseOf(owed, [debit, back]));
    expect(unpaid.payments).toEqual([]);
    expect(unpaid.refundedPayments).toMatchObject([{ payableId: "p", transactionId: "d1" }]);
    expect(unpaid.unmatchedPayables).toEqual(["p"]);
    expect(unpaid.unmatchedMovements).toEqual([]);

    const paid = reconcile(caseOf(owed, [debit, back, again]));
    expect(pairs(paid)).toEqual(["d2 -> p"]);
    expect(paid.unmatchedPayables).toEqual([]);

    // The same in three steps, as the bank's data arrives.
    const first = reconcile(caseOf(owed, [debit]));
    expect(pairs(first)).toEqual(["d1 -> p"]);
    const second = reconcile(caseOf(owed, [debit, back], { payments: first.payments }));
    expect(second.unmatchedPayables).toEqual(["p"]);
    const third = reconcile(
      caseOf(owed, [debit, back, again], { payments: first.payments, refunds: second.refunds }),
    );
    expect(pairs(third)).toEqual(["d2 -> p"]);
    expect(third.unmatchedPayables).toEqual([]);
  });

  it("pays a supplier less its credit note, in two edges that add up to the debit", () => {
    const result = reconcile(
      caseOf(
        [
          payable("p", "2026-11-05", "1000.00"),
          payable("note", "2026-11-05", "-100.00", { kind: "CREDIT_NOTE" }),
        ],
        [movement("d", "2026-11-05", "-900.00", "PIX ENVIADO", elevadores)],
      ),
    );
    expect(result.payments.map(({ payableId, amount }) => [payableId, amount])).toEqual([
      ["note", money("-100.00")],
      ["p", money("1000.00")],
    ]);
    expect(result.unmatchedPayables).toEqual([]);
    expect(result.unmatchedMovements).toEqual([]);
  });

  it("keeps what a person linked, and does not propose what a person refused", () => {
    const owed = [payable("p", "2026-11-05", "300.00")];
    const lines = [movement("d", "2026-11-05", "-300.00", "PIX ENVIADO", elevadores)];
    const rejectedPairs = [{ kind: "PAYMENT" as const, payableId: "p", transactionId: "d" }];
    const refused = reconcile(caseOf(owed, lines, { rejectedPairs }));
    expect(refused.payments).toEqual([]);
    expect(refused.reviews).toEqual([]);
    const payments = [{ payableId: "p", transactionId: "d", amount: 30_000n }];
    const kept = reconcile(caseOf(owed, lines, { payments }));
    expect(kept.payments).toEqual([]);
    expect(kept.unmatchedPayables).toEqual([]);
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { reconcile } from "../../src/reconciliation/reconcile.ts";
import type { ReconciliationResult } from "../../src/reconciliation/types.ts";
import { caseOf, ELEVADORES, LIMPADORA, money, movement, payable } from "./case.ts";

const pix = { operationType: "PIX" };
const elevadores = {
  counterpartyName: "ELEVADORES EXEMPLO LTDA",
  counterpartyDocument: ELEVADORES,
};

type StatementEntry = {
  dtposted: string;
  trnamt: string;
  fitid: string;
  checknum: string;
  memo: string;
};

function refundPairs({ refunds }: ReconciliationResult): string[] {
  return refunds.map((link) => `${link.creditId} -> ${link.debitId}`);
}

describe("refunds joined by identifier", () => {
  it("pairs the real Banco do Brasil estorno with the debit before it, not the re-debit", () => {
    const entries: StatementEntry[] = JSON.parse(
      readFileSync("test/fixtures/reconciliation/bb-estorno.json", "utf8"),
    );
    const movements = entries.map((entry) =>
      movement(
        entry.fitid,
        entry.dtposted.replace(/(....)(..)(..)/, "$1-$2-$3"),
        entry.trnamt,
        entry.memo,
        { checkNumber: entry.checknum },
      ),
    );
    const card = payable("card", "2010-10-06", "18.83", {
      payeeDocument: null,
      payeeName: "Cartão de crédito",
    });
    const result = reconcile(caseOf([card], movements));

    expect(refundPairs(result)).toEqual(["2010100601883 -> 2010100611883"]);
    expect(result.refunds[0]).toMatchObject({ confidence: 1, amount: money("18.83") });
    expect(result.refunds[0]?.reasons[0]?.code).toBe("REFUND_BY_CHECK_NUMBER");
    expect(result.payments.map((link) => link.transactionId)).toEqual(["2010100711883"]);
    expect(result.refundedPayments.map((link) => link.transactionId)).toEqual(["2010100611883"]);
    expect(result.unmatchedMovements).toEqual([]);
    expect(result.income).toEqual([]);
  });

  it("follows OrgnlEndToEndId, in part and repeatedly, whatever account the money came from", () => {
    const original = "E60701190202611051707a1B2c3D4e5F";
    const result = reconcile(
      caseOf(
        [payable("p", "2026-11-05", "1234.56")],
        [
          movement("debit", "2026-11-05T17:07:00Z", "-1234.56", "PIX ENVIADO ELEVADORES EXEMPLO", {
            ...pix,
            ...elevadores,
            endToEndId: original,
          }),
          movement("part1", "2026-11-10T13:00:00Z", "500.00", "PIX RECEBIDO", {
            ...pix,
            endToEndId: "D00000000202611101300p4R7i1A2l3X",
            originalEndToEndId: original,
          }),
          // MED 2.0: found again in a third party's account.
          movement("part2", "2026-11-20T13:00:00Z", "300.00", "PIX RECEBIDO FULANO", {
            ...pix,
            counterpartyName: "FULANO DE TAL",
            counterpartyDocument: "52998224725",
            endToEndId: "D00000000202611201300p4R7i1A2l3X",
            originalEndToEndId: original,
          }),
        ],
      ),
    );
    expect(result.refunds.map(({ creditId, amount }) => [creditId, amount])).toEqual([
      ["part1", 50_000n],
      ["part2", 30_000n],
    ]);
    expect(result.payments.map((link) => link.transactionId)).toEqual(["debit"]);
    expect(result.income).toEqual([]);
  });

  it("asks when more would come back than went out", () => {
    const original = "E60701190202611051707a1B2c3D4e5F";
    const back = { ...pix, originalEndToEndId: original };
    const result = reconcile(
      caseOf(
        [],
        [
          movement("debit", "2026-11-05T17:07:00Z", "-100.00", "PIX ENVIADO", {
            ...pix,
            endToEndId: original,
          }),
          movement("c1", "2026-11-06T13:00:00Z", "70.00", "DEVOLUCAO PIX", back),
          movement("c2", "2026-11-07T13:00:00Z", "70.00", "DEVOLUCAO PIX", back),
        ],
      ),
    );
    expect(refundPairs(result)).toEqual(["c1 -> debit"]);
    expect(result.reviews).toMatchObject([
      { kind: "REFUND_EXCEEDS_DEBIT", transactionIds: ["c2", "debit"] },
    ]);
    expect(result.income).toEqual([]);
  });

  it("does not trust a document number that several payees share", () => {
    const checkNumber = "821350";
    const result = reconcile(
      caseOf(
        [],
        [
          movement("a", "2026-11-05", "-100.00", "PAGTO AGUAS EXEMPLO", { checkNumber }),
          movement("b", "2026-11-05", "-100.00", "PAGTO GRAFICA MODELO", { checkNumber }),
          movement("c", "2026-11-06", "100.00", "ESTORNO DE DEBITO", { checkNumber }),
        ],
      ),
    );
    expect(result.refunds).toEqual([]);
    expect(result.reviews).toMatchObject([
      { kind: "REFUND_AMBIGUOUS", transactionIds: ["a", "b", "c"] },
    ]);
  });
});

describe("refunds read from the memo", () => {
  it("takes the supplier from the debit when the memo names none", () => {
    const result = reconcile(
      caseOf(
        [],
        [
          movement("debit", "2026-11-05", "-8450.00", "TED ENVIADA LIMPADORA EXEMPLO", {
            operationType: "TED",
            counterpartyDocument: LIMPADORA,
          }),
          movement("other", "2026-11-05", "-8450.00", "PAGAMENTO DE BOLETO", {
            operationType: "BOLETO",
          }),
          movement("credit", "2026-11-06", "8450.00", "TED DEVOLVIDA", { operationType: "TED" }),
        ],
      ),
    );
    expect(refundPairs(result)).toEqual(["credit -> debit"]);
    expect(result.refunds[0]?.reasons[0]?.evidence).toMatchObject({ supplier: "FROM_DEBIT" });
  });

  it.each([
    "REEMB PIX LIMPADORA",
    "RESTITUICAO PIX",
    "CHARGEBACK COMPRA",
    "RESSARCIMENTO PIX",
    "CREDITO REF ESTORNO PGTO FORN",
    "RECEB DEVOLUCAO PIX",
    "DEVOLUCAO TRF PIX CHAVE INCORRETA",
  ])("takes no word of giving back for a name: %s", (memo) => {
    const channel = memo.includes("COMPRA") ? "COMPRA CARTAO" : "PIX ENVIADO";
    const result = reconcile(
      caseOf(
        [],
        [
          movement("debit", "2026-11-05", "-845.00", `${channel} LIMPADORA EXEMPLO`),
          movement("credit", "2026-11-06", "845.00", memo),
        ],
      ),
    );
    expect(refundPairs(result)).toEqual(["credit -> debit"]);
  });

  it("never pairs with another supplier's debit, whose amount is equal", () => {
    const result = reconcile(
      caseOf(
        [],
        [
          movement("debit", "2026-11-05", "-100.00", "PIX ENVIADO GRAFICA MODELO", pix),
          movement("credit", "2026-11-06", "100.00", "PIX DEVOLVIDO ELEVADORES EXEMPLO", pix),
        ],
      ),
    );
    expect(result.refunds).toEqual([]);
    expect(result.orphanRefunds.map((one) => one.creditId)).toEqual(["credit"]);
    expect(result.income).toEqual([]);
  });

  it("asks when debits of several suppliers fit equally well", () => {
    const result = reconcile(
      caseOf(
        [],
        [
          movement("a", "2026-11-05", "-1234.56", "PIX ENVIADO ELEVADORES EXEMPLO", pix),
          movement("b", "2026-11-05", "-1234.56", "BOLETO CONCESSIONARIA AGUAS"),
          movement("credit", "2026-11-09", "1234.56", "ESTORNO DE DEBITO"),
        ],
      ),
    );
    expect(result.refunds).toEqual([]);
    expect(result.reviews).toMatchObject([
      { kind: "REFUND_AMBIGUOUS", transactionIds: ["a", "b", "credit"] },
    ]);
    expect(result.orphanRefunds).toEqual([]);
    expect(result.income).toEqual([]);
  });

  it("takes neither for paid when nobody knows which of two debits came back", () => {
    const limpadora = { payeeDocument: LIMPADORA, payeeName: "Limpadora Modelo" };
    const movements = [
      movement("a", "2026-11-05", "-1234.56", "PIX ENVIADO ELEVADORES EXEMPLO", pix),
      movement("b", "2026-11-05", "-1234.56", "PIX ENVIADO LIMPADORA MODELO", pix),
      movement("credit", "2026-11-06", "1234.56", "ESTORNO PIX", pix),
    ];
    const owed = [
      payable("p", "2026-11-05", "1234.56"),
      payable("q", "2026-11-05", "1234.56", limpadora),
    ];
    const result = reconcile(caseOf(owed, movements));
    expect(result.payments).toEqual([]);
    expect(result.unmatchedPayables).toEqual(["p", "q"]);
    expect(result.reviews).toMatchObject([{ kind: "REFUND_AMBIGUOUS", payableIds: ["p", "q"] }]);
  });

  it("asks about a TED's return that comes late", () => {
    const movements = [
      movement("d", "2026-11-05", "-100.00", "TED ENVIADA ELEVADORES EXEMPLO"),
      movement("c", "2026-11-20", "100.00", "TED DEVOLVIDA"),
    ];
    const result = reconcile(caseOf([payable("p", "2026-11-05", "100.00")], movements));
    expect(result.refunds).toEqual([]);
    expect(result.payments).toEqual([]);
    expect(result.reviews).toMatchObject([
      { kind: "REFUND_AMBIGUOUS", transactionIds: ["c", "d"] },
    ]);
  });

  it("asks when alike nameless debits may have paid several suppliers", () => {
    const limpadora = { payeeDocument: LIMPADORA, payeeName: "Limpadora Modelo" };
    const result = reconcile(
      caseOf(
        [payable("p", "2026-11-05", "2000.00"), payable("q", "2026-11-05", "2000.00", limpadora)],
        [
          movement("a", "2026-11-05", "-2000.00", "PAGTO ELETRON COBRANCA"),
          movement("b", "2026-11-05", "-2000.00", "PAGTO ELETRON COBRANCA"),
          movement("credit", "2026-11-07", "2000.00", "ESTORNO"),
        ],
      ),
    );
    expect(result.refunds).toEqual([]);
    expect(result.reviews).toContainEqual(
      expect.objectContaining({ kind: "REFUND_AMBIGUOUS", transactionIds: ["a", "b", "credit"] }),
    );
  });

  it("lets a certain join leave one choice to the other refund", () => {
    const result = reconcile(
      caseOf(
        [],
        [
          movement("a", "2026-11-05", "-1234.56", "PIX ENVIADO ELEVADORES EXEMPLO", pix),
          movement("b", "2026-11-05", "-1234.56", "BOLETO CONCESSIONARIA AGUAS"),
          movement("named", "2026-11-06", "1234.56", "PIX DEVOLVIDO ELEVADORES EXEMPLO", pix),
          movement("nameless", "2026-11-09", "1234.56", "ESTORNO DE DEBITO"),
        ],
      ),
    );
    expect(refundPairs(result)).toEqual(["named -> a", "nameless -> b"]);
  });

  it("pairs six identical debits and refunds first in, first out", () => {
    const hours = [10, 11, 12, 13, 14, 15];
    const debits = hours.map((hour, at) =>
      movement(
        `d${at}`,
        `2026-11-05T${hour}:00:00Z`,
        "-50.00",
        "PIX ENVIADO ELEVADORES EXEMPLO",
        pix,
      ),
    );
    const credits = hours.map((hour, at) =>
      movement(
        `c${at}`,
        `2026-11-05T${hour}:30:00Z`,
        "50.00",
        "PIX DEVOLVIDO ELEVADORES EXEMPLO",
        pix,
      ),
    );
    const expected = hours.map((_, at) => `c${at} -> d${at}`);
    expect(refundPairs(reconcile(caseOf([], [...debits, ...credits])))).toEqual(expected);

    const later = credits.map((credit) => ({
      ...credit,
      postedAt: credit.postedAt.replace("-05T", "-07T"),
      postedOn: "2026-11-07",
    }));
    expect(refundPairs(reconcile(caseOf([], [...debits, ...later])))).toEqual(expected);
  });

  it("pairs them so, though only some of the lines have the CNPJ", () => {
    const line = (id: string, at: string, amount: string, memo: string, known: boolean) =>
      movement(id, at, amount, `${memo} ELEVADORES EXEMPLO`, known ? elevadores : pix);
    const result = reconcile(
      caseOf(
        [],
        [
          line("d1", "2026-11-05T10:00:00Z", "-50.00", "PIX ENVIADO", false),
          line("d2", "2026-11-05T11:00:00Z", "-50.00", "PIX ENVIADO", true),
          line("d3", "2026-11-05T12:00:00Z", "-50.00", "PIX ENVIADO", false),
          line("c1", "2026-11-06T10:00:00Z", "50.00", "PIX DEVOLVIDO", true),
          line("c2", "2026-11-06T11:00:00Z", "50.00", "PIX DEVOLVIDO", false),
          line("c3", "2026-11-06T12:00:00Z", "50.00", "PIX DEVOLVIDO", true),
        ],
      ),
    );
    expect(refundPairs(result)).toEqual(["c1 -> d1", "c2 -> d2", "c3 -> d3"]);
  });

  it("knows what came back to its account under its own id", () => {
    const endToEndId = "E60701190202611051707a1B2c3D4e5F";
    const result = reconcile(
      caseOf(
        [],
        [
          movement("d", "2026-11-05T17:07:00Z", "-100.00", "PIX ENVIADO", { endToEndId }),
          movement("c", "2026-11-05T17:09:00Z", "100.00", "PIX", { endToEndId }),
        ],
      ),
    );
    expect(refundPairs(result)).toEqual(["c -> d"]);
    expect(result.income).toEqual([]);
  });

  it("gives a refund the latest month's payment, and asks when months have passed", () => {
    const month = (id: string, day: string) =>
      movement(id, day, "-300.00", "PIX ENVIADO ELEVADORES EXEMPLO", pix);
    const back = (day: string) =>
      movement("c", day, "300.00", "PIX DEVOLVIDO ELEVADORES EXEMPLO", pix);
    const debits = [month("oct", "2026-10-05"), month("nov", "2026-11-05")];
    expect(refundPairs(reconcile(caseOf([], [...debits, back("2026-11-07")])))).toEqual([
      "c -> nov",
    ]);
    const late = reconcile(caseOf([], [...debits, back("2026-12-10")]));
    expect(late.refunds).toEqual([]);
    expect(late.reviews[0]?.kind).toBe("REFUND_AMBIGUOUS");
  });

  it("takes a Pix devolução in part only with one debit of the same party", () => {
    const debit = movement(
      "d",
      "2026-11-05T17:26:00Z",
      "-1234.56",
      "PIX ENVIADO ELEVADORES EXEMPLO",
      {
        ...pix,
        ...elevadores,
      },
    );
    const parts = [
      movement("c1", "2026-11-10T13:00:00Z", "500.00", "PIX DEVOLVIDO ELEVADORES EXEMPLO", {
        ...pix,
        ...elevadores,
      }),
      movement("c2", "2026-11-12T13:00:00Z", "734.56", "PIX DEVOLVIDO ELEVADORES EXEMPLO", {
        ...pix,
        ...elevadores,
      }),
    ];
    const whole = reconcile(caseOf([], [debit, ...parts]));
    expect(refundPairs(whole)).toEqual(["c1 -> d", "c2 -> d"]);
    expect(whole.unmatchedMovements).toEqual([]);

    const twin = { ...debit, id: "d2", amount: money("-900.00") };
    const asked = reconcile(caseOf([], [debit, twin, ...parts]));
    expect(asked.refunds).toEqual([]);
    expect(asked.reviews.map((review) => review.kind)).toEqual(["REFUND_AMBIGUOUS"]);
    expect(asked.income).toEqual([]);
  });

  it("keeps the window: 90 days for a Pix, shorter for the rest, and order in time", () => {
    const debit = (more = {}) =>
      movement("d", "2026-08-01", "-100.00", "PIX ENVIADO ELEVADORES EXEMPLO", { ...pix, ...more });
    const credit = (day: string) =>
      movement("c", day, "100.00", "PIX DEVOLVIDO ELEVADORES EXEMPLO", pix);
    expect(refundPairs(reconcile(caseOf([], [debit(), credit("2026-10-30")])))).toHaveLength(1);
    expect(refundPairs(reconcile(caseOf([], [debit(), credit("2026-10-31")])))).toHaveLength(0);
    expect(refundPairs(reconcile(caseOf([], [debit(), credit("2026-07-31")])))).toHaveLength(0);
    const ted = [
      movement("d", "2026-08-01", "-100.00", "TED ENVIADA ELEVADORES EXEMPLO"),
      movement("c", "2026-10-01", "100.00", "TED DEVOLVIDA"),
    ];
    expect(reconcile(caseOf([], ted)).orphanRefunds).toHaveLength(1);
  });

  it("orders by the day in Brasília where a bank gives no hour", () => {
    // 23:30 of the 5th in Brasília is the 6th in UTC; the estorno has the date alone.
    const result = reconcile(
      caseOf(
        [],
        [
          movement("d", "2026-11-06T02:30:00Z", "-77.10", "PIX ENVIADO ELEVADORES EXEMPLO", pix),
          movement("c", "2026-11-05", "77.10", "ESTORNO PIX"),
        ],
      ),
    );
    expect(refundPairs(result)).toEqual(["c -> d"]);
    expect(result.refunds[0]?.reasons[0]?.evidence.days).toBe(0);
  });

  it("gives a bank's fee back to the fee", () => {
    const result = reconcile(
      caseOf(
        [],
        [
          movement("fee", "2026-11-10", "-89.90", "TARIFA PACOTE DE SERVICOS"),
          movement("pix", "2026-11-10", "-89.90", "PIX ENVIADO PADARIA MODELO", pix),
          movement("c", "2026-11-12", "89.90", "ESTORNO TARIFA PACOTE DE SERVICOS"),
        ],
      ),
    );
    expect(refundPairs(result)).toEqual(["c -> fee"]);
  });

  it("never proposes again what a person has refused", () => {
    const movements = [
      movement("d", "2026-11-05", "-100.00", "PIX ENVIADO ELEVADORES EXEMPLO", pix),
      movement("c", "2026-11-06", "100.00", "PIX DEVOLVIDO ELEVADORES EXEMPLO", pix),
    ];
    const rejectedPairs = [{ kind: "REFUND" as const, creditId: "c", debitId: "d" }];
    const result = reconcile(caseOf([], movements, { rejectedPairs }));
    expect(result.refunds).toEqual([]);
    expect(result.orphanRefunds.map((one) => one.creditId)).toEqual(["c"]);
  });
});

describe("what is and what is not income", () => {
  it("leaves a resident's Pix income, though its amount equals a debit's", () => {
    const result = reconcile(
      caseOf(
        [],
        [
          movement("d", "2026-11-05", "-1234.56", "PIX ENVIADO ELEVADORES EXEMPLO", pix),
          movement("c", "2026-11-10", "1234.56", "PIX RECEBIDO UNIDADE 101", {
            ...pix,
            counterpartyName: "MORADOR FICTICIO",
          }),
        ],
      ),
    );
    expect(result.income).toEqual(["c"]);
    expect(result.refunds).toEqual([]);
  });

  it("takes a reversal of income for neither expense nor refund, with its credit if certain", () => {
    const credit = movement(
      "c",
      "2026-11-10",
      "600.00",
      "PIX RECEBIDO UNIDADE 101 JORGE MATOS",
      pix,
    );
    const debit = movement(
      "d",
      "2026-11-11",
      "-600.00",
      "Pix-Recebimento devolvido JORGE MATOS",
      pix,
    );
    const owed = payable("p", "2026-11-11", "600.00", { payeeName: null, payeeDocument: null });
    const result = reconcile(caseOf([owed], [credit, debit]));
    expect(result.incomeReversals).toMatchObject([{ debitId: "d", creditId: "c" }]);
    expect(result.payments).toEqual([]);
    expect(result.income).toEqual(["c"]);
    expect(result.unmatchedMovements).toEqual([]);

    const alone = reconcile(caseOf([], [debit]));
    expect(alone.incomeReversals).toMatchObject([{ debitId: "d", creditId: null }]);
  });

  it("suspects a credit that mirrors a payment to the same document", () => {
    const movements = [
      movement("d", "2026-11-05", "-700.00", "PIX ENVIADO ELEVADORES", { ...pix, ...elevadores }),
      movement("c", "2026-11-08", "700.00", "PIX RECEBIDO ELEVADORES", { ...pix, ...elevadores }),
    ];
    const result = reconcile(caseOf([], movements));
    expect(result.income).toEqual([]);
    expect(result.reviews).toMatchObject([
      { kind: "REFUND_SUSPECTED", transactionIds: ["c", "d"] },
    ]);
    const decided = reconcile(caseOf([], movements, { incomeCredits: ["c"] }));
    expect(decided.income).toEqual(["c"]);
    expect(decided.reviews).toEqual([]);
  });

  it("asks about a company's credit of another amount, and about the like of another account's debit", () => {
    const owed = payable("p", "2026-11-05", "700.00");
    const line = (id: string, amount: string, memo: string, more = {}) =>
      movement(id, "2026-11-08", amount, memo, more);
    const result = reconcile(
      caseOf(
        [owed],
        [
          line("c1", "123.45", "PIX RECEBIDO", elevadores),
          line("d2", "-4000.00", "TED ENVIADA"),
          line("c2", "4000.00", "TED RECEBIDA", { accountId: "other" }),
          line("c3", "550.00", "PIX RECEBIDO JORGE MATOS"),
        ],
      ),
    );
    expect(result.income).toEqual(["c3"]);
    expect(result.reviews.map((one) => [one.kind, one.transactionIds])).toEqual([
      ["REFUND_SUSPECTED", ["c1"]],
      ["REFUND_SUSPECTED", ["c2", "d2"]],
    ]);
  });

  it("knows a devolução by its D id without any memo", () => {
    const result = reconcile(
      caseOf(
        [],
        [
          movement("c", "2026-11-10T13:00:00Z", "42.00", "PIX RECEBIDO FULANO", {
            ...pix,
            endToEndId: "D00000000202611101300p4R7i1A2l3X",
          }),
        ],
      ),
    );
    expect(result.orphanRefunds.map((one) => one.creditId)).toEqual(["c"]);
    expect(result.income).toEqual([]);
  });

  it("takes sweep and transfers between own accounts for neither", () => {
    const id = "E60701190202611051707a1B2c3D4e5F";
    const result = reconcile(
      caseOf(
        [],
        [
          movement("out", "2026-11-05", "-5000.00", "APL APLIC AUT MAIS"),
          movement("in", "2026-11-06", "5000.00", "RES APLIC AUT MAIS"),
          movement("yield", "2026-11-06", "1.23", "REND PAGO APLIC AUT MAIS"),
          movement("from", "2026-11-07T10:00:00Z", "-900.00", "PIX ENVIADO", {
            ...pix,
            endToEndId: id,
          }),
          movement("to", "2026-11-07T10:00:00Z", "900.00", "PIX RECEBIDO", {
            ...pix,
            accountId: "reserve",
            endToEndId: id,
          }),
          movement("own", "2026-11-08", "10.00", "TED RECEBIDA", {
            counterpartyDocument: "99887766000105",
          }),
        ],
      ),
    );
    expect(result.neutral.map((one) => one.transactionId)).toEqual([
      "from",
      "in",
      "out",
      "own",
      "to",
    ]);
    expect(result.income).toEqual(["yield"]);
    expect(result.unmatchedMovements).toEqual([]);
  });
});

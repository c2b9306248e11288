import { describe, expect, it } from "@jest/globals";
import { type AnsweredReview, newLinks, readAnswers } from "../../src/reconciliation/answers.ts";
import { movement, payable } from "./case.ts";

const payables = [payable("1", "2026-11-05", "500.00"), payable("2", "2026-11-05", "500.00")];
const movements = [
  movement("1", "2026-11-05", "-500.00", "PIX ENVIADO"),
  movement("2", "2026-11-05", "-500.00", "PIX ENVIADO"),
  movement("3", "2026-11-06", "500.00", "PIX RECEBIDO"),
];
const answer = (
  outcome: AnsweredReview["outcome"],
  code: string,
  transactionIds: string[],
  payableIds: string[] = [],
): AnsweredReview => ({
  outcome,
  decidedBy: "7",
  decidedAt: new Date("2026-11-10T12:00:00Z"),
  reasons: [{ code, severity: "REVIEW", evidence: { transactionIds, payableIds } }],
});
const read = (...reviews: AnsweredReview[]) => readAnswers(reviews, [], payables, movements);
const none = { payments: [], refunds: [], rejectedPairs: [], incomeCredits: [] };

describe("readAnswers", () => {
  it("takes a yes to one pair as a link, a no as a refusal", () => {
    expect(read(answer("APPROVED", "PAYMENT_UNCONFIRMED", ["1"], ["1"]))).toMatchObject({
      payments: [{ payableId: "1", transactionId: "1", amount: 50_000n, decidedBy: "7" }],
    });
    expect(read(answer("REJECTED", "PAYMENT_UNCONFIRMED", ["1"], ["1"]))).toEqual({
      ...none,
      rejectedPairs: [{ kind: "PAYMENT", payableId: "1", transactionId: "1" }],
    });
  });

  it("takes a suspected refund as a refund, or as income", () => {
    expect(read(answer("APPROVED", "REFUND_SUSPECTED", ["1", "3"]))).toMatchObject({
      refunds: [{ creditId: "3", debitId: "1", amount: 50_000n }],
      incomeCredits: [],
    });
    expect(read(answer("REJECTED", "REFUND_SUSPECTED", ["1", "2", "3"]))).toEqual({
      ...none,
      incomeCredits: ["3"],
    });
  });

  it("reads nothing out of an answer that does not say which", () => {
    expect(read(answer("APPROVED", "REFUND_SUSPECTED", ["1", "2", "3"]))).toEqual(none);
    expect(read(answer("APPROVED", "PAYMENT_UNCONFIRMED", ["1"], ["1", "2"]))).toEqual(none);
    expect(read(answer("APPROVED", "PAYMENT_AMBIGUOUS", ["1"], ["1"]))).toEqual(none);
  });

  it("reads nothing out of what is no longer there", () => {
    expect(read(answer("APPROVED", "PAYMENT_UNCONFIRMED", ["9"], ["1"]))).toEqual(none);
    expect(read(answer("APPROVED", "PAYMENT_UNCONFIRMED", ["1"], ["9"]))).toEqual(none);
  });

  it("pays no more than the lesser of the two", () => {
    const answers = readAnswers(
      [answer("APPROVED", "PAYMENT_AMOUNT_DIFFERS", ["1"], ["1"])],
      [],
      [payable("1", "2026-11-05", "480.00")],
      movements,
    );
    expect(answers.payments).toMatchObject([{ amount: 48_000n }]);
  });
});

describe("newLinks", () => {
  const answers = read(
    answer("APPROVED", "PAYMENT_UNCONFIRMED", ["1"], ["1"]),
    answer("APPROVED", "REFUND_SUSPECTED", ["1", "3"]),
  );

  it("are those that do not stand yet", () => {
    expect(newLinks(answers, none, movements)).toMatchObject({
      payments: [{ payableId: "1" }],
      refunds: [{ creditId: "3" }],
    });
    expect(newLinks(answers, answers, movements)).toEqual({ payments: [], refunds: [] });
  });

  it("never go beyond what a movement has left", () => {
    const standing = {
      payments: [{ payableId: "2", transactionId: "1", amount: 1n }],
      refunds: [{ creditId: "3", debitId: "2", amount: 1n }],
    };
    expect(newLinks(answers, standing, movements)).toEqual({ payments: [], refunds: [] });
  });
});

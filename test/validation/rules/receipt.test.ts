import { describe, expect, it } from "@jest/globals";
import { decide } from "../../../src/validation/decide.ts";
import type { ExpenseFacts } from "../../../src/validation/facts.ts";
import { changed, exampleFacts, readingOf } from "../example-facts.ts";

const reasons = (change: (facts: ExpenseFacts) => void) =>
  decide(changed(exampleFacts(), change)).reasons;

describe("a receipt", () => {
  it("that shows nothing is compared with nothing, and each field is named", () => {
    const found = reasons((facts) => {
      const reading = readingOf(facts);
      reading.amount = null;
      reading.cnpj = null;
      reading.takerCnpj = null;
      reading.timestamp = null;
    });
    expect(found.map(({ code, evidence }) => `${code} ${evidence.field}`)).toEqual([
      "RECEIPT_FIELD_UNREAD amount",
      "RECEIPT_FIELD_UNREAD cnpj",
      "RECEIPT_FIELD_UNREAD date",
      "RECEIPT_FIELD_UNREAD takerCnpj",
    ]);
  });

  it("is not asked for a taker where the condominium has no CNPJ, nor for a person's CNPJ", () => {
    expect(
      reasons((facts) => {
        facts.condominium.cnpj = null;
        readingOf(facts).takerCnpj = null;
      }),
    ).toEqual([]);
    expect(
      reasons((facts) => {
        facts.expense.payee.kind = "CPF";
        readingOf(facts).cnpj = null;
      }).map(({ code }) => code),
    ).toEqual(["PAYEE_WITHOUT_CNPJ"]);
  });

  it("of another establishment of the same company differs, and the evidence says so", () => {
    const [reason] = reasons((facts) => {
      facts.expense.payee.document = "12ABC345000188";
    });
    expect(reason).toMatchObject({
      code: "RECEIPT_PAYEE_MISMATCH",
      evidence: { receiptKind: "NFSE", sameCompany: true },
    });
  });

  it("may show the whole of three instalments, a centavo of rounding each", () => {
    const codes = (amount: bigint) =>
      reasons((facts) => {
        facts.expense.instalment = "1/3";
        readingOf(facts).amount = amount;
      }).map(({ code }) => code);
    expect(codes(3_000_003n)).toEqual(["RECEIPT_AMOUNT_OF_WHOLE_DOCUMENT"]);
    expect(codes(3_000_004n)).toEqual(["RECEIPT_AMOUNT_MISMATCH"]);
    expect(codes(2_000_000n)).toEqual(["RECEIPT_AMOUNT_MISMATCH"]);
  });

  it("gives one reason for each document that is wrong", () => {
    const found = reasons((facts) => {
      facts.condominium.cnpj = "00000000000191";
    });
    expect(found.map(({ evidence }) => evidence.documentId)).toEqual(
      exampleFacts().receipts.map(({ documentId }) => documentId),
    );
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { isDateOnly, toMovement, UnreadableTransactionError } from "../../src/banking/movement.ts";
import { formatDecimal } from "../../src/money/centavos.ts";

const fixtures = new URL("../fixtures/banking/", import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));
const sample: Record<string, unknown>[] = read("pluggy-v2-transactions-page.json").results;

const PAYMENT = "E60701190202611051707a1B2c3D4e5F";
const REFUND = "D00000000202611051712z9Y8x7W6v5U";

const entry = (fields: Record<string, unknown> = {}) => ({
  id: "t-1",
  accountId: "a-1",
  date: "2026-11-05T17:07:00.000Z",
  description: "PIX ENVIADO",
  type: "DEBIT",
  amount: -10,
  status: "POSTED",
  ...fields,
});
const party = (value: string | null, name = "FORNECEDOR EXEMPLO") => ({
  name,
  documentNumber: { type: "CNPJ", value },
});

function problemOf(value: unknown): string {
  try {
    toMovement(value);
  } catch (error) {
    if (error instanceof UnreadableTransactionError) return error.problem;
  }
  return "none";
}

describe("toMovement", () => {
  it("reads a Pix, its return and a scheduled entry of the sample page", () => {
    const [debit, refund, , ted] = sample.map(toMovement);
    expect(debit).toMatchObject({
      providerId: "00000000-0000-4000-8000-000000000001",
      amount: -123456n,
      operationType: "PIX",
      counterpartyDocument: "11222333000181",
      counterpartyName: "ELEVADORES EXEMPLO LTDA",
      endToEndId: PAYMENT,
      originalEndToEndId: null,
      checkNumber: null,
      status: "POSTED",
      postedAt: new Date("2026-11-05T17:07:00.000Z"),
    });
    expect(refund).toMatchObject({
      amount: 123456n,
      counterpartyName: "ELEVADORES EXEMPLO LTDA",
      endToEndId: REFUND,
    });
    expect(ted).toMatchObject({ amount: -845000n, endToEndId: null, checkNumber: "123456789" });
    expect(toMovement(sample.at(-1))).toMatchObject({ status: "PENDING", amount: -70000n });
    expect(debit?.raw).toBe(sample[0]);
  });

  it("takes the sign from the type, whatever the amount's sign", () => {
    for (const amount of [10.5, -10.5]) {
      expect(toMovement(entry({ type: "DEBIT", amount })).amount).toBe(-1050n);
      expect(toMovement(entry({ type: "CREDIT", amount })).amount).toBe(1050n);
    }
  });

  it("keeps every amount of up to twelve digits exactly, through JSON", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 14n - 1n }), fc.boolean(), (centavos, debit) => {
        const text = JSON.stringify(entry({ type: debit ? "DEBIT" : "CREDIT", amount: 0 }));
        const sent = text.replace('"amount":0', `"amount":${formatDecimal(centavos)}`);
        expect(toMovement(JSON.parse(sent)).amount).toBe(debit ? -centavos : centavos);
      }),
    );
  });

  it("refuses amounts with more than two decimals and amounts the database cannot hold", () => {
    for (const amount of [0.1 + 0.2, 1.005, 1e-7, 1e12, 1e21]) {
      expect(problemOf(entry({ amount }))).toBe("AMOUNT");
    }
  });

  it("reads the account's amount of an entry in another currency, or refuses it", () => {
    const dollars = { currencyCode: "USD", amount: -100 };
    expect(toMovement(entry({ ...dollars, amountInAccountCurrency: -540.1 })).amount).toBe(-54010n);
    expect(problemOf(entry(dollars))).toBe("CURRENCY");
  });

  it("names an unreadable entry by its id and tells nothing of its content", () => {
    const secret = entry({ amount: 1.005, description: "PIX JOAO 529.982.247-25" });
    expect(() => toMovement(secret)).toThrow("bank transaction t-1 is unreadable (AMOUNT)");
    expect(() => toMovement({ id: "t-2", amount: "12.34" })).toThrow(
      /t-2 is unreadable \(SHAPE\)$/,
    );
    expect(() => toMovement("529.982.247-25")).toThrow("bank transaction (no id) is unreadable");
  });

  it("takes the receiver of a debit and the payer of a credit as the counterparty", () => {
    const paymentData = { payer: party("11.222.333/0001-81"), receiver: party("529.982.247-25") };
    const debit = toMovement(entry({ type: "DEBIT", paymentData }));
    const credit = toMovement(entry({ type: "CREDIT", paymentData }));
    expect(debit.counterpartyDocument).toBe("52998224725");
    expect(credit.counterpartyDocument).toBe("11222333000181");
  });

  it("keeps the letters of a CNPJ and drops masked and wrong documents", () => {
    const documentOf = (value: string | null) =>
      toMovement(entry({ paymentData: { receiver: party(value) } })).counterpartyDocument;
    expect(documentOf("12.ABC.345/01DE-35")).toBe("12ABC34501DE35");
    expect(documentOf("***.000.000-**")).toBeNull();
    expect(documentOf("11.222.333/0001-82")).toBeNull();
    expect(documentOf(null)).toBeNull();
    expect(toMovement(entry({ paymentData: null })).counterpartyName).toBeNull();
  });

  it("prefers the bank's own description and cleans what PostgreSQL refuses", () => {
    const raw = entry({ description: "Pix", descriptionRaw: " PIX\0 ENVIADO \ud800" });
    expect(toMovement(raw).description).toBe("PIX ENVIADO \ufffd");
    expect(toMovement(entry({ description: null })).description).toBe("");
  });

  it("does not take the code of a kind of transaction for a document number", () => {
    expect(toMovement(entry({ providerCode: "0047" })).checkNumber).toBeNull();
    const numbered = (referenceNumber: string) =>
      toMovement(entry({ paymentData: { referenceNumber } })).checkNumber;
    expect(numbered(" 36897762 ")).toBe("36897762");
    expect(numbered("000000")).toBeNull();
    expect(numbered(PAYMENT)).toBeNull();
  });
});

describe("the original of a devolução", () => {
  const originalOf = (fields: Record<string, unknown>, paymentData: Record<string, unknown> = {}) =>
    toMovement(entry({ type: "CREDIT", ...fields, paymentData })).originalEndToEndId;

  it("is found in the receiver's reference, the memo, or the reference itself", () => {
    const refund = { referenceNumber: REFUND };
    expect(originalOf({}, { ...refund, receiverReferenceId: PAYMENT })).toBe(PAYMENT);
    expect(originalOf({ description: `PIX DEVOLVIDO ${PAYMENT}` }, refund)).toBe(PAYMENT);
    expect(originalOf({ descriptionRaw: `Estorno (${PAYMENT}).` })).toBe(PAYMENT);
    expect(originalOf({ description: "PIX - REJEITADO" }, { referenceNumber: PAYMENT })).toBe(
      PAYMENT,
    );
    expect(originalOf({}, { ...refund, reason: PAYMENT })).toBe(PAYMENT);
  });

  it("is not read into an ordinary Pix", () => {
    const paymentData = { referenceNumber: PAYMENT, receiverReferenceId: PAYMENT };
    expect(originalOf({ description: "PIX RECEBIDO UNIDADE 101" }, paymentData)).toBeNull();
    expect(originalOf({ description: "PIX DEVOLVIDO" }, { referenceNumber: REFUND })).toBeNull();
  });

  it("is looked for in a debit that takes income back", () => {
    const memo = { type: "DEBIT", description: "Pix-Recebimento devolvido" };
    expect(originalOf(memo, { receiverReferenceId: PAYMENT })).toBe(PAYMENT);
  });
});

describe("isDateOnly", () => {
  it("recognises midnight in Brasília", () => {
    expect(isDateOnly(new Date("2026-11-05T03:00:00.000Z"))).toBe(true);
    expect(isDateOnly(new Date("2026-11-05T03:00:01.000Z"))).toBe(false);
    expect(isDateOnly(new Date("2026-11-05T00:00:00.000Z"))).toBe(false);
  });
});

import { describe, expect, it } from "@jest/globals";
import { orderOfDates } from "../../../src/receipts/fields/date-order.ts";
import { findDueDate } from "../../../src/receipts/fields/due-date.ts";
import { printed } from "../printed.ts";

function dueIn(text: string, stated?: string) {
  const lines = printed(`Beneficiário   Pagador\n${text}`, 0.9);
  return findDueDate(lines, orderOfDates(lines), stated);
}

describe("findDueDate", () => {
  it("reads it beside or below its label", () => {
    expect(dueIn("Vencimento: 05/11/2026")).toMatchObject({ value: "2026-11-05", confidence: 0.9 });
    expect(dueIn("Data do documento   Vencimento\n20/10/2026          05/11/2026").value).toBe(
      "2026-11-05",
    );
  });

  it("is sure when the boleto's line agrees, unsure when it does not", () => {
    expect(dueIn("Vencimento: 05/11/2026", "2026-11-05").confidence).toBe(0.99);
    expect(dueIn("Vencimento: 05/11/2026", "2026-11-06")).toMatchObject({
      value: "2026-11-05",
      confidence: 0.3,
    });
  });

  it("takes the line's where none was read", () => {
    expect(dueIn("Vencimento: 0S/1l/2026", "2026-11-05").value).toBe("2026-11-05");
  });

  it("is nothing on a document without one", () => {
    expect(dueIn("Data do pagamento: 05/11/2026")).toEqual({
      value: null,
      confidence: 0,
      box: null,
      page: null,
    });
  });
});

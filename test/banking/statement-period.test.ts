import { describe, expect, it } from "@jest/globals";
import type { Statement } from "../../src/banking/statement.ts";
import { periodOf } from "../../src/banking/statement-period.ts";

const entry = (postedOn: string, amount: bigint) => ({
  bankId: null,
  entryKey: postedOn,
  otherKey: null,
  postedOn,
  postedAt: new Date(`${postedOn}T03:00:00Z`),
  amount,
  description: "",
  counterpartyName: null,
  checkNumber: null,
});
const statement = (fields: Partial<Statement>): Statement => ({
  bankCode: "001",
  branch: null,
  account: "1",
  isCreditCard: false,
  from: "2026-11-01",
  to: "2026-11-30",
  closingBalance: null,
  entries: [entry("2026-11-05", -10_000n), entry("2026-11-20", 2_500n)],
  ...fields,
});

describe("periodOf", () => {
  it("takes the opening balance from the closing one and the entries", () => {
    const closingBalance = { amount: 100_000n, on: "2026-11-30" };
    expect(periodOf(statement({ closingBalance }))).toEqual({
      from: "2026-11-01",
      to: "2026-11-30",
      opening: "1075.00",
      closing: "1000.00",
    });
  });

  it("ends on the day of the balance", () => {
    const closingBalance = { amount: 100_000n, on: "2026-11-10" };
    expect(periodOf(statement({ closingBalance }))).toEqual({
      from: "2026-11-01",
      to: "2026-11-10",
      opening: "1100.00",
      closing: "1000.00",
    });
  });

  it("has no balances where the file gives none of its days, and is none without days", () => {
    const before = { amount: 1n, on: "2026-10-31" };
    const none = { from: "2026-11-01", to: "2026-11-30", opening: null, closing: null };
    expect(periodOf(statement({ closingBalance: before }))).toEqual(none);
    expect(periodOf(statement({}))).toEqual(none);
    expect(periodOf(statement({ from: null }))).toBeNull();
  });
});

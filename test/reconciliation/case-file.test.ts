import { describe, expect, it } from "@jest/globals";
import { CaseFileError, readCase } from "../../src/reconciliation/case-file.ts";

const expense = {
  id: "e1",
  condominiumId: "c1",
  description: "Limpeza",
  category: "LIMPEZA",
  supplierCnpj: null,
  supplierName: null,
  amount: "10000.00",
  dueDate: "2026-11-05",
  digitableLine: null,
  endToEndId: null,
};
const transaction = {
  id: "t1",
  condominiumId: "c1",
  accountId: "a1",
  postedAt: "2026-11-05T17:12:00Z",
  amount: "-1234.56",
  description: "PIX ENVIADO",
  status: "POSTED",
};

function read(expenses: object[], transactions: object[] = []) {
  return readCase(JSON.stringify({ expenses, transactions }));
}

function refusal(expenses: object[], transactions: object[] = []): string {
  try {
    read(expenses, transactions);
  } catch (error) {
    if (error instanceof CaseFileError) return error.message;
    throw error;
  }
  throw new Error("The case was read.");
}

describe("readCase", () => {
  it("owes the net amount where there is one, to a CNPJ or a CPF", () => {
    const { condominiums } = read([
      { ...expense, netAmount: "7935.00", supplierCnpj: "12.abc.345/01de-35", instalment: "2/3" },
      { ...expense, id: "e2", supplierCpf: "529.982.247-25" },
    ]);
    expect(condominiums[0]?.payables).toMatchObject([
      { amount: 793_500n, payeeDocument: "12ABC34501DE35", instalment: "2/3" },
      { amount: 1_000_000n, payeeDocument: "52998224725" },
    ]);
  });

  it("keeps condominiums apart, in order", () => {
    const { condominiums } = read(
      [{ ...expense, condominiumId: "b" }],
      [{ ...transaction, condominiumId: "a" }],
    );
    expect(condominiums.map((one) => one.condominiumId)).toEqual(["a", "b"]);
  });

  it("reads an instant with its zone, and a date without an hour", () => {
    const at = (postedAt: string) =>
      read([], [{ ...transaction, postedAt }]).condominiums[0]?.movements[0];
    expect(at("2026-11-06T01:30:00Z")).toMatchObject({ postedOn: "2026-11-05" });
    expect(at("2026-11-05T22:30:00-03:00")).toMatchObject({ postedOn: "2026-11-05" });
    for (const day of ["2026-11-05", "2026-11-05T00:00:00Z", "2026-11-05T03:00:00.000Z"]) {
      expect(at(day)).toMatchObject({
        postedOn: "2026-11-05",
        postedAt: "2026-11-05T03:00:00.000Z",
      });
    }
  });

  it("names each place of what is wrong", () => {
    expect(
      refusal(
        [
          { ...expense, amount: 12.5 },
          { ...expense, id: "", dueDate: "2026-02-30", supplierCnpj: "123" },
        ],
        [{ ...transaction, postedAt: "2026-11-05T17:12:00", status: "DONE", amount: "-1.234,56" }],
      ).split("\n"),
    ).toEqual([
      'expenses[0].amount: deve ser um texto como "1234.56", e não um número',
      "expenses[1].id: não pode ser vazio",
      "expenses[1].supplierCnpj: deve ser um CNPJ, com ou sem pontuação",
      "expenses[1].dueDate: deve ser uma data AAAA-MM-DD",
      'transactions[0].postedAt: deve ser um instante com fuso, como "2026-11-05T17:12:00Z", ou uma data AAAA-MM-DD',
      'transactions[0].amount: deve ser um valor como "1234.56" ou "-1234.56"',
      'transactions[0].status: deve ser "POSTED" ou "PENDING"',
    ]);
    expect(() => readCase("[]")).toThrow("o arquivo: deve ser um objeto");
    expect(() => readCase('{"expenses": []}')).toThrow("transactions: deve ser uma lista");
  });

  it("takes the same thing twice for one, and refuses two things under one id", () => {
    expect(read([expense, expense]).condominiums[0]?.payables).toHaveLength(1);
    expect(refusal([], [transaction, { ...transaction, amount: "-1.00" }])).toBe(
      "transactions[1].id: o mesmo id, com outro conteúdo, está em transactions[0].id",
    );
  });

  it("tells unknown fields once", () => {
    const { unknownFields } = read([
      { ...expense, note: 1 },
      { ...expense, note: 1 },
    ]);
    expect(unknownFields).toEqual(["expenses[].note"]);
  });
});

import { spawnSync } from "node:child_process";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { ROOT, runCli } from "../cli-process.ts";

jest.setTimeout(120_000);

const expense = {
  id: "e1",
  condominiumId: "c1",
  description: "Manutenção de elevadores",
  category: "ELEVADORES",
  supplierCnpj: "11.222.333/0001-81",
  supplierName: "Elevadores Exemplo Ltda",
  amount: "1234.56",
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
  description: "PIX ENVIADO ELEVADORES EXEMPLO",
  operationType: "PIX",
  counterpartyDocument: "11.222.333/0001-81",
  counterpartyName: "ELEVADORES EXEMPLO LTDA",
  endToEndId: null,
  originalEndToEndId: null,
  checkNumber: null,
  status: "POSTED",
};
const good = { expenses: [expense], transactions: [transaction] };

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-reconcile-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function reconcileFile(content: string, ...more: string[]) {
  const file = path.join(directory, "case.json");
  await writeFile(file, content);
  return runCli(["reconcile", file, ...more], { environment: {} });
}

describe("blindagem reconcile", () => {
  it("writes what it found in the documented shape, and nothing else", async () => {
    const { status, stdout, stderr } = await reconcileFile(JSON.stringify(good), "--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const result = JSON.parse(stdout);
    expect(result).toEqual({
      payments: [
        {
          expenseId: "e1",
          transactionId: "t1",
          amount: "1234.56",
          confidence: expect.any(Number),
          reasons: expect.any(Array),
        },
      ],
      refunds: [],
      incomeReversals: [],
      orphanRefunds: [],
      reviews: [],
      unmatchedExpenses: [],
      unmatchedTransactions: [],
      income: [],
    });
    expect(result.payments[0].reasons).toContainEqual({
      code: "PAYMENT_SAME_DOCUMENT",
      text: "Quem recebeu tem o CPF ou CNPJ do favorecido.",
      evidence: {},
    });
  });

  it("reads standard input, and writes to a file", async () => {
    const out = path.join(directory, "out.json");
    const run = spawnSync(process.execPath, ["src/cli.ts", "reconcile", "-", "--out", out], {
      cwd: ROOT,
      input: JSON.stringify(good),
      encoding: "utf8",
    });
    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 0, stdout: "" });
    expect(JSON.parse(await readFile(out, "utf8")).payments).toHaveLength(1);
  });

  it("tells the fields that it does not know, and goes on", async () => {
    const { status, stderr } = await reconcileFile(JSON.stringify({ ...good, note: "x" }));
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: "Campos desconhecidos, ignorados: note.\n",
    });
  });

  it("names the place of what is wrong, ends with status 2, and writes nothing", async () => {
    const out = path.join(directory, "none.json");
    const bad = { expenses: [{ ...expense, amount: "1,5" }], transactions: [] };
    const { status, stdout, stderr } = await reconcileFile(JSON.stringify(bad), "--out", out);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain('case.json: expenses[0].amount: deve ser um valor como "1234.56"');
    await expect(access(out)).rejects.toThrow();
  });

  it("ends with status 2 when the file is not JSON or does not exist", async () => {
    const broken = await reconcileFile('{"expenses": []\n"transactions": []}');
    expect(broken.status).toBe(2);
    expect(broken.stderr).toMatch(/não é JSON \(linha 2, coluna 1\)/);
    const missing = await runCli(["reconcile", path.join(directory, "no.json")], {
      environment: {},
    });
    expect(missing.status).toBe(2);
    expect(missing.stderr).toContain("o arquivo não existe");
  });
});

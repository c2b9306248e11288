import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { composeDemo } from "../../demo/compose.ts";
import { endOf } from "../../demo/expected/end-of.ts";
import { ends } from "../../demo/expected/traps.ts";
import { parseExpenseCsv } from "../../src/expenses/csv.ts";
import { parseExpenseRows } from "../../src/expenses/row.ts";
import { parseBoletoLine } from "../../src/identifiers/boleto.ts";
import { parseCnpj } from "../../src/identifiers/cnpj.ts";
import { parseCpf } from "../../src/identifiers/cpf.ts";
import { parseDfeKey } from "../../src/identifiers/dfe-key.ts";
import { parseEndToEndId } from "../../src/identifiers/end-to-end-id.ts";
import { readSandboxCompanies } from "../../src/sandbox/cnpjws-data.ts";
import { pluggySandboxData } from "../../src/sandbox/pluggy-data.ts";
import { CATEGORY_KEYS } from "../../src/suppliers/categories.ts";

const root = join(import.meta.dirname, "../../demo");
const bytesOf = (path: string) => readFileSync(join(root, path));
const jsonOf = (path: string): unknown => JSON.parse(bytesOf(path).toString("utf8"));

const model = composeDemo();
const expenses = Object.values(model.expenses);
const batchIndex = z
  .array(z.object({ file: z.string(), expenses: z.number() }))
  .parse(jsonOf("data/batches.json"));
const receiptIndex = z
  .array(z.object({ file: z.string(), sha256: z.string(), copyOf: z.string().nullable() }))
  .parse(jsonOf("data/receipts.json"));

describe("organizations", () => {
  it("are three, with at least twelve condominiums, one of them without CNPJ", () => {
    const condominiums = Object.values(model.organizations).flatMap((one) => one.condominiums);
    expect(Object.keys(model.organizations)).toHaveLength(3);
    expect(condominiums.length).toBeGreaterThanOrEqual(12);
    expect(condominiums.filter(({ cnpj }) => cnpj === null)).toHaveLength(1);
    expect(condominiums.some(({ managed }) => managed.to !== null)).toBe(true);
    for (const { cnpj } of condominiums) if (cnpj) expect(parseCnpj(cnpj)).toBe(cnpj);
  });

  it("have each role, and a conselho fiscal that sees one condominium", () => {
    const grants = Object.values(model.organizations).flatMap((one) => one.grants);
    expect(new Set(grants.map(({ role }) => role))).toEqual(
      new Set(["admin", "reviewer", "sindico", "auditor", "operator", "integrator"]),
    );
    expect(grants.some(({ role, condominium }) => role === "auditor" && condominium)).toBe(true);
    for (const { grants: given, people } of Object.values(model.organizations)) {
      for (const { person } of given) expect(people[person]?.email).toMatch(/\.exemplo\.com\.br$/);
    }
  });
});

describe("identifiers", () => {
  it("of suppliers and payees are valid, each CNPJ once", () => {
    for (const cnpj of Object.keys(model.suppliers)) expect(parseCnpj(cnpj)).toBe(cnpj);
    for (const { row } of expenses) {
      const { payeeDocument } = row;
      if (payeeDocument === null) continue;
      const parsed =
        payeeDocument.length === 14 ? parseCnpj(payeeDocument) : parseCpf(payeeDocument);
      expect(parsed).toBe(payeeDocument);
    }
  });

  it("on papers are valid and of the paper's own date", () => {
    for (const { document } of Object.values(model.receipts)) {
      if (document.kind === "PIX_PROOF") {
        const id = parseEndToEndId(document.endToEndId);
        const apart = Math.abs((id?.instant.getTime() ?? 0) - Date.parse(document.paidAt));
        expect(apart).toBeLessThan(60_000);
      } else if (document.kind === "BOLETO" || document.kind === "BOLETO_PROOF") {
        const boleto = parseBoletoLine(document.line, "2026-11-24");
        expect(boleto?.dueDate).toBe(document.dueDate);
        if (document.kind === "BOLETO") expect(boleto?.barcode).toBe(document.barcode);
      } else if (document.kind === "NFCE" || document.kind === "NFE") {
        const key = parseDfeKey(document.key);
        expect(key?.issuer).toBe(document.issuer.document);
        expect(key?.yearMonth).toBe(document.issuedAt.slice(0, 7));
      }
    }
  });
});

describe("batches", () => {
  const rowsOf = (file: string): unknown[] =>
    file.endsWith(".csv")
      ? parseExpenseCsv(bytesOf(`data/${file}`)).rows
      : z.array(z.unknown()).parse(jsonOf(`data/${file}`));

  it("are about 400 expenses, all of which can be submitted", () => {
    expect(expenses.length).toBeGreaterThanOrEqual(400);
    const context = { today: "2026-11-24", categories: new Set<string>(CATEGORY_KEYS) };
    const ids: string[] = [];
    for (const { file, expenses: count } of batchIndex) {
      const parsed = parseExpenseRows(rowsOf(file), context);
      expect(parsed.errors).toEqual([]);
      expect(parsed.rows).toHaveLength(count);
      ids.push(...parsed.rows.map(({ row }) => row.externalId));
    }
    expect(ids.sort()).toEqual(Object.keys(model.expenses).sort());
  });

  it("say in CSV what the model says", () => {
    const context = { today: "2026-11-24", categories: new Set<string>(CATEGORY_KEYS) };
    for (const { file } of batchIndex.filter((one) => one.file.endsWith(".csv"))) {
      const fromCsv = parseExpenseRows(rowsOf(file), context).rows.map(({ row }) => row);
      const rows = expenses.filter(({ batch }) => `batches/${batch}` === file);
      const fromModel = parseExpenseRows(
        rows.map(({ row }) => row),
        context,
      ).rows.map(({ row }) => row);
      expect(fromCsv).toEqual(fromModel);
    }
  });

  it("hold a CSV in Windows-1252 that is no UTF-8", () => {
    const bytes = bytesOf("data/batches/04-boa-vista-novembro.csv");
    expect(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).toThrow();
    expect(new TextDecoder("windows-1252").decode(bytes)).toContain("Manutenção");
  });
});

describe("the file that must be refused", () => {
  it("has one fault in each row but the first", () => {
    const faults = z
      .array(z.object({ index: z.number(), field: z.string(), known: z.boolean() }))
      .parse(jsonOf("expected/refused.json"));
    const table = parseExpenseCsv(bytesOf("data/refused/linhas-recusadas.csv"));
    const context = { today: "2026-11-24", categories: new Set<string>(CATEGORY_KEYS) };
    const { errors } = parseExpenseRows(table.rows, context);
    expect(errors.map(({ index, field }) => ({ index, field }))).toEqual(
      faults.filter(({ known }) => known).map(({ index, field }) => ({ index, field })),
    );
  });
});

describe("receipts", () => {
  it("are at least 44, all there, and named by an expense", () => {
    expect(receiptIndex.length).toBeGreaterThanOrEqual(44);
    const named = new Set(expenses.flatMap(({ row }) => row.documents));
    expect(receiptIndex.map(({ file }) => file).sort()).toEqual([...named].sort());
    expect(readdirSync(join(root, "receipts")).sort()).toEqual([...named].sort());
  });

  it("are the bytes that the index describes, copies alone being equal", () => {
    const hashes = new Map(receiptIndex.map(({ file, sha256 }) => [file, sha256]));
    let size = 0;
    for (const { file, sha256, copyOf } of receiptIndex) {
      const bytes = bytesOf(`receipts/${file}`);
      size += bytes.length;
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
      if (copyOf !== null) expect(hashes.get(copyOf)).toBe(sha256);
    }
    const copies = receiptIndex.filter(({ copyOf }) => copyOf !== null).length;
    expect(new Set(hashes.values()).size).toBe(receiptIndex.length - copies);
    expect(size).toBeLessThan(12_000_000);
  });
});

describe("bank and registry data", () => {
  it("have the shapes of the stand-ins", () => {
    const data = pluggySandboxData.parse(jsonOf("sandbox/pluggy.json"));
    expect(data.items).toHaveLength(13);
    expect(data.transactions.length).toBeGreaterThan(500);
    expect(readSandboxCompanies(join(root, "sandbox/cnpjws.json")).size).toBeGreaterThan(10);
  });

  it("have every supplier in one place, SERPRO among the real rows", () => {
    const unknown = new Set(
      expenses.flatMap(({ row }) =>
        row.payeeDocument?.length === 14 && !model.suppliers[row.payeeDocument]
          ? [row.payeeDocument]
          : [],
      ),
    );
    expect([...unknown]).toEqual(["33683111000280"]);
  });

  it("repeat no amount within an account but where a trap says so", () => {
    const named = new Set(Object.keys(model.movements));
    for (const { condominium, accounts } of Object.values(model.bank)) {
      const ids = new Set(accounts.map(({ id }) => id));
      const seen = new Map<unknown, number>();
      for (const transaction of Object.values(model.transactions)) {
        if (!ids.has(transaction.accountId) || transaction.type === "CREDIT") continue;
        if (named.has(transaction.id)) continue;
        seen.set(transaction.amount, (seen.get(transaction.amount) ?? 0) + 1);
      }
      const repeated = [...seen].filter(([, count]) => count > 1).map(([amount]) => amount);
      const allowed: Record<string, number[]> = {
        "HZ-01": [-18.83],
        "BV-02": [-780],
        "BV-03": [-612.4],
        "IP-01": [-1066.3],
      };
      expect({ condominium, repeated }).toEqual({
        condominium,
        repeated: allowed[condominium] ?? [],
      });
    }
  });
});

describe("expected ends", () => {
  const expected = z
    .array(z.looseObject({ externalId: z.string(), trap: z.string() }))
    .parse(jsonOf("expected/expenses.json"));

  it("are one for each expense", () => {
    expect(expected.map(({ externalId }) => externalId).sort()).toEqual(
      Object.keys(model.expenses).sort(),
    );
  });

  it("are used, every one of the table's, and mostly nothing is wrong", () => {
    expect(new Set(expected.map(({ trap }) => trap))).toEqual(new Set(Object.keys(ends)));
    const fine = expenses.filter((expense) => endOf(expense).status === "APPROVED");
    expect(fine.length / expenses.length).toBeGreaterThan(0.8);
  });

  it("name only movements that are there", () => {
    for (const [id, movement] of Object.entries(model.movements)) {
      expect(model.transactions).toHaveProperty([id]);
      if (movement.outcome === "REFUND") {
        expect(model.transactions).toHaveProperty([movement.debitId]);
      }
    }
  });

  it("are read by no code of the platform", () => {
    const files = ["src", "tasks"]
      .map((folder) => join(root, "..", folder))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) =>
        readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) =>
          join(folder, file),
        ),
      )
      .filter((file) => file.endsWith(".ts") && statSync(file).isFile());
    const readers = files.filter((file) =>
      /demo\/(expected|flips)/.test(readFileSync(file, "utf8")),
    );
    expect(readers).toEqual([]);
  });
});

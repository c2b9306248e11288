import fc from "fast-check";
import { CATEGORY_KEYS } from "../../src/suppliers/categories.ts";
import type { ExpenseFacts } from "../../src/validation/facts.ts";
import { DEFAULT_THRESHOLDS } from "../../src/validation/facts.ts";
import { DEFAULT_RULES } from "../../src/validation/rule-set.ts";

const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 3 });
const day = fc
  .date({ min: new Date("2026-08-01"), max: new Date("2027-02-28"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const instant = fc
  .date({ min: new Date("2026-10-01"), max: new Date("2026-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString());
const amount = fc.oneof(
  fc.constantFrom(0n, 1n, 793_500n, 1_000_000n, 3_000_000n),
  fc.bigInt({ min: -1_000n, max: 100_000_000n }),
);
const cnpj = fc.constantFrom("12ABC34501DE35", "11222333000181", "00000000000191");
const instalment = orNull(fc.constantFrom("1/3", "2/3", "02/3", "3/3", "0/0"));

const payee = fc.oneof(
  fc.record({ kind: fc.constant("CNPJ" as const), document: cnpj, name: orNull(fc.string()) }),
  fc.constant({ kind: "CPF" as const, document: "52998224725", name: null }),
  fc.constant({ kind: "NONE" as const, document: null, name: null }),
);

const supplier: fc.Arbitrary<ExpenseFacts["supplier"]> = fc.oneof(
  fc.constantFrom(
    { state: "MISSING" as const },
    { state: "NOT_FOUND" as const },
    { state: "REFUSED" as const },
    { state: "NOT_APPLICABLE" as const },
  ),
  fc.record({
    state: fc.constant("FOUND" as const),
    company: fc.record({
      name: fc.string(),
      status: fc.constantFrom("Ativa", "Baixada", ""),
      active: fc.boolean(),
      openedOn: orNull(day),
      mainCnae: orNull(fc.constantFrom("8121400", "5611201")),
      secondaryCnaes: fc.array(fc.constantFrom("8129000", "8130300")),
      mei: orNull(fc.boolean()),
      simples: orNull(fc.boolean()),
      source: fc.constantFrom("MIRROR" as const, "CNPJWS" as const),
      sourceDate: orNull(fc.oneof(day, fc.string())),
    }),
    cnaeFit: fc.record({
      fit: fc.constantFrom(
        "CORE" as const,
        "ACCEPTED" as const,
        "SECONDARY" as const,
        "NONE" as const,
        "CONDOMINIUM" as const,
        "NOT_APPLICABLE" as const,
      ),
      cnae: orNull(fc.constantFrom("8121400", "8112500")),
      expected: fc.array(fc.constantFrom("8121400", "8111700")),
    }),
  }),
);

const receipt = fc.record({
  documentId: fc.uuid(),
  sha256: fc.string(),
  reading: orNull(
    fc.record({
      kind: fc.constantFrom("NFSE", "PIX_PROOF", "SCHEDULING", "UNKNOWN"),
      verdict: fc.constantFrom("ACCEPTED" as const, "MANUAL_REVIEW" as const),
      reasonCodes: fc.array(fc.constantFrom("HOUR_MISSING", "SCHEDULED_NOT_PAID", "NEW_CODE")),
      timestamp: orNull(fc.oneof(day, instant)),
      amount: orNull(amount),
      cnpj: orNull(cnpj),
      takerCnpj: orNull(cnpj),
      dueDate: orNull(day),
    }),
  ),
});

const duplicate = fc.record({
  kind: fc.constantFrom("DOCUMENT" as const, "RECEIPT" as const, "RECEIPT_ELSEWHERE" as const),
  externalId: orNull(fc.string()),
  identifier: orNull(fc.constantFrom("DOCUMENT_HASH" as const, "PIX_END_TO_END" as const)),
  sameCondominium: fc.boolean(),
  sameDocument: fc.boolean(),
  instalment,
});

/** Any facts at all, the odd ones included; figures that meet the rules' bounds are frequent. */
export const arbitraryFacts: fc.Arbitrary<ExpenseFacts> = fc.record({
  expense: fc.record({
    id: fc.uuid(),
    condominiumId: fc.uuid(),
    externalId: fc.string(),
    category: fc.constantFrom(...CATEGORY_KEYS, "LIMPEZA", "UNHEARD_OF"),
    documentKind: fc.constantFrom("NFSE", "CREDIT_NOTE", "RPA"),
    documentNumber: orNull(fc.string()),
    issueDate: orNull(fc.oneof(day, fc.constant("1990-01-01"))),
    competence: fc.constantFrom("2026-11", "2027-01"),
    grossAmount: amount,
    retentions: fc.array(
      fc.record({
        kind: fc.constantFrom("INSS" as const, "CSRF" as const, "ISS" as const, "IRRF" as const),
        amount,
      }),
      { maxLength: 4 },
    ),
    payee,
    dueDate: orNull(day),
    instalment,
    submittedAt: instant,
    documentCount: fc.nat(3),
  }),
  condominium: fc.record({ cnpj: orNull(cnpj) }),
  asOf: instant,
  deadline: instant,
  supplier,
  receipts: fc.array(receipt, { maxLength: 4 }),
  duplicates: fc.array(duplicate, { maxLength: 3 }),
  payeeAccountChangedOn: orNull(day),
  otherExpensesInWindow: fc.record({ count: fc.nat(3), total: amount }),
  approvalLimit: orNull(
    fc.record({
      amount,
      requires: fc.constantFrom("SECOND_APPROVER" as const, "CONDOMINIUM" as const),
    }),
  ),
  requirements: fc.record({ receipt: fc.boolean(), supplier: fc.boolean() }),
  thresholds: fc.constant(DEFAULT_THRESHOLDS),
  rules: fc.constantFrom([...DEFAULT_RULES], [...DEFAULT_RULES].reverse(), DEFAULT_RULES.slice(3)),
});

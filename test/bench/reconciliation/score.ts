import { readCase } from "../../../src/reconciliation/case-file.ts";
import { type CaseResult, reconcileCase } from "../../../src/reconciliation/reconcile-case.ts";
import { DEFAULT_THRESHOLDS } from "../../../src/reconciliation/thresholds.ts";
import type { Thresholds } from "../../../src/reconciliation/types.ts";
import type { GeneratedCase } from "./generated-case.ts";

/** What was found of one shape. */
export type ShapeScore = { links: number; found: number };

/** A link that is not in the truth. */
export type WrongLink = {
  kind: "PAYMENT" | "REFUND" | "REVERSAL";
  ids: string;
  confidence: number;
};

/** How a result compares with the truth. */
export class Score {
  readonly payments = new Map<string, ShapeScore>();
  readonly refunds = new Map<string, ShapeScore>();
  readonly reversals = new Map<string, ShapeScore>();
  readonly orphans = new Map<string, ShapeScore>();
  readonly income = new Map<string, ShapeScore>();
  readonly questions = new Map<string, ShapeScore>();
  readonly wrong: WrongLink[] = [];
  /** Confidence of every accepted payment and whether it is right: for the risk-coverage curve. */
  readonly accepted: { confidence: number; right: boolean }[] = [];
  phantomIncome: string[] = [];
  missed: string[] = [];
  reviews = 0;
  readonly #thresholds: Thresholds;

  constructor(thresholds: Thresholds = DEFAULT_THRESHOLDS) {
    this.#thresholds = thresholds;
  }

  /** Reconciles the case as `blindagem reconcile` does, and adds what came of it. */
  add(generated: GeneratedCase): CaseResult {
    const { expenses, transactions, truth } = generated;
    const { condominiums } = readCase(JSON.stringify({ expenses, transactions }));
    const result = reconcileCase(condominiums, this.#thresholds);
    this.reviews += result.reviews.length;

    const paid = new Set(result.payments.map((one) => `${one.expenseId} ${one.transactionId}`));
    const back = new Set(result.refunds.map((one) => `${one.creditId} ${one.debitId}`));
    const reversed = new Set(result.incomeReversals.map((one) => `${one.debitId} ${one.creditId}`));
    const asked = new Set(result.reviews.flatMap((one) => one.transactionIds));
    const orphans = new Set(result.orphanRefunds);
    const income = new Set(result.income);
    this.#count(this.payments, truth.payments, (one) =>
      paid.has(`${one.expenseId} ${one.transactionId}`),
    );
    this.#count(this.refunds, truth.refunds, (one) => back.has(`${one.creditId} ${one.debitId}`));
    this.#count(this.reversals, truth.reversals, (one) =>
      reversed.has(`${one.debitId} ${one.creditId}`),
    );
    this.#count(this.orphans, truth.orphans, (one) => orphans.has(one.creditId));
    this.#count(this.income, truth.income, (one) => income.has(one.creditId));
    this.#count(this.questions, truth.questions, (one) => asked.has(one.transactionId));
    this.phantomIncome.push(
      ...truth.notIncome
        .filter((one) => income.has(one.creditId))
        .map((one) => `${one.shape}: ${one.creditId}`),
    );

    const payments = new Set(truth.payments.map((one) => `${one.expenseId} ${one.transactionId}`));
    const refunds = new Set(truth.refunds.map((one) => `${one.creditId} ${one.debitId}`));
    const reversals = new Map(truth.reversals.map((one) => [one.debitId, one.creditId]));
    for (const { expenseId, transactionId, confidence } of result.payments) {
      const ids = `${expenseId} ${transactionId}`;
      this.accepted.push({ confidence, right: payments.has(ids) });
      if (!payments.has(ids)) this.wrong.push({ kind: "PAYMENT", ids, confidence });
    }
    for (const { creditId, debitId, confidence } of result.refunds) {
      const ids = `${creditId} ${debitId}`;
      if (!refunds.has(ids)) this.wrong.push({ kind: "REFUND", ids, confidence });
    }
    for (const { debitId, creditId } of result.incomeReversals) {
      const right = reversals.get(debitId);
      if (right === undefined || (creditId !== null && creditId !== right)) {
        this.wrong.push({ kind: "REVERSAL", ids: `${debitId} ${creditId}`, confidence: 1 });
      }
    }
    return result;
  }

  #count<T extends { shape: string }>(
    into: Map<string, ShapeScore>,
    links: readonly T[],
    isFound: (link: T) => boolean,
  ): void {
    for (const link of links) {
      const score = into.get(link.shape) ?? { links: 0, found: 0 };
      score.links += 1;
      if (isFound(link)) score.found += 1;
      else this.missed.push(`${link.shape}: ${JSON.stringify(link)}`);
      into.set(link.shape, score);
    }
  }
}

/** The share of the links that was found, over all shapes. */
export function recallOf(scores: ReadonlyMap<string, ShapeScore>): number {
  let links = 0;
  let found = 0;
  for (const score of scores.values()) {
    links += score.links;
    found += score.found;
  }
  return links === 0 ? 1 : found / links;
}

import { CaseBuilder, type GeneratedCase } from "./generated-case.ts";
import { PAYMENT_SHAPES, type Shape } from "./payment-shapes.ts";
import { Random } from "./random.ts";
import { REFUND_SHAPES } from "./refund-shapes.ts";

export const SHAPES: readonly Shape[] = [...PAYMENT_SHAPES, ...REFUND_SHAPES];

/** So many shapes in a condominium's quarter: each is the noise of the others. */
const SHAPES_OF_CASE = 9;

/** A case of two condominiums, the second on an account that the first uses too (a pool account). */
export function generateCase(seed: number): GeneratedCase {
  const random = new Random(seed);
  const account = `pool-${seed}`;
  const parts = ["a", "b"].map((name) => {
    const builder = new CaseBuilder(random, `${seed}${name}`, account);
    for (const shape of random.shuffled(SHAPES).slice(0, SHAPES_OF_CASE)) {
      builder.shape = shape.name;
      shape.add(builder);
    }
    return builder.build();
  });
  const [first, second] = parts;
  if (!first || !second) throw new Error("a case without condominiums");
  return {
    expenses: [...first.expenses, ...second.expenses],
    transactions: [...first.transactions, ...second.transactions],
    truth: {
      payments: [...first.truth.payments, ...second.truth.payments],
      refunds: [...first.truth.refunds, ...second.truth.refunds],
      reversals: [...first.truth.reversals, ...second.truth.reversals],
      orphans: [...first.truth.orphans, ...second.truth.orphans],
      income: [...first.truth.income, ...second.truth.income],
      notIncome: [...first.truth.notIncome, ...second.truth.notIncome],
      questions: [...first.truth.questions, ...second.truth.questions],
    },
  };
}

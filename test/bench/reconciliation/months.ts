import { SHAPES } from "./generate.ts";
import { CaseBuilder, type GeneratedCase } from "./generated-case.ts";
import { Random } from "./random.ts";

/** The movements of one condominium, and as many expenses, of all shapes: what a case is made of, until there are so many. */
export function generateMonths(seed: number, each: number): GeneratedCase {
  const random = new Random(seed);
  const builder = new CaseBuilder(random, String(seed));
  while (Math.max(...builder.size) < each) {
    const shape = random.pick(SHAPES);
    builder.shape = shape.name;
    shape.add(builder);
  }
  // What is left of either has no other side.
  while (builder.size[0] < each) {
    builder.expense(builder.supplier(), builder.amount(), builder.day());
  }
  while (builder.size[1] < each) {
    const person = random.pick(builder.people);
    builder.income(builder.line(builder.amount(), builder.day(), `PIX RECEBIDO ${person.name}`));
  }
  const { expenses, transactions, truth } = builder.build();
  return {
    expenses: expenses.slice(0, each),
    transactions: transactions.slice(0, each),
    truth,
  };
}

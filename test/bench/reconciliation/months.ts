import { SHAPES } from "./generate.ts";
import { CaseBuilder, type GeneratedCase } from "./generated-case.ts";
import { Random } from "./random.ts";

/** No shape has more of either. */
const MOST_OF_A_SHAPE = 10;

/** A condominium with exactly so many movements, and as many expenses, of all shapes, each the noise of the others. */
export function generateMonths(seed: number, each: number): GeneratedCase {
  const random = new Random(seed);
  const builder = new CaseBuilder(random, String(seed));
  while (Math.max(...builder.size) <= each - MOST_OF_A_SHAPE) {
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
  return builder.build();
}

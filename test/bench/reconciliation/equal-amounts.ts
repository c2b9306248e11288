import { addDays } from "../../../src/calendar/brasilia.ts";
import { CaseBuilder, type GeneratedCase } from "./generated-case.ts";
import { Random } from "./random.ts";
import { peopleOf } from "./suppliers.ts";

/** So many amounts are all there are. */
const AMOUNTS = 12;
const NAMELESS = ["PAGAMENTO DE BOLETO", "PIX ENVIADO", "SISPAG FORNECEDORES"] as const;

/**
 * A condominium with so many expenses and as many movements of a dozen amounts, paid to a thousand people. One line in five
 * names no one, so that nobody can know; one in twenty comes back.
 */
export function generateEqualAmounts(seed: number, each: number): GeneratedCase {
  const random = new Random(seed);
  const builder = new CaseBuilder(random, `equal-${seed}`);
  const people = peopleOf(random, 1_000);
  builder.shape = "equal amounts";
  for (let at = 0; builder.size[1] < each; at += 1) {
    const payee = random.pick(people);
    const amount = 25_000n + BigInt(random.integer(0, AMOUNTS - 1)) * 5_000n;
    const due = addDays("2026-09-01", at % 85);
    const expense = builder.expense(payee, amount, due);
    if (random.chance(0.2)) {
      builder.line(-amount, due, random.pick(NAMELESS));
    } else {
      const debit = builder.pay(payee, amount, builder.paidOn(due), "PIX");
      if (random.chance(0.05)) builder.refund(payee, amount, addDays(due, 4), "PIX");
      else builder.pays(expense, debit);
    }
  }
  while (builder.size[0] < each) {
    builder.expense(random.pick(people), 25_000n, builder.day());
  }
  return builder.build();
}

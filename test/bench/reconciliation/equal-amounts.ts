import { addDays } from "../../../src/calendar/brasilia.ts";
import { CaseBuilder, type GeneratedCase } from "./generated-case.ts";
import { Random } from "./random.ts";

/** So many amounts are all there are. */
const AMOUNTS = 12;
const LINES = ["PAGAMENTO DE BOLETO", "PIX ENVIADO", "SISPAG FORNECEDORES"] as const;

/**
 * A condominium with so many expenses and movements of a dozen amounts, as a large one's years of fees, refunds and
 * monthly contracts are: lines that name the payee, lines that name no one, and every twentieth comes back.
 */
export function generateEqualAmounts(seed: number, each: number): GeneratedCase {
  const random = new Random(seed);
  const builder = new CaseBuilder(random, `iguais-${seed}`);
  const suppliers = builder.suppliers(20);
  for (let at = 0; builder.size[1] < each; at += 1) {
    const supplier = suppliers[at % suppliers.length];
    if (!supplier) break;
    const amount = 25_000n + BigInt(at % AMOUNTS) * 5_000n;
    const due = addDays("2026-09-01", at % 85);
    builder.expense(supplier, amount, due);
    if (random.chance(0.3)) builder.line(-amount, due, random.pick(LINES));
    else builder.pay(supplier, amount, builder.paidOn(due), "PIX");
    if (random.chance(0.05)) builder.refund(supplier, amount, addDays(due, 2), "PIX");
  }
  while (builder.size[0] < each) {
    builder.expense(builder.supplier(), 25_000n, builder.day());
  }
  const { expenses, transactions, truth } = builder.build();
  return { expenses: expenses.slice(0, each), transactions: transactions.slice(0, each), truth };
}

import { formatDecimal } from "../../src/money/centavos.ts";
import { at } from "./calendar.ts";
import { payByPix } from "./payments.ts";
import { createRandom, seedOf } from "./random.ts";
import type { Scene } from "./scene.ts";
import { tradeSupplier } from "./suppliers.ts";
import { trades } from "./trades.ts";

const categories = ["MANUT_ELETRICA", "MANUT_HIDRAULICA", "INCENDIO", "PORTOES_INTERFONE_CFTV"];

/** A few expenses of the month before, through which Pix keys of suppliers are known. */
export function earlierMonth(scene: Scene, codes: string[], batch: string): void {
  for (const code of codes) {
    const random = createRandom(seedOf(`earlier:${code}`));
    for (const trade of trades.filter(({ category }) => categories.includes(category))) {
      const supplier = scene.supplier(
        tradeSupplier(trade, seedOf(`${trade.category}:${code}`) % 3),
      );
      const row = scene.expense(code, batch, "ordinary", {
        category: trade.category,
        documentKind: "NFSE",
        documentNumber: String(random.integer(100, 999)),
        issueDate: "2026-09-24",
        competence: "2026-09",
        grossAmount: formatDecimal(BigInt(random.integer(30_000, 90_000))),
        payeeDocument: supplier.cnpj,
        payeeName: supplier.tradeName,
        dueDate: "2026-10-05",
        description: trade.description,
        payeePixKey: supplier.cnpj,
      });
      const time = `1${random.integer(0, 7)}:${random.integer(10, 59)}:${random.integer(10, 59)}`;
      payByPix(scene, { code, row, instant: at("2026-10-05", time) });
    }
  }
}

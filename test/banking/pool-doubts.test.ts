import { describe, expect, it } from "@jest/globals";
import { type PoolMovement, poolDoubts } from "../../src/banking/pool-doubts.ts";

const movement = (id: string, amount: bigint, description: string, more = {}): PoolMovement => ({
  id,
  postedOn: "2026-11-05",
  amount,
  description,
  endToEndId: null,
  originalEndToEndId: null,
  ambiguous: false,
  ...more,
});
const kinds = (movements: PoolMovement[], today: string) =>
  poolDoubts(movements, today, 10).map(({ transactionId, kind }) => [transactionId, kind]);

describe("doubts of a pool account", () => {
  it("are what came back, income taken back, and debits that a return fits without itemising them", () => {
    const movements = [
      movement("back", 30_000n, "DEVOLUCAO PIX"),
      movement("by id", 30_000n, "PIX RECEBIDO", { originalEndToEndId: "E1" }),
      movement("taken", -40_000n, "PIX RECEBIDO DEVOLVIDO JOSE"),
      movement("lump", -90_000n, "SISPAG FORNECEDORES", { ambiguous: true }),
      movement("fees", 65_000n, "COBRANCA LIQUIDADA"),
      movement("sweep", -500_000n, "APLICACAO CDB"),
    ];
    expect(kinds(movements, "2026-11-06")).toEqual([
      ["back", "REFUND"],
      ["by id", "REFUND"],
      ["taken", "REVERSAL"],
      ["lump", "AMBIGUOUS"],
    ]);
  });

  it("are debits that nothing itemised, once they are old", () => {
    const lump = movement("lump", -90_000n, "SISPAG FORNECEDORES");
    expect(kinds([lump], "2026-11-15")).toEqual([]);
    expect(kinds([lump], "2026-11-16")).toEqual([["lump", "NOT_ITEMISED"]]);
  });
});

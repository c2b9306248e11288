import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { identifyEntries, type StoredMovement } from "../../src/banking/identify-entries.ts";

const NOVEMBER = { from: "2026-11-01", to: "2026-11-30" };

const entry = (id: string, description: string, postedOn = "2026-11-05", amount = -1_200n) => ({
  entryKey: `id:${id}@${postedOn}/${amount}`,
  otherKey: null,
  postedOn,
  amount,
  description,
  counterpartyName: null,
  checkNumber: null,
  endToEndId: null,
});
type Entry = ReturnType<typeof entry>;

const stored = ({ entryKey, otherKey: _, ...told }: Entry): StoredMovement => ({
  ...told,
  id: `m ${entryKey}`,
  fileKey: entryKey,
});

function identify(entries: readonly Entry[], movements: readonly StoredMovement[]) {
  const { same, fresh, doubtful } = identifyEntries(entries, movements, NOVEMBER);
  return {
    same: same.map(({ told, id }) => [told.entryKey, id]),
    fresh: fresh.map(({ entryKey }) => entryKey),
    doubtful: doubtful.map(({ told, candidateIds }) => [told.entryKey, candidateIds]),
  };
}

describe("identifyEntries", () => {
  const before = entry("7", "TARIFA PIX");

  it("knows an entry by its key, whatever else it says", () => {
    expect(identify([{ ...before, description: "TARIFA" }], [stored(before)])).toEqual({
      same: [],
      fresh: [],
      doubtful: [],
    });
  });

  it("knows an entry again that has got another id, on a day that the file has wholly", () => {
    const again = entry("1", "TARIFA PIX");
    const second = entry("2", "TARIFA PIX");
    expect(identify([again, second], [stored(before)])).toEqual({
      same: [[again.entryKey, `m ${before.entryKey}`]],
      fresh: [second.entryKey],
      doubtful: [],
    });
  });

  it("asks where what is left says something else", () => {
    const other = entry("1", "TARIFA DE PIX ENVIADO");
    expect(identify([other], [stored(before)])).toEqual({
      same: [],
      fresh: [],
      doubtful: [[other.entryKey, [`m ${before.entryKey}`]]],
    });
  });

  it("asks on the file's first and last day, and there of entries alone that say the same", () => {
    for (const day of [NOVEMBER.from, NOVEMBER.to]) {
      const known = entry("7", "TARIFA PIX", day);
      const alike = entry("1", "TARIFA PIX", day);
      const other = entry("2", "TARIFA TED", day);
      expect(identify([alike, other], [stored(known)])).toEqual({
        same: [],
        fresh: [other.entryKey],
        doubtful: [[alike.entryKey, [`m ${known.entryKey}`]]],
      });
    }
  });

  it("doubles nothing of whole days, however a bank counts its ids", () => {
    const told = fc.record({
      description: fc.constantFrom("TARIFA PIX", "PIX ENVIADO JOSE", "PIX ENVIADO ANA"),
      amount: fc.constantFrom(-1_200n, -5_000n, 5_000n),
      day: fc.integer({ min: 2, max: 4 }),
    });
    const months = fc.array(told, { maxLength: 12 });
    fc.assert(
      fc.property(months, fc.integer({ min: 0, max: 20 }), (all, shift) => {
        const numbered = (from: number) =>
          all.map(({ description, amount, day }, index) =>
            entry(String(from + index), description, `2026-11-0${day}`, amount),
          );
        expect(identify(numbered(shift), numbered(0).map(stored)).fresh).toEqual([]);
      }),
    );
  });
});

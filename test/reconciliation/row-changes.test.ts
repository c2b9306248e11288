import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { rowChanges } from "../../src/reconciliation/row-changes.ts";

const rows = fc.uniqueArray(
  fc.record({ id: fc.nat(8), value: fc.nat(2) }, { noNullPrototype: true }),
  {
    selector: ({ id }) => id,
  },
);
const byId = ({ id }: { id: number }) => String(id);

describe("rowChanges", () => {
  it("gives what turns the standing rows into the wanted ones, and no more", () => {
    fc.assert(
      fc.property(rows, rows, (standing, wanted) => {
        const { removed, added, changed } = rowChanges(standing, wanted, byId);
        const gone = new Set([...removed, ...changed].map(byId));
        const after = [...standing.filter((row) => !gone.has(byId(row))), ...added, ...changed];
        const sorted = (list: typeof after) => [...list].sort((a, b) => a.id - b.id);
        expect(sorted(after)).toEqual(sorted(wanted));
        for (const row of [...removed, ...added, ...changed]) {
          expect(standing.some((one) => one.id === row.id && one.value === row.value)).toBe(
            removed.includes(row),
          );
        }
      }),
    );
  });

  it("takes equal content in another order of fields for equal", () => {
    const standing = [{ id: 1, reasons: [{ code: "A", evidence: { days: 1, amount: "1.00" } }] }];
    const wanted = [{ reasons: [{ evidence: { amount: "1.00", days: 1 }, code: "A" }], id: 1 }];
    expect(rowChanges(standing, wanted, byId)).toEqual({ removed: [], added: [], changed: [] });
  });
});

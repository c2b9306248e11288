import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  identifyMovements,
  type KnownMovement,
  type ToldMovement,
} from "../../src/banking/same-movement.ts";

type Named = ToldMovement & { name: string };

const told = (name: string, description: string, more: Partial<ToldMovement> = {}): Named => ({
  name,
  postedOn: "2026-11-05",
  amount: -50_000n,
  description,
  counterpartyName: null,
  checkNumber: null,
  endToEndId: null,
  ...more,
});

const known = (
  id: string,
  description: string,
  more: Partial<ToldMovement> = {},
): KnownMovement => {
  const { name: _, ...movement } = told(id, description, more);
  return { ...movement, id };
};

function identify(file: Named[], stored: KnownMovement[]) {
  const { same, fresh, doubtful } = identifyMovements(file, stored);
  return {
    same: same.map((one) => [one.told.name, one.id]),
    fresh: fresh.map((one) => one.name),
    doubtful: doubtful.map((one) => [one.told.name, one.candidateIds]),
  };
}

const PIX = "E60701190202611051707a1B2c3D4e5F";
const OTHER_PIX = "E60701190202611051707zzzzzzzzzzz";

describe("identifyMovements", () => {
  it("knows a movement of the same day and amount by what the texts share", () => {
    expect(
      identify(
        [told("file", "PIX ENVIADO JOAO SILVA")],
        [known("7", "Transferência enviada", { counterpartyName: "João Silva" })],
      ),
    ).toEqual({ same: [["file", "7"]], fresh: [], doubtful: [] });
  });

  it("takes what has another day or amount as new", () => {
    const stored = [
      known("7", "PIX JOAO", { postedOn: "2026-11-06" }),
      known("8", "PIX JOAO", { amount: -1n }),
    ];
    expect(identify([told("file", "PIX JOAO")], stored)).toEqual({
      same: [],
      fresh: ["file"],
      doubtful: [],
    });
  });

  it("gives each of two equal amounts to the one that names the same party, in whatever order", () => {
    const stored = [
      known("maria", "Pix enviado Maria Souza"),
      known("joao", "Pix enviado João Silva"),
    ];
    const file = [told("J", "PIX ENVIADO JOAO SILVA"), told("M", "PIX ENVIADO MARIA SOUZA")];
    expect(identify(file, stored).same.sort()).toEqual([
      ["J", "joao"],
      ["M", "maria"],
    ]);
    expect(identify(file, stored.slice(0, 1))).toEqual({
      same: [["M", "maria"]],
      fresh: ["J"],
      doubtful: [],
    });
  });

  it("counts equal ones by their order: the second of two is new where one is known", () => {
    const file = [told("first", "TARIFA PIX"), told("second", "TARIFA PIX")];
    expect(identify(file, [known("7", "Tarifa Pix")])).toEqual({
      same: [["first", "7"]],
      fresh: ["second"],
      doubtful: [],
    });
  });

  it("asks where texts share nothing, and where different ones fit a known one equally", () => {
    expect(identify([told("file", "TARIFA MENSAL")], [known("7", "PIX JOAO")]).doubtful).toEqual([
      ["file", ["7"]],
    ]);
    const file = [told("a", "PIX ENVIADO ANA"), told("b", "PIX ENVIADO BIA")];
    expect(identify(file, [known("7", "PIX ENVIADO")]).doubtful).toEqual([
      ["a", ["7"]],
      ["b", ["7"]],
    ]);
  });

  it("takes different end-to-end ids as different movements, and equal ones as one whatever they say", () => {
    const stored = [known("7", "PIX JOAO", { endToEndId: PIX })];
    expect(identify([told("file", "PIX JOAO", { endToEndId: OTHER_PIX })], stored).fresh).toEqual([
      "file",
    ]);
    expect(identify([told("file", "OUTRO TEXTO", { endToEndId: PIX })], stored).same).toEqual([
      ["file", "7"],
    ]);
  });

  it("joins by check number, leading zeros aside", () => {
    const stored = [
      known("7", "CHEQUE", { checkNumber: "000123" }),
      known("8", "CHEQUE", { checkNumber: "124" }),
    ];
    expect(identify([told("file", "COMPENSADO", { checkNumber: "124" })], stored).same).toEqual([
      ["file", "8"],
    ]);
  });

  const movements = fc.array(
    fc.record({
      day: fc.constantFrom("2026-11-05", "2026-11-06"),
      amount: fc.constantFrom(-100n, -200n),
      text: fc.constantFrom("PIX JOAO", "PIX MARIA", "TARIFA", ""),
      id: fc.constantFrom(null, PIX, OTHER_PIX),
    }),
    { maxLength: 8 },
  );

  it("puts each told one into one list, and gives no known one to two", () => {
    fc.assert(
      fc.property(movements, movements, (file, stored) => {
        const one = ({ day, amount, text, id }: (typeof file)[number], name: string) =>
          told(name, text, { postedOn: day, amount, endToEndId: id });
        const entries = file.map((each, at) => one(each, `t${at}`));
        const rows = stored.map((each, at) => ({ ...one(each, ""), id: `k${at}` }));
        const found = identify(entries, rows);
        const all = [
          ...found.same.map(([name]) => name),
          ...found.fresh,
          ...found.doubtful.map(([name]) => name),
        ];
        expect(all.sort()).toEqual(entries.map(({ name }) => name).sort());
        const taken = found.same.map(([, id]) => id);
        expect(new Set(taken).size).toBe(taken.length);
      }),
    );
  });

  it("knows every movement again that the other source tells in the same words", () => {
    fc.assert(
      fc.property(movements, (file) => {
        const entries = file.map(({ day, amount, text, id }, at) =>
          told(`t${at}`, text, { postedOn: day, amount, endToEndId: id }),
        );
        const rows = entries.map(({ name: _, ...rest }, at) => ({ ...rest, id: `k${at}` }));
        const found = identify(entries, rows);
        expect([found.fresh, found.doubtful, found.same.length]).toEqual([[], [], entries.length]);
      }),
    );
  });
});

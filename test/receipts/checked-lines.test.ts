import { describe, expect, it } from "@jest/globals";
import { withCheckedLines } from "../../src/receipts/checked-lines.ts";
import { printed } from "./printed.ts";

async function read(first: string, again: string): Promise<{ text: string[]; looks: string[] }> {
  const looks: string[] = [];
  const lines = await withCheckedLines(printed(first), "2026-11-05", async (_line, look) => {
    looks.push(look);
    return printed(again)[0];
  });
  return { text: lines.map(({ text }) => text), looks };
}

describe("withCheckedLines", () => {
  it("takes another reading whose check digits hold", async () => {
    const { text, looks } = await read(
      "Pagador\nCNPJ: 11.222.338/0001-81",
      "CNPJ: 11.222.333/0001-81",
    );
    expect(text).toEqual(["Pagador", "CNPJ: 11.222.333/0001-81"]);
    expect(looks).toEqual(["SMOOTHED"]);
  });

  it("keeps the first when the other holds no better", async () => {
    const { text, looks } = await read("CNPJ: 11.222.338/0001-81", "CNPJ: 11.222.330/0001-81");
    expect(text).toEqual(["CNPJ: 11.222.338/0001-81"]);
    expect(looks).toEqual(["SMOOTHED", "ENLARGED"]);
  });

  it("reads again an end-to-end id and a typed line that cannot be ones", async () => {
    const id = "E12345678202609290129Ab3dE9fGh1J";
    expect((await read(`${id.slice(0, 30)}l1J`, id)).text).toEqual([id]);
    const broken = await read("E1234567B 202609290129Ab3d E9fGh", "?");
    expect(broken.looks).toEqual(["SMOOTHED", "ENLARGED", "OTHER_DATA"]);
    const line = "34191.09701 00000.012344 56789.012301 9 16210000123456";
    expect((await read(line.replace("56789", "56780"), line)).text).toEqual([line]);
  });

  it("leaves alone what holds, and what bears nothing to check", async () => {
    expect((await read("CNPJ: 11.222.333/0001-81\nTotal 10,00", "")).looks).toEqual([]);
  });
});

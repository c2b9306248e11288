import { describe, expect, it } from "@jest/globals";
import {
  around,
  lineOf,
  linesFromWords,
  type Word,
  wordsBetween,
} from "../../src/receipts/words.ts";

const word = (text: string, x: number, y: number): Word => ({
  text,
  confidence: 1,
  weakest: 1,
  box: [x, y, x + 10 * text.length, y + 12],
});

describe("lines", () => {
  it("join words with spaces and find them again by position", () => {
    const line = lineOf([word("Data:", 0, 0), word("05/11/2026", 60, 0), word("17:12", 170, 0)], 0);
    expect(line.text).toBe("Data: 05/11/2026 17:12");
    expect(wordsBetween(line, 6, 16).map(({ text }) => text)).toEqual(["05/11/2026"]);
    expect(wordsBetween(line, 14, 18).map(({ text }) => text)).toEqual(["05/11/2026", "17:12"]);
    expect(line.box).toEqual([0, 0, 220, 12]);
  });

  it("are put together from words in any order", () => {
    const words = [word("100,00", 200, 1), word("Pagador", 0, 40), word("Valor", 0, 0)];
    expect(linesFromWords(words, 0).map(({ text }) => text)).toEqual(["Valor 100,00", "Pagador"]);
  });

  it("have a box of nothing around nothing", () => {
    expect(around([])).toEqual([0, 0, 0, 0]);
  });
});

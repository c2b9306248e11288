import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { readChannel, readMemo } from "../../src/reconciliation/memo-grammar.ts";
import { fold } from "../../src/reconciliation/memo-text.ts";

type Line = {
  bank: string | null;
  memo: string;
  direction: "CREDIT" | "DEBIT";
  meaning: string | null;
  channel: string | null;
};
const lines: Line[] = JSON.parse(readFileSync("test/fixtures/reconciliation/memos.json", "utf8"));

describe("the memo grammar", () => {
  it.each(lines)("reads $memo ($direction) as $meaning by $channel", (line) => {
    const folded = fold(line.memo);
    expect(readMemo(folded, line.direction)?.meaning ?? null).toBe(line.meaning);
    expect(readChannel(folded, null) ?? null).toBe(line.channel);
  });

  it("folds accents, case and punctuation", () => {
    expect(fold("Pix - Enviado: São João & Cia.")).toBe("PIX ENVIADO SAO JOAO CIA");
  });

  it("takes the channel from the bank's type when the memo names none", () => {
    expect(readChannel("ELEVADORES EXEMPLO", "PIX")).toBe("PIX");
    expect(readChannel("ELEVADORES EXEMPLO", "OUTROS")).toBeUndefined();
  });
});

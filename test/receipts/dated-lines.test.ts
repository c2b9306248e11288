import { describe, expect, it } from "@jest/globals";
import { withDatedLines } from "../../src/receipts/dated-lines.ts";
import type { Line } from "../../src/receipts/words.ts";
import { printed } from "./printed.ts";

describe("withDatedLines", () => {
  const read = async (text: string, answers: Record<string, string>) => {
    const asked: string[] = [];
    const lines = await withDatedLines(
      printed(text),
      async (line, look): Promise<Line | undefined> => {
        asked.push(`${line.text} ${look}`);
        return printed(answers[look] ?? "")[0];
      },
    );
    return { lines: lines.map((line) => line.text), asked };
  };

  it("takes a reading that has the date, of a line that must bear one", async () => {
    const { lines, asked } = await read("Date : DOM4/2012 10:52\nTOTAL 104.00", {
      SMOOTHED: "Date : 0904/2018 10:52",
      ENLARGED: "Date : 09/04/2018 10:52",
    });
    expect(lines).toEqual(["Date : 09/04/2018 10:52", "TOTAL 104.00"]);
    expect(asked).toEqual(["Date : DOM4/2012 10:52 SMOOTHED", "Date : DOM4/2012 10:52 ENLARGED"]);
  });

  it("asks for nothing where dates were read, or none is to be expected", async () => {
    expect((await read("Date: 09/04/2018\nTOTAL 104.00\nThank you", {})).asked).toEqual([]);
  });

  it("keeps a line of which no look has a date", async () => {
    expect((await read("Data: 1?/0?/2026", { SMOOTHED: "Data:" })).lines).toEqual([
      "Data: 1?/0?/2026",
    ]);
  });
});

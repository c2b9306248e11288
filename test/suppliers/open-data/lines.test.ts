import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  MAX_LINE_CHARACTERS,
  readLines,
  splitFields,
} from "../../../src/suppliers/open-data/lines.ts";

async function read(...chunks: (string | Buffer)[]) {
  const seen: [number, string | undefined][] = [];
  async function* bytes() {
    for (const chunk of chunks) {
      yield typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk;
    }
  }
  for await (const { firstLine, lines } of readLines(bytes())) {
    for (const [index, line] of lines.entries()) seen.push([firstLine + index, line]);
  }
  return seen;
}

describe("readLines", () => {
  it("numbers lines across chunks, with LF, CRLF, and without a last line end", async () => {
    expect(await read("a\nb", "c\r\n\nd")).toEqual([
      [1, "a"],
      [2, "bc"],
      [3, ""],
      [4, "d"],
    ]);
    expect(await read()).toEqual([]);
  });

  it("reads ISO-8859-1", async () => {
    expect(await read(Buffer.from([0x4d, 0xc3, 0x0a, 0xc7, 0x0a]))).toEqual([
      [1, "MÃ"],
      [2, "Ç"],
    ]);
  });

  it("gives up a line that is too long, however it is cut, and keeps the count", async () => {
    const long = "x".repeat(MAX_LINE_CHARACTERS + 1);
    const expected = [
      [1, "a"],
      [2, undefined],
      [3, "b"],
    ];
    expect(await read(`a\n${long}\nb`)).toEqual(expected);
    expect(await read("a\n", long, long, "x\nb")).toEqual(expected);
    expect(await read("a\n", long)).toEqual(expected.slice(0, 2));
    expect(await read(`${"x".repeat(MAX_LINE_CHARACTERS)}\n`)).toHaveLength(1);
  });

  it("gives the same lines however the bytes are cut", async () => {
    const text = fc.string({
      unit: fc.constantFrom("a", '"', ";", "\n", "\r\n", "Ç"),
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(60)), async (whole, cuts) => {
        const at = [...cuts.filter((cut) => cut <= whole.length), whole.length].sort(
          (a, b) => a - b,
        );
        const chunks = at.map((end, index) => whole.slice(at[index - 1] ?? 0, end));
        expect(await read(...chunks)).toEqual(await read(whole));
      }),
    );
  });
});

describe("splitFields", () => {
  it("reads quoted fields", () => {
    expect(splitFields('"a";"";"b;c"')).toEqual(["a", "", "b;c"]);
    expect(splitFields('"BAR ""DO ZÉ""";"2"')).toEqual(['BAR "DO ZÉ"', "2"]);
    expect(splitFields('"BAR DO "ZE";"2"')).toEqual(['BAR DO "ZE', "2"]);
    expect(splitFields('"fim com barra \\";"2"')).toEqual(["fim com barra \\", "2"]);
  });

  it.each(["", '"', "a;b", '"a";"b', 'a";"b"'])("refuses %j", (line) => {
    expect(splitFields(line)).toBeUndefined();
  });

  it("reads back what was written", () => {
    const field = fc.string({ unit: fc.constantFrom("a", " ", ",", "\\", "Ç", "7") });
    fc.assert(
      fc.property(fc.array(field, { minLength: 1 }), (fields) => {
        expect(splitFields(fields.map((text) => `"${text}"`).join(";"))).toEqual(fields);
      }),
    );
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { blocksOf, endOfLine } from "../../../src/audit/bundle/blocks.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "blindagem-blocks-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function linesIn(text: string): Promise<string[]> {
  const file = join(directory, "file");
  await writeFile(file, text);
  const lines: string[] = [];
  for await (const block of blocksOf(file)) {
    for (let start = 0, end = 0; start <= block.length; start = end + 1) {
      end = endOfLine(block, start);
      lines.push(block.toString("utf8", start, end));
    }
  }
  return lines;
}

describe("blocksOf", () => {
  it.each([
    ["nothing", "", []],
    ["a line", "a\n", ["a"]],
    ["a last line without its newline", "a\nb", ["a", "b"]],
    ["empty lines", "\n\na\n", ["", "", "a"]],
  ])("reads %s", async (_, text, lines) => {
    expect(await linesIn(text)).toEqual(lines);
  });

  it("cuts no line, whatever it reads at once", async () => {
    const lines = Array.from({ length: 40 }, (_, at) => `${at} ${"é".repeat(at * 6000)}`);
    lines.push("x".repeat(3_000_000), "y");
    expect(await linesIn(`${lines.join("\n")}\n`)).toEqual(lines);
  });
});

import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "@jest/globals";
import { inRepository, section, tableRows } from "../../docs/markdown.ts";
import { rowOf } from "./attack-table.ts";
import { PAGE } from "./carry-out.ts";
import { MATRIX } from "./matrix.ts";

describe("the matrix", () => {
  it("is carried out whole, by a file for each heading", async () => {
    const folder = inRepository("test/audit/attacks");
    const files = (await readdir(folder)).filter((name) => name.endsWith(".test.ts"));
    const texts = await Promise.all(files.map((name) => readFile(`${folder}/${name}`, "utf8")));
    const carriedOut = texts.flatMap(
      (text) => /^describeAttacks\("(.*)"\);$/m.exec(text)?.[1] ?? [],
    );
    expect(carriedOut.sort()).toEqual(MATRIX.map(({ heading }) => heading).sort());
  });
});

describe("docs/attacks.md", () => {
  it("lists these attacks with what notices them", async () => {
    const page = await readFile(PAGE, "utf8");
    for (const { heading, attacks } of MATRIX) {
      const rows = tableRows(section(page, `### ${heading}`)).map((row) => row.slice(0, 4));
      expect(rows).toEqual(attacks.map(rowOf));
    }
  });
});

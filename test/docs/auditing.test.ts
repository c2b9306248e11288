import { readFile } from "node:fs/promises";
import { describe, expect, it } from "@jest/globals";
import { MEANINGS } from "../../src/audit/bundle/report.ts";

describe.each(["docs/auditoria.md", "verifier/README.md"])("%s", (file) => {
  it("says of every fault what it means", async () => {
    const text = await readFile(file, "utf8");
    const told = [...text.matchAll(/^\| `([A-Z_]+)` /gm)].map(([, code]) => code);
    expect(told.toSorted()).toEqual(Object.keys(MEANINGS).sort());
  });
});

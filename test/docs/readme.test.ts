import { access, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { REQUEST_ROLES } from "../../src/database/role-names.ts";
import { parseExpenseCsv } from "../../src/expenses/csv.ts";
import { parseExpenseRows } from "../../src/expenses/row.ts";
import { CATEGORY_KEYS } from "../../src/suppliers/categories.ts";
import { commandNames } from "./cli.ts";
import { inRepository, section, tableRows, textOf, uncoded } from "./markdown.ts";

const context = { today: "2026-11-24", categories: new Set<string>(CATEGORY_KEYS) };

/** What stands between `<<'NAME'` and `NAME` in the examples. */
function hereDocuments(markdown: string, name: string): string[] {
  return [...markdown.matchAll(new RegExp(`<<'${name}'\\n(.*?)\\n${name}\\n`, "gs"))].flatMap(
    ([, content]) => content ?? [],
  );
}

describe("the README", () => {
  it("lists the commands that the executable has", async () => {
    const rows = tableRows(section(await textOf("README.md"), "## Commands"));
    const known = (await commandNames()).filter((name) => name !== "help");
    expect(rows.map(([name = ""]) => uncoded(name))).toEqual(known);
  });

  it("lists the roles that a request can have", async () => {
    const rows = tableRows(section(await textOf("README.md"), "## Roles and tokens"));
    const told = rows.map(([name = ""]) => uncoded(name)).sort();
    expect(told).toEqual(REQUEST_ROLES.filter((role) => role !== "anonymous").sort());
  });

  it("shows batches that are taken as they are", async () => {
    const readme = section(await textOf("README.md"), "## Submitting");
    const submitted = hereDocuments(readme, "JSON").flatMap((text) => {
      const body = JSON.parse(text);
      return body.rows ?? body.variables?.input.rows ?? [];
    });
    const [csv = ""] = hereDocuments(readme, "CSV");
    const table = parseExpenseCsv(new TextEncoder().encode(csv));
    expect(table.errors).toEqual([]);
    const { rows, errors } = parseExpenseRows([...submitted, ...table.rows], context);
    expect(errors).toEqual([]);
    expect(rows).toHaveLength(3);
  });
});

describe("the documentation", () => {
  it("points at files that are there", async () => {
    const pages = (await readdir(inRepository("docs"))).filter((name) => name.endsWith(".md"));
    for (const page of ["README.md", "demo/README.md", ...pages.map((name) => `docs/${name}`)]) {
      const links = [...(await textOf(page)).matchAll(/\]\((?!https?:|#)([^)#]+)/g)];
      for (const [, link = ""] of links) {
        await expect(access(inRepository(join(dirname(page), link)))).resolves.toBeUndefined();
      }
    }
  });
});

describe("docs/design.md", () => {
  it("gives the reason for each dependency, and for nothing else", async () => {
    const { dependencies, optionalDependencies } = JSON.parse(await textOf("package.json"));
    const rows = tableRows(section(await textOf("docs/design.md"), "## Dependencies"));
    const all = Object.keys({ ...dependencies, ...optionalDependencies });
    const told = rows.flatMap(([names = ""]) =>
      [...names.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => name ?? []),
    );
    expect(told.sort()).toEqual(all.sort());
  });
});

import { describe, expect, it } from "@jest/globals";
import { COLUMN_NAMES, COLUMNS } from "../../src/expenses/columns.ts";
import { parseExpenseCsv } from "../../src/expenses/csv.ts";
import { DOCUMENT_KINDS } from "../../src/expenses/document-kind.ts";
import { parseExpenseRows } from "../../src/expenses/row.ts";
import { CATEGORIES, CATEGORY_KEYS } from "../../src/suppliers/categories.ts";
import { section, tableRows, textOf, uncoded } from "./markdown.ts";

const PAGE = "docs/expense-rows.md";
const context = { today: "2026-11-24", categories: new Set<string>(CATEGORY_KEYS) };

describe(PAGE, () => {
  it("lists the columns, in their order, with both names and whether they are required", async () => {
    const page = await textOf(PAGE);
    const rows = tableRows(page.slice(0, page.indexOf("## ")));
    expect(rows.map(([field = "", column = ""]) => [uncoded(field), uncoded(column)])).toEqual(
      COLUMN_NAMES.map((name) => [name, COLUMNS[name].title]),
    );
    for (const [field = "", , required] of rows) {
      expect([field, required === "yes"]).toEqual([
        field,
        COLUMN_NAMES.some((name) => name === uncoded(field) && COLUMNS[name].required),
      ]);
    }
  });

  it("lists the kinds of document and the categories", async () => {
    const page = await textOf(PAGE);
    const pairs = (heading: string) =>
      tableRows(section(page, heading)).map(([key = "", name]) => [uncoded(key), name]);
    expect(pairs("## Kinds of document")).toEqual(Object.entries(DOCUMENT_KINDS));
    expect(pairs("## Categories")).toEqual(Object.entries(CATEGORIES));
  });

  it("says of each kind what it needs", async () => {
    const kinds = tableRows(section(await textOf(PAGE), "## Kinds of document"));
    for (const [kind = "", , needs = ""] of kinds) {
      const row = {
        externalId: "1",
        condominium: "0012",
        category: "LIMPEZA",
        documentKind: uncoded(kind),
        competence: "2026-11",
        grossAmount: "10.00",
      };
      const asked = parseExpenseRows([row], context).errors.map(({ field }) => field);
      const told = [...needs.matchAll(/`(\w+)`/g)].flatMap(([, field]) => field ?? []);
      // "payeeDocument or payeeName": one of them is asked for.
      expect(told).toEqual(expect.arrayContaining(asked));
      expect(asked).toHaveLength(needs.includes(" or ") ? 1 : told.length);
    }
  });

  it("shows a CSV that is taken as it is", async () => {
    const csv = section(await textOf(PAGE), "## CSV")
      .split("\n")
      .filter((line) => line.startsWith("    "))
      .map((line) => line.trim())
      .join("\n");
    const table = parseExpenseCsv(new TextEncoder().encode(csv));
    expect(table.errors).toEqual([]);
    const { rows, errors } = parseExpenseRows(table.rows, context);
    expect(errors).toEqual([]);
    expect(rows[0]?.row).toMatchObject({ grossAmount: 530000n, documents: [{}, {}] });
  });
});

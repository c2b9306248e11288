import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { loadAuditedTable } from "../../../src/audit/comparing/audited-tables.ts";
import { storeDivergences } from "../../../src/audit/comparing/divergence-store.ts";
import { BEGINNING, nextEntities, type Place } from "../../../src/audit/comparing/entity-pages.ts";
import { createTestDatabase, type TestDatabase } from "../../database/test-database.ts";

let database: TestDatabase;
let there: string[];
let gone: string;
beforeAll(async () => {
  database = await createTestDatabase();
  const { rows } = await database
    .pool("migrator")
    .query<{ id: string }>(
      "insert into blindagem.people (subject, name) select n::text, 'Ana' from generate_series(1, 4) as n returning id::text",
    );
  const ids = rows.map(({ id }) => id).sort();
  gone = ids[0] ?? "";
  there = ids.slice(1);
  // Behind the triggers' backs: the log alone still has it.
  await database.pool("migrator").query("alter table blindagem.people disable trigger user");
  await database.pool("migrator").query("delete from blindagem.people where id = $1", [gone]);
  const sealer = await database.pool("sealer").connect();
  await storeDivergences(sealer, {
    entityType: "people",
    scope: "all",
    kinds: ["ROW_MISSING"],
    count: 0,
    divergences: [
      {
        kind: "ROW_MISSING",
        entityType: "people",
        entityId: "900",
        organizationId: undefined,
        condominiumId: undefined,
        sensitivity: "ORDINARY",
        fields: [],
      },
    ],
  });
  sealer.release();
});
afterAll(() => database.drop());

/** The pages of a whole walk. */
async function walk(limit: number): Promise<string[][]> {
  const sealer = await database.pool("sealer").connect();
  try {
    const table = await loadAuditedTable(sealer, "people");
    if (!table) throw new Error("The table is not audited.");
    const pages: string[][] = [];
    let place: Place | undefined = BEGINNING;
    while (place !== undefined) {
      const { ids, next } = await nextEntities(sealer, table, place, limit);
      pages.push(ids);
      place = next;
    }
    return pages;
  } finally {
    sealer.release();
  }
}

describe("the entities of a table", () => {
  it("are come to in one page, each once, when no side has as many as the limit", async () => {
    const pages = await walk(5);
    expect(pages).toHaveLength(1);
    expect(pages.flat().sort()).toEqual([...there, gone, "900"].sort());
  });

  it("are come to on every side, page after page, where the next side begins as soon as one ends", async () => {
    const [second, third, fourth] = there;
    // Rows that fill pages; then the last ones with the first of the log; then the log's end with what is on neither side.
    expect(await walk(2)).toEqual([
      [second, third],
      [fourth, gone, second],
      [third, fourth],
      ["900"],
    ]);
  });
});

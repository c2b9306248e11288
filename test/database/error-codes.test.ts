import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("errors raised in SQL", () => {
  it("are in the registry", async () => {
    const { rows } = await database.pool("migrator").query<{ code: string; known: boolean }>(
      `select code, code in (select c.code from blindagem_private.error_codes c) as known
       from (
         select distinct raised[1] as code
         from pg_proc p cross join regexp_matches(p.prosrc, '''(BLD[0-9A-Z]{2})''', 'g') as raised
         where pronamespace::regnamespace::text in ('blindagem', 'blindagem_private', 'blindagem_audit')) as codes
       order by 1`,
    );
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter(({ known }) => !known)).toEqual([]);
  });

  it("are of a class that PostgreSQL does not use, and come with their message", async () => {
    await expect(
      database.pool("migrator").query("select blindagem_private.fail('BLD03', 'Não existe.')"),
    ).rejects.toMatchObject({ code: "BLD03", message: "Não existe." });
  });
});

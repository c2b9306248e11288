import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { DOCUMENT_KINDS } from "../../src/expenses/document-kind.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

const words = z.record(z.string(), z.string());
const PAGE = new URL("../../src/console/audit/", import.meta.url);

/** A list of the page's, which is JavaScript for browsers. */
async function wordsOf(file: string, name: string): Promise<Record<string, string>> {
  const module: unknown = await import(new URL(file, PAGE).href);
  return words.parse(z.record(z.string(), z.unknown()).parse(module)[name]);
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** The first column of what is asked of audited tables, which are `c`. */
async function ofAudited(columns: string, more: string): Promise<string[]> {
  const { rows } = await database.pool("migrator").query<string[]>({
    text: `select distinct ${columns} from pg_class c ${more}
      where c.relnamespace = 'blindagem'::regnamespace
        and exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'audit_insert') order by 1`,
    rowMode: "array",
  });
  return rows.flatMap(([value]) => value ?? []);
}

describe("the audit screen's words", () => {
  it("name every table that is audited", async () => {
    const named = await wordsOf("words.js", "ENTITIES");
    const tables = await ofAudited("c.relname", "");
    expect(tables.filter((table) => !(table in named))).toEqual([]);
  });

  it("name every field of theirs", async () => {
    const named = await wordsOf("fields.js", "FIELDS");
    const columns = await ofAudited(
      "a.attname",
      "join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped",
    );
    expect(columns.filter((column) => !(column in named))).toEqual([]);
  });

  it("name every value that a column may have of a list", async () => {
    const lists = await Promise.all([
      wordsOf("values.js", "VALUES"),
      wordsOf("values.js", "SEGMENTS"),
      wordsOf("values.js", "SETTINGS"),
      wordsOf("words.js", "ROLES"),
    ]);
    const codes = await ofAudited(
      "m[1]",
      `join pg_constraint k on k.conrelid = c.oid and k.contype = 'c' and pg_get_constraintdef(k.oid) like '%= ANY%'
       cross join regexp_matches(pg_get_constraintdef(k.oid), '''([A-Za-z_0-9]+)''::text', 'g') as m`,
    );
    const known: object = Object.assign({}, DOCUMENT_KINDS, ...lists);
    expect(codes.filter((code) => !(code in known))).toEqual([]);
  });
});

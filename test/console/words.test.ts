import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { DOCUMENT_KINDS } from "../../src/expenses/document-kind.ts";
import { REASON_CATALOGUE } from "../../src/validation/reason-catalogue.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

const words = z.record(z.string(), z.string());
const texts = z.custom<(text: string) => string>((value) => typeof value === "function");
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

  it("name all evidence of the catalogue's reasons", async () => {
    const named = await wordsOf("evidence.js", "EVIDENCE");
    const keysIn = (value: unknown): string[] =>
      Array.isArray(value)
        ? value.flatMap(keysIn)
        : typeof value === "object" && value !== null
          ? Object.entries(value).flatMap(([key, inner]) => [key, ...keysIn(inner)])
          : [];
    const keys = Object.values(REASON_CATALOGUE).flatMap(({ example }) => keysIn(example));
    expect(keys.filter((key) => !(key in named))).toEqual([]);
  });

  it("name every task, and find it by what they say of it", async () => {
    const named = await wordsOf("words.js", "TASKS");
    const files = await readdir(new URL("../../tasks/", import.meta.url));
    const tasks = files.flatMap((name) => (name.endsWith(".ts") ? [name.slice(0, -3)] : []));
    expect(tasks.filter((task) => !(task in named))).toEqual([]);
    const { actorIdOf, actorText } = z
      .object({ actorIdOf: texts, actorText: texts })
      .parse(await import(new URL("words.js", PAGE).href));
    expect(actorText("system:validate_expenses")).toBe("tarefa validar despesas");
    for (const id of [...tasks.map((task) => `system:${task}`), "system:another", "person:7"]) {
      expect(actorIdOf(actorText(id))).toBe(id);
    }
    expect(actorIdOf("tarefa validate_expenses")).toBe("system:validate_expenses");
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

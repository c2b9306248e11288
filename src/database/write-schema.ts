import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { describeSchema } from "./catalogue.ts";

export const SCHEMA_FILE = fileURLToPath(new URL("../../sql/schema.sql", import.meta.url));

const HEADER = `-- The schema as the migrations in committed/ leave it, to be read: written by src/database/write-schema.ts from the
-- catalogue of a database, and compared with a fresh one by test. Not to be edited, and not to be run.
`;

/** The text of sql/schema.sql for that database. */
export async function schemaText(client: pg.ClientBase, prefix: string): Promise<string> {
  return `${HEADER}\n${await describeSchema(client, prefix)}`;
}

/**
 * Writes sql/schema.sql from a freshly migrated database.
 *
 * @returns whether the file changed
 */
export async function writeSchema(client: pg.ClientBase, prefix: string): Promise<boolean> {
  const text = await schemaText(client, prefix);
  const before = await readFile(SCHEMA_FILE, "utf8").catch(() => undefined);
  if (before === text) return false;
  await writeFile(SCHEMA_FILE, text);
  return true;
}

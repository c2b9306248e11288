import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const COMMITTED = fileURLToPath(new URL("../../sql/committed", import.meta.url));
const HEADER = /^--! Previous: (?<previous>\S+)\n--! Hash: (?<hash>\S+)\n\n(?<body>[\s\S]+)$/;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("committed migrations", () => {
  it("carry the hash of their content and of the one before, as graphile-migrate reckons it", async () => {
    let previous = "-";
    for (const file of (await readdir(COMMITTED)).sort()) {
      const parts = HEADER.exec(await readFile(path.join(COMMITTED, file), "utf8"))?.groups;
      const content = `${previous === "-" ? "" : previous}\n${parts?.body?.trim()}`.trim();
      const hash = `sha1:${createHash("sha1").update(`${content}\n`).digest("hex")}`;
      expect({ file, previous: parts?.previous, hash: parts?.hash }).toEqual({
        file,
        previous,
        hash,
      });
      previous = hash;
    }
  });

  it("have run, each with that hash (graphile-migrate refuses another)", async () => {
    const files = (await readdir(COMMITTED)).sort();
    const { rows } = await database
      .pool("migrator")
      .query<{ filename: string }>(
        "select filename from graphile_migrate.migrations order by filename",
      );
    expect(rows.map(({ filename }) => filename)).toEqual(
      files.map((file) => `${file.slice(0, 6)}.sql`),
    );
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { loadedBefore } from "../../demo/demonstration.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

let database: TestDatabase;
let directory: string;
beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-demonstration-"));
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

const person = (subject: string) => ({
  role: "operator",
  subject,
  name: "Plantão",
  organization: "",
  organizationName: "plataforma",
});
const found = () => loadedBefore(directory, database.url("worker"));

describe("the demo that was loaded before", () => {
  it("is none where none was loaded", async () => {
    expect(await found()).toBeUndefined();
  });

  it("is that of this database, not of another one under the same state directory", async () => {
    const demo = { people: [person("op-1"), person("op-2")], batches: [] };
    await writeFile(path.join(directory, "demo.json"), JSON.stringify(demo));
    const add = (subject: string) =>
      database
        .pool("migrator")
        .query("insert into blindagem.people (subject, name) values ($1, 'Plantão')", [subject]);
    expect(await found()).toBeUndefined();
    await add("op-1");
    expect(await found()).toBeUndefined();
    await add("op-2");
    expect(await found()).toEqual(demo);
  });
});

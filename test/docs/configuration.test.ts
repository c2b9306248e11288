import { describe, expect, it } from "@jest/globals";
import { environment } from "../../src/config.ts";
import { section, tableRows, textOf, uncoded } from "./markdown.ts";

const names = Object.keys(environment.shape).sort();
const defaults: Record<string, unknown> = environment.parse({});

/** A default as a person writes it into the environment; "" where there is none. */
function written(name: string): string {
  const value = defaults[name] ?? "";
  return Array.isArray(value) ? value.join(",") : String(value);
}

describe("the table of variables in the README", () => {
  it("has each variable of src/config.ts once, with its default", async () => {
    const rows = tableRows(section(await textOf("README.md"), "## Configure"));
    const told = rows.map(([name = "", value = ""]) => [uncoded(name), uncoded(value)]);
    expect(told.map(([name]) => name).sort()).toEqual(names);
    expect(Object.fromEntries(told)).toEqual(
      Object.fromEntries(names.map((name) => [name, written(name)])),
    );
  });

  it("says of each what it means", async () => {
    const rows = tableRows(section(await textOf("README.md"), "## Configure"));
    for (const row of rows) expect(row[2]).toMatch(/\w{3}/);
  });
});

describe(".env.example", () => {
  it("has each variable of src/config.ts once, with its default", async () => {
    const lines = (await textOf(".env.example")).split("\n").filter((line) => /^[A-Z]/.test(line));
    const told = lines.map((line) => line.split("=", 2));
    const known = told.filter(
      ([name]) => !["POSTGRES_PASSWORD", "MIGRATOR_PASSWORD"].includes(name ?? ""),
    );
    expect(known.map(([name]) => name).sort()).toEqual(names);
    expect(Object.fromEntries(known)).toEqual(
      Object.fromEntries(names.map((name) => [name, written(name)])),
    );
  });
});

import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { loadLocalState, readLocalState } from "../../src/database/local-state.ts";

let parent: string;
let directory: string;
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), "blindagem-state-"));
  directory = path.join(parent, ".blindagem");
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const load = () => loadLocalState(directory, () => Promise.resolve(15432));
const file = () => path.join(directory, "state.json");
const modeOf = async (name: string) => (await stat(name)).mode & 0o777;

describe("loadLocalState", () => {
  it("chooses port and passwords once, and keeps them for its owner alone", async () => {
    const state = await load();
    expect(state.databasePort).toBe(15432);
    const { superuserPassword, migratorPassword, loginPasswords, jwtSecret } = state;
    const secrets = [
      superuserPassword,
      migratorPassword,
      jwtSecret,
      ...Object.values(loginPasswords),
    ];
    expect(new Set(secrets).size).toBe(6);
    expect(secrets.every((secret) => secret.length >= 32)).toBe(true);
    expect(await modeOf(file())).toBe(0o600);
    expect(await modeOf(directory)).toBe(0o700);
    expect(await loadLocalState(directory, () => Promise.reject(new Error("no port")))).toEqual(
      state,
    );
  });

  it("is the same for all who begin at once", async () => {
    const states = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        loadLocalState(directory, () => Promise.resolve(15000 + index)),
      ),
    );
    expect(new Set(states.map((state) => JSON.stringify(state))).size).toBe(1);
    expect(await readdir(directory)).toEqual(["state.json"]);
  });

  it.each([
    ["is of another version", '{"databasePort": 15432}'],
    ["is no JSON", "half a fi"],
    ["is empty", ""],
    ["holds a port that is none", '{"databasePort": 99999999}'],
  ])("never replaces a file that %s", async (_, content) => {
    await load();
    await writeFile(file(), content);
    await expect(load()).rejects.toThrow("is not a state of this version");
    await expect(load()).rejects.toThrow("Restore it, or remove");
    expect(await readFile(file(), "utf8")).toBe(content);
  });

  it("does not repeat the file's secrets when it refuses it", async () => {
    await load();
    await writeFile(file(), '{"jwtSecret": "short-secret"}');
    await expect(load()).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("short-secret") }),
    );
  });

  it("tells a file that it may not read from one that is not there", async () => {
    if (process.getuid?.() === 0) return;
    await load();
    await chmod(file(), 0o000);
    await expect(load()).rejects.toMatchObject({ code: "EACCES" });
  });
});

describe("readLocalState", () => {
  it("makes nothing", async () => {
    expect(await readLocalState(directory)).toBeUndefined();
    expect(await readdir(parent)).toEqual([]);
    const state = await load();
    expect(await readLocalState(directory)).toEqual(state);
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { loginConnection } from "../../src/commands/database-session.ts";
import { loadEnvironment } from "../../src/config.ts";
import { type LocalState, loadLocalState } from "../../src/database/local-state.ts";

const SERVER = "postgresql://migrator:secret@db.example:5433/expenses";
const PASSWORD = "a-password-of-the-worker";

let parent: string;
let started: string;
let state: LocalState;
beforeAll(async () => {
  parent = await mkdtemp(path.join(tmpdir(), "blindagem-session-"));
  started = path.join(parent, "started");
  state = await loadLocalState(started, async () => 5999);
});
afterAll(() => rm(parent, { recursive: true, force: true }));

/** The worker's connection where `start` was run, or, with a STATE_DIRECTORY of its own, was not. */
const connection = (variables: Record<string, string>) =>
  loginConnection(loadEnvironment({ STATE_DIRECTORY: started, ...variables }), "worker");

describe("the connection of a command", () => {
  it("is the login's own, where it is configured", async () => {
    const own = "postgresql://worker:x@db.example/expenses";
    const variables = { WORKER_DATABASE_URL: own, DATABASE_URL: SERVER, WORKER_PASSWORD: PASSWORD };
    expect(await connection(variables)).toBe(own);
  });

  it("is DATABASE_URL with the login's password", async () => {
    expect(await connection({ DATABASE_URL: SERVER, WORKER_PASSWORD: PASSWORD })).toBe(
      `postgresql://blindagem_worker:${PASSWORD}@db.example:5433/expenses`,
    );
  });

  it("is DATABASE_URL with the password that `start` made up for it", async () => {
    expect(await connection({ DATABASE_URL: SERVER, ROLE_PREFIX: "b2" })).toBe(
      `postgresql://b2_worker:${state.loginPasswords.worker}@db.example:5433/expenses`,
    );
  });

  it("is the embedded PostgreSQL's, with the password that `start` gave it", async () => {
    const embedded = (password: string) =>
      `postgresql://blindagem_worker:${password}@127.0.0.1:5999/blindagem`;
    expect(await connection({})).toBe(embedded(state.loginPasswords.worker));
    expect(await connection({ WORKER_PASSWORD: PASSWORD })).toBe(embedded(PASSWORD));
  });

  it("is refused with what to set, where nothing was started", async () => {
    const elsewhere = { STATE_DIRECTORY: path.join(parent, "nothing") };
    await expect(connection({ ...elsewhere, DATABASE_URL: SERVER })).rejects.toThrow(
      "Defina WORKER_DATABASE_URL, ou DATABASE_URL e WORKER_PASSWORD",
    );
    await expect(connection(elsewhere)).rejects.toThrow("Não há instalação em");
  });
});

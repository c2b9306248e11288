import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import pg from "pg";
import { loginUrl } from "../../src/config.ts";
import { embeddedHome } from "../../src/database/embedded.ts";
import { freePort } from "../../src/database/free-port.ts";
import { readLocalState } from "../../src/database/local-state.ts";
import { type CliProcess, resultOf, runCli, startCli } from "../cli-process.ts";
import { waitFor } from "../wait-for.ts";
import { childrenOf, isAlive } from "./processes.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);
const START_MS = 120_000;

let parent: string;
let stateDirectory: string;
let started: CliProcess | undefined;
let metricsPort: number;
beforeAll(async () => {
  metricsPort = await twoFreePorts();
  parent = await mkdtemp(path.join(tmpdir(), "blindagem-start-"));
  stateDirectory = path.join(parent, ".blindagem");
});
afterAll(async () => {
  started?.process.kill("SIGINT");
  await started?.exited;
  await rm(embeddedHome(stateDirectory), { recursive: true, force: true });
  await rm(parent, { recursive: true, force: true });
});

const environment = (more: Record<string, string> = {}) => ({
  STATE_DIRECTORY: stateDirectory,
  PORT: "0",
  OCR_PROCESSES: "1",
  METRICS_PORT: String(metricsPort),
  ...more,
});

/** The first of two ports in a row that nobody listens on. */
async function twoFreePorts(): Promise<number> {
  for (;;) {
    const first = await freePort();
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(first + 1, "127.0.0.1", () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (isFree) return first;
  }
}

async function start(): Promise<CliProcess> {
  const cli = startCli(["start", "--no-demo"], { environment: environment() });
  started = cli;
  await waitFor(
    "the platform",
    () => {
      if (cli.process.exitCode !== null) throw new Error(cli.stderr());
      return cli.stdout().includes("Ctrl-C para tudo");
    },
    START_MS,
  );
  return cli;
}

const apiUrl = ({ stdout }: CliProcess) =>
  /http:\/\/[\d.:]+(?=\/graphql)/.exec(stdout())?.[0] ?? "";

async function organizations(): Promise<number | string> {
  const state = await readLocalState(stateDirectory);
  if (!state) throw new Error("nothing was started");
  const client = new pg.Client({
    connectionString: loginUrl(
      `postgresql://127.0.0.1:${state.databasePort}/blindagem`,
      "blindagem_worker",
      state.loginPasswords.worker,
    ),
  });
  try {
    await client.connect();
    const { rowCount } = await client.query("select from blindagem.organizations");
    return rowCount ?? 0;
  } catch (error) {
    return String(Reflect.get(Object(error), "code"));
  } finally {
    await client.end();
  }
}

async function childNamed(cli: CliProcess, command: string): Promise<number | undefined> {
  const children = await childrenOf(cli.process.pid ?? 0);
  return children.find((child) => child.command.endsWith(command))?.pid;
}

describe("blindagem start", () => {
  it(
    "serves the API, and says what to do with an empty database",
    async () => {
      const cli = await start();
      const health = await fetch(`${apiUrl(cli)}/readyz`);
      expect(health.status).toBe(200);
      expect(cli.stdout()).toContain("npx blindagem organization create");
      for (const page of ["/graphiql", "/console/auditoria"]) {
        expect(cli.stdout()).toContain(`${apiUrl(cli)}${page}\n`);
        expect((await fetch(`${apiUrl(cli)}${page}`)).status).toBe(200);
      }
      expect(await organizations()).toBe(0);
      const commands = (await childrenOf(cli.process.pid ?? 0)).map(({ command }) =>
        command.split(" ").at(-1),
      );
      expect(commands.sort()).toEqual(["api", "seal", "worker"]);
    },
    START_MS,
  );

  it("gives worker and sealing process a port each for their metrics", async () => {
    const metrics = async (port: number) =>
      (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(await metrics(metricsPort)).toContain("blindagem_jobs_total");
    expect(await metrics(metricsPort + 1)).toContain("blindagem_audit_sealing_active");
  });

  it("raises no alarm for what it has installed: it has signed for it", async () => {
    const figures = await waitFor("the installation's records to be sealed", async () => {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort + 1}/metrics`)).text();
      const figure = (name: string) => Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
      const [sealed, outOfBand, unattested] = ["sealed", "out_of_band", "unattested"].map((name) =>
        figure(`blindagem_audit_${name}_total`),
      );
      return Number(sealed) > 0 && { outOfBand, unattested };
    });
    expect(figures).toEqual({ outOfBand: 0, unattested: 0 });
  });

  it("lets the commands find its database by the state directory", async () => {
    const args = [
      "organization",
      "create",
      "Alfa",
      "--admin-subject",
      "ana",
      "--admin-name",
      "Ana",
    ];
    const created = await runCli(args, { environment: environment() });
    expect(created).toEqual({ status: 0, stdout: "Administradora 1 criada.\n", stderr: "" });
    expect(await organizations()).toBe(1);
  });

  it(
    "is refused a second time on the same data, and the first is unharmed",
    async () => {
      const second = await runCli(["start", "--no-demo"], { environment: environment() });
      expect(second.status).toBe(1);
      expect(second.stderr).toContain("Outro `blindagem start` roda neste banco");
      expect(await organizations()).toBe(1);
      if (!started) throw new Error("not started");
      expect((await fetch(`${apiUrl(started)}/readyz`)).status).toBe(200);
    },
    START_MS,
  );

  it("starts a process again that was killed", async () => {
    const cli = started;
    if (!cli) throw new Error("not started");
    const before = await childNamed(cli, "worker");
    process.kill(before ?? 0, "SIGKILL");
    await waitFor(
      "another worker",
      async () => {
        const now = await childNamed(cli, "worker");
        return now !== undefined && now !== before;
      },
      START_MS,
    );
    expect(cli.stdout()).toContain('O processo "worker" terminou por si');
  });

  it("leaves none of its processes behind when it is killed, and the database to the next start", async () => {
    const cli = started;
    if (!cli) throw new Error("not started");
    const children = await childrenOf(cli.process.pid ?? 0);
    expect(children).toHaveLength(3);
    cli.process.kill("SIGKILL");
    await cli.exited;
    for (const { pid, command } of children) {
      await waitFor(`the end of ${command}`, async () => !(await isAlive(pid)), START_MS);
    }
    expect(await organizations()).toBe(1);
  });

  it(
    "takes the database over at the next start, and stops everything at Ctrl-C, PostgreSQL included",
    async () => {
      const cli = await start();
      expect(await organizations()).toBe(1);
      expect(cli.stdout()).not.toContain("organization create");
      const children = await childrenOf(cli.process.pid ?? 0);
      cli.process.kill("SIGINT");
      expect(await resultOf(cli)).toMatchObject({ status: 0, stderr: "" });
      started = undefined;
      expect(cli.stdout()).toContain("Parado.");
      expect(await Promise.all(children.map(({ pid }) => isAlive(pid)))).toEqual([
        false,
        false,
        false,
      ]);
      expect(await organizations()).toBe("ECONNREFUSED");
      const log = await readFile(path.join(stateDirectory, "blindagem.log"), "utf8");
      expect(log).toContain("worker stopping");
    },
    START_MS,
  );

  it(
    "can be interrupted while it starts",
    async () => {
      const cli = startCli(["start", "--no-demo"], { environment: environment() });
      await waitFor("the first step", () => cli.stdout().includes("PostgreSQL"), START_MS);
      cli.process.kill("SIGINT");
      expect(await resultOf(cli)).toMatchObject({ status: 0, stderr: "" });
      expect(cli.stdout()).toContain("Parado.");
      expect(await organizations()).toBe("ECONNREFUSED");
    },
    START_MS,
  );

  it(
    "says so when its port is taken, and stops what it had started",
    async () => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
      const address = other.address();
      const port = String(typeof address === "object" ? address?.port : "");
      const result = await runCli(["start", "--no-demo"], {
        environment: environment({ PORT: port }),
      });
      await new Promise((resolve) => other.close(resolve));
      expect(result.status).toBe(1);
      expect(result.stderr).toContain(`A porta ${port} já está em uso`);
      expect(await organizations()).toBe("ECONNREFUSED");
    },
    START_MS,
  );
});

import { connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";
import { type HeldRegistry, startHeldRegistry } from "./held-registry.ts";
import { answersOn, enqueue, jobStates, locks, untilAll } from "./queue-state.ts";
import { type WorkerProcesses, workerProcesses } from "./worker-processes.ts";

const CNPJ = "11222333000181";
const OTHER = "11444777000161";

let database: TestDatabase;
let registry: HeldRegistry;
let workers: WorkerProcesses;
let way: Awaited<ReturnType<typeof startWay>>;
beforeAll(async () => {
  database = await createTestDatabase();
  registry = await startHeldRegistry();
  workers = workerProcesses(database, registry.url);
  way = await startWay(database.url("worker"));
});
afterAll(async () => {
  await workers.killAll();
  way.close();
  await registry.close();
  await database.drop();
});

/** A way to the database that loses its answer once, with the connection, where it holds a text: what it did stays done. */
async function startWay(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let text: string | undefined;
  let hasLost = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
    near.pipe(far);
    far.on("data", (answer: Buffer) => {
      if (text !== undefined && answer.includes(text)) {
        text = undefined;
        hasLost = true;
        near.destroy();
      } else near.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String(typeof address === "object" ? address?.port : "");
  return {
    url: url.href,
    loseAnswerWith(lost: string) {
      text = lost;
      hasLost = false;
    },
    hasLost: () => hasLost,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe("a worker that never hears of a job that it has fetched", () => {
  it("gives it back, with the attempt, and not the one that it runs", async () => {
    await workers.start({ WORKER_DATABASE_URL: way.url, PROVIDER_CONCURRENCY: "2" });
    // It runs meanwhile, for longer than a fetched job may be unheard of.
    await enqueue(database, { task: "cnpj_lookup", payload: { cnpj: OTHER } });
    await registry.untilAsked(1);
    way.loseAnswerWith(CNPJ);
    await enqueue(database, { task: "cnpj_lookup", payload: { cnpj: CNPJ } });
    await waitFor("the answer to be lost", () => way.hasLost());
    expect(await locks(database, "cnpj_lookup")).toEqual([
      { locked: true, attempts: 1 },
      { locked: true, attempts: 1 },
    ]);
    await registry.untilAsked(2);
    expect(registry.asked).toEqual([OTHER, CNPJ]);
    registry.open();
    await untilAll(database, "cnpj_lookup", "FINISHED");
    expect(await jobStates(database, "cnpj_lookup")).toEqual([
      { state: "FINISHED", attempts: 1, deaths: 0, fence: 1 },
      { state: "FINISHED", attempts: 1, deaths: 0, fence: 1 },
    ]);
    expect([await answersOn(database, OTHER), await answersOn(database, CNPJ)]).toEqual([1, 1]);
  });
});

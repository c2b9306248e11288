import { connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { createAdministradora } from "../tasks/administradora.ts";
import { waitFor } from "../wait-for.ts";
import { decisionsOf } from "./decisions.ts";
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

/** A way to the database that loses answers, each with its connection: what the database did stays done. */
async function startWay(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isLost: (answer: Buffer) => boolean = () => false;
  let lost = 0;
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
      if (isLost(answer)) {
        lost += 1;
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
    /** The first answer that holds a text. */
    loseAnswerWith(text: string) {
      const before = lost;
      isLost = (answer) => lost === before && answer.includes(text);
    },
    /** Each with that probability. */
    loseAnswers(probability: number) {
      isLost = () => Math.random() < probability;
    },
    lost: () => lost,
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
    await waitFor("the answer to be lost", () => way.lost() > 0);
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

describe("a worker of whose answers three in a hundred are lost", () => {
  it("does everything once, and leaves nothing behind", async () => {
    const query = async (text: string) => (await database.pool("worker").query(text)).rows;
    registry.open();
    const house = await createAdministradora(database);
    await house.condominium("SOL");
    await workers.keepOne({ WORKER_DATABASE_URL: way.url });
    const before = way.lost();
    way.loseAnswers(0.03);
    const expenses: string[] = [];
    while (way.lost() - before < 30) {
      expenses.push(
        ...(await house.submit(...Array.from({ length: 5 }, () => ({ condominium: "SOL" })))),
      );
      await decided(expenses.slice(-5)).catch(() => undefined);
    }
    way.loseAnswers(0);
    await decided(expenses, 90_000);
    expect(await decisionsOf(database, expenses)).toEqual(expenses.map(() => 1));
    await waitFor(
      "the queue to be empty",
      async () => {
        const left = await query(
          "select from graphile_worker.jobs where task_identifier <> 'seal_audit_log'",
        );
        return left.length === 0;
      },
      90_000,
    );
    expect(
      await query(
        "select task, last_error from blindagem_private.dead_letters where task <> 'seal_audit_log'",
      ),
    ).toEqual([]);
    await waitFor("the records to tell so", async () => {
      const open = await query(
        "select from blindagem_private.job_records where state <> 'FINISHED' and task <> 'seal_audit_log'",
      );
      return open.length === 0;
    });
  }, 240_000);
});

/** Waits until each of the expenses was decided. */
function decided(expenses: readonly string[], patienceMs = 2_000): Promise<boolean> {
  return waitFor(
    "the expenses to be decided",
    async () => (await decisionsOf(database, expenses)).every((count) => count > 0),
    patienceMs,
  );
}

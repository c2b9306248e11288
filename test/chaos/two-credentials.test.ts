import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf } from "../database/world.ts";
import { createAdministradora } from "../tasks/administradora.ts";
import { waitFor } from "../wait-for.ts";
import { enqueue, jobStates } from "./queue-state.ts";
import { type WorkerProcesses, workerProcesses } from "./worker-processes.ts";

const COUNT = 16;
/** A request every two seconds, and a twentieth less. */
const PER_MINUTE = 30;

let database: TestDatabase;
let server: Server;
let workers: WorkerProcesses;
const asked: { token: string; cnpj: string; at: number }[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  server = createServer((request, response) => {
    asked.push({
      token: String(request.headers.x_api_token),
      cnpj: /\w{14}$/.exec(request.url ?? "")?.[0] ?? "",
      at: performance.now(),
    });
    response.writeHead(404, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : "";
  workers = workerProcesses(database, `http://127.0.0.1:${port}`);
});
afterAll(async () => {
  await workers.killAll();
  server.close();
  await database.drop();
});

const timesOf = (token: string) => asked.filter((each) => each.token === token).map(({ at }) => at);

describe("two workers that have each a credential of the supplier's registry", () => {
  it("share the look-ups, each within its limit, and one does them all when the other is gone", async () => {
    const start = (token: string) =>
      workers.start({ CNPJWS_TOKEN: token, CNPJWS_PER_MINUTE: String(PER_MINUTE) });
    await start("first");
    const second = await start("second");
    const { organizationId } = await createAdministradora(database);
    const cnpjs = Array.from({ length: COUNT }, (_, index) => cnpjOf(index + 1));
    await enqueue(
      database,
      ...cnpjs.map((cnpj) => ({ task: "cnpj_lookup", organizationId, payload: { cnpj } })),
    );
    await waitFor("three quarters", () => asked.length >= (COUNT * 3) / 4, 60_000);
    expect(timesOf("second").length).toBeGreaterThanOrEqual(2);
    // Who is put off has a second run; a third each second one had when each worker fetched what was the other's.
    expect((await jobStates(database, "cnpj_lookup")).length).toBeLessThanOrEqual(COUNT * 2);
    second.process.kill("SIGKILL");
    await waitFor(
      "the jobs to be done",
      async () =>
        (await jobStates(database, "cnpj_lookup")).every(({ state }) => state === "FINISHED"),
      90_000,
    );
    // What the second one was asking when it was killed is asked again.
    expect([...new Set(asked.map(({ cnpj }) => cnpj))].sort()).toEqual(cnpjs.sort());
    for (const token of ["first", "second"]) {
      const times = timesOf(token);
      // One more for who was late by up to two seconds.
      const most = (10 * PER_MINUTE) / 60 + 2;
      for (const from of times) {
        expect(times.filter((at) => at >= from && at < from + 10_000).length).toBeLessThanOrEqual(
          most,
        );
      }
    }
  }, 180_000);
});

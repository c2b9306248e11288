import { userInfo } from "node:os";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { jobsCommand } from "../../src/commands/jobs.ts";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { commandRunner, environmentOf, failureInProcess, type RunCommand } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(120_000);

let database: TestDatabase;
let run: RunCommand;
let ids: string[];
beforeAll(async () => {
  database = await createTestDatabase();
  const environment = environmentOf(database);
  run = commandRunner(environment);
  Object.assign(process.env, environment);
  const client = await database.pool("worker").connect();
  await enqueueJobs(client, [
    { task: "reconcile", payload: { condominiumId: "1" } },
    { task: "reconcile", payload: { condominiumId: "2" } },
  ]);
  const { rows } = await client.query<{ id: string }>(
    "select id::text from blindagem_private.job_records order by id",
  );
  client.release();
  ids = rows.map(({ id }) => id);
});
afterAll(() => database.drop());

async function states(): Promise<string[]> {
  const { rows } = await database
    .pool("worker")
    .query<{ state: string }>("select state from blindagem_private.job_records order by id");
  return rows.map(({ state }) => state);
}

describe("jobs cancel, retry and reschedule", () => {
  it("tell first, then do, and the log names who typed it", async () => {
    const [first = ""] = ids;
    const preview = await run("jobs", "cancel", "--state", "waiting", "--preview");
    expect(preview).toMatchObject({ status: 0, stderr: "" });
    expect(preview.stdout).toContain("Prévia: 2 tarefas; nada mudou.");
    expect(await states()).toEqual(["WAITING", "WAITING"]);

    const cancelled = await run("jobs", "cancel", first, "--reason", "Condomínio errado");
    expect(cancelled.stdout).toMatch(/1 tarefa: intervenção \d+\.\n$/);
    expect(await states()).toEqual(["CANCELLED", "WAITING"]);
    const { rows } = await database
      .pool("migrator")
      .query(
        `select actor_id, reason from blindagem_audit.records where entity_type = 'job_interventions'`,
      );
    expect(rows).toEqual([
      { actor_id: `command:${userInfo().username}`, reason: "Condomínio errado" },
    ]);

    const retried = await run(
      ...["jobs", "retry", "--task", "reconcile", "--json", "--reason", "Era o certo"],
    );
    expect(JSON.parse(retried.stdout)).toMatchObject({ count: 1, changed: 1 });
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const moved = await run(
      ...["jobs", "reschedule", "--task", "reconcile", "--at", at, "--reason", "De madrugada"],
    );
    expect(moved.stdout).toContain("2 tarefas: intervenção");
    const shown = (await run("jobs", "--state", "waiting")).stdout;
    expect(shown.split("\n").filter((line) => line.endsWith(`para ${at}`))).toHaveLength(2);
    expect(await states()).toEqual(["WAITING", "WAITING"]);
  });

  it.each([
    ['"x" não é o número de uma tarefa', "cancel", "x", "--reason", "teste"],
    ["Diga o motivo", "cancel", "--task", "reconcile"],
    ["Diga quais tarefas", "cancel", "--reason", "teste"],
    ["A tarefa 999999 não existe", "cancel", "999999", "--reason", "teste"],
    ["--older-than é um tempo", "cancel", "--older-than=-5m", "--reason", "teste"],
    ["--at é um instante", "reschedule", "--task", "reconcile", "--at", "amanhã"],
    [
      "de agora a um ano",
      "reschedule",
      "--task",
      "reconcile",
      "--at",
      "2020-01-01T00:00:00Z",
      "--reason",
      "teste",
    ],
    ["uma tarefa que não existe", "retry", "--task", "pay_out", "--reason", "teste"],
  ])("say: %s", async (message, ...args) => {
    expect(await failureInProcess(jobsCommand(), args)).toContain(message);
  });
});

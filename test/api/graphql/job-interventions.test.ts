import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { transaction } from "../../../src/database/actor.ts";
import { enqueueJobs } from "../../../src/queue/enqueue.ts";
import { continueIntervention } from "../../../src/queue/intervention.ts";
import { useServices } from "../../../src/services.ts";
import manageJobs from "../../../tasks/manage_jobs.ts";
import { attest } from "../../audit/test-keys.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "../../tasks/task-run.ts";
import { type ApiFixture, type Person, pick, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
  useServices(servicesOf({ clock: () => new Date() }));
});
afterAll(() => fixture.close());
beforeEach(async () => {
  await emptyQueue(fixture.database);
  await query("delete from blindagem_private.job_records");
  await query("delete from blindagem_private.dead_letters");
});

async function query(text: string, values: unknown[] = []) {
  return (await fixture.database.pool("worker").query(text, values)).rows;
}

const RESULT = `result { count changed inBackground interventionId sample { id task state } }`;

/** Calls one of the mutations; its result, or the error's code and message. */
async function call(name: string, input: Record<string, unknown>, person: Person = "operator") {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const { body } = await fixture.graphql(
    person,
    `mutation ($input: ${type}!) { ${name}(input: $input) { ${RESULT} } }`,
    { input },
  );
  const result = pick(body, "data", name, "result");
  if (result) return result;
  return `${pick(body, "errors", 0, "extensions", "code")}: ${pick(body, "errors", 0, "message")}`;
}

async function enqueue(task: string, count = 1, payload = {}): Promise<string[]> {
  const client = await fixture.database.pool("worker").connect();
  await enqueueJobs(
    client,
    Array.from({ length: count }, () => ({ task, payload, organizationId: fixture.ids.alfa })),
  );
  client.release();
  const rows = await query(
    "select id::text from blindagem_private.job_records where task = $1 order by id desc limit $2",
    [task, count],
  );
  return rows.map(({ id }) => id).reverse();
}

/** Lets all waiting jobs fail for good. */
async function failAll(error: string): Promise<void> {
  await query(`update blindagem_private.job_records set last_error = $1 where state = 'WAITING'`, [
    error,
  ]);
  await query(
    "update graphile_worker._private_jobs set attempts = max_attempts, locked_at = null, locked_by = null",
  );
  await query(
    `select blindagem_private.bury_failed_jobs(array(select id from graphile_worker._private_jobs), '{}')`,
  );
}

const states = async () =>
  (await query("select state from blindagem_private.job_records order by id")).map(
    ({ state }) => state,
  );
const reason = "O banco voltou";

describe("retryJobs", () => {
  it("runs failed jobs again as the same logical jobs, with their claims, and is in the audit log", async () => {
    const [first = "", second = ""] = await enqueue("reconcile", 2, { condominiumId: "1" });
    await failAll("the line is down");
    expect(await states()).toEqual(["FAILED", "FAILED"]);
    expect(await call("retryJobs", { jobIds: [first], reason })).toEqual({
      count: 1,
      changed: 1,
      inBackground: false,
      interventionId: expect.any(String),
      sample: [{ id: first, task: "reconcile", state: "FAILED" }],
    });
    expect(await states()).toEqual(["WAITING", "FAILED"]);
    expect(await queuedJobs(fixture.database)).toMatchObject([
      { task: "reconcile", payload: { condominiumId: "1" }, attempts: 0 },
    ]);
    expect(await query("select subject from blindagem_private.work_claims")).toEqual([
      { subject: "1" },
    ]);
    expect(
      await query(
        "select record_id::text as job, resolution from blindagem_private.dead_letters order by id",
      ),
    ).toEqual([
      { job: first, resolution: "RETRIED" },
      { job: second, resolution: null },
    ]);
    const log = await fixture.database.pool("migrator").query(
      `select action, actor_role, reason, new_state->>'action' as what, new_state->'job_ids' as jobs
       from blindagem_audit.records where entity_type = 'job_interventions' order by id desc limit 1`,
    );
    expect(log.rows).toEqual([
      { action: "INSERT", actor_role: "operator", reason, what: "RETRY", jobs: [Number(first)] },
    ]);
  });

  it("claims all condominiums of a job again, and a buried one gives all of them free", async () => {
    const [job = ""] = await enqueue("reconcile", 1, { condominiumIds: ["1", "2"] });
    const claims = "select subject from blindagem_private.work_claims order by 1";
    await failAll("the line is down");
    await call("retryJobs", { jobIds: [job], reason });
    expect(await query(claims)).toEqual([{ subject: "1" }, { subject: "2" }]);
    await failAll("the line is down again");
    expect(await query(claims)).toEqual([]);
  });

  it("only tells in a preview, and needs no reason for it", async () => {
    await enqueue("reconcile", 12);
    await failAll("time-out of the provider");
    const filter = { error: "PROVIDER", task: "reconcile", organizationId: fixture.ids.alfa };
    const selection = await call("retryJobs", { filter, preview: true });
    expect(selection).toMatchObject({ count: 12, changed: 0, interventionId: null });
    expect(pick(selection, "sample")).toHaveLength(10);
    expect(new Set(await states())).toEqual(new Set(["FAILED"]));
    expect(await queuedJobs(fixture.database)).toEqual([]);
  });

  it("does more than a thousand by a job, each once", async () => {
    await enqueue("reconcile", 2_300);
    await failAll("down");
    const answer = await call("retryJobs", { filter: { task: "reconcile" }, reason });
    expect(answer).toMatchObject({ count: 2_300, changed: 0, inBackground: true });
    await enqueue("reconcile");
    await runJobs(fixture.database, { manage_jobs: manageJobs });
    expect(await query("select count(*)::int as n from graphile_worker._private_jobs")).toEqual([
      { n: 2_301 },
    ]);
    expect(
      await query(
        "select matched, changed, finished_at is not null as finished from blindagem.job_interventions where id = $1",
        [pick(answer, "interventionId")],
      ),
    ).toEqual([{ matched: 2_300, changed: 2_300, finished: true }]);
  });
});

describe("an intervention in many jobs", () => {
  it("goes on where it was interrupted, and later jobs are not meant", async () => {
    await enqueue("reconcile", 2_300);
    const runAt = new Date(Date.now() + 86_400_000).toISOString();
    const filter = { task: "reconcile" };
    const answer = await call("rescheduleJobs", { filter, runAt, reason });
    const id = String(pick(answer, "interventionId"));
    await enqueue("reconcile");
    const client = await fixture.database.pool("worker").connect();
    const actor = { id: "system:manage_jobs", role: "worker", reason };
    // The worker of the first chunk is gone once that is committed.
    expect(
      await transaction(client, attest, actor, (inside) => continueIntervention(inside, id)),
    ).toBe(false);
    client.release();
    await runJobs(fixture.database, { manage_jobs: manageJobs });
    expect(
      await query("select matched, changed from blindagem.job_interventions where id = $1", [id]),
    ).toEqual([{ matched: 2_300, changed: 2_300 }]);
    expect(
      await query(
        "select count(*)::int as n from graphile_worker._private_jobs where run_at = $1",
        [runAt],
      ),
    ).toEqual([{ n: 2_300 }]);
  });
});

describe("cancelJobs", () => {
  it("takes waiting jobs out of the queue, to be retried if it was a mistake", async () => {
    const ids = await enqueue("validate_expenses", 2, { expenseIds: ["1"] });
    expect(await call("cancelJobs", { jobIds: ids, reason })).toMatchObject({ changed: 2 });
    expect(await states()).toEqual(["CANCELLED", "CANCELLED"]);
    expect(await queuedJobs(fixture.database)).toEqual([]);
    expect(await call("retryJobs", { jobIds: ids, reason })).toMatchObject({ changed: 2 });
    expect(await queuedJobs(fixture.database)).toMatchObject([
      { task: "validate_expenses", payload: { expenseIds: ["1"] } },
      { task: "validate_expenses" },
    ]);
  });

  it("gives failed jobs up", async () => {
    const ids = await enqueue("reconcile");
    await failAll("no such condominium");
    expect(await call("cancelJobs", { jobIds: ids, reason })).toMatchObject({ changed: 1 });
    expect(await states()).toEqual(["CANCELLED"]);
    expect(await query("select resolution from blindagem_private.dead_letters")).toEqual([
      { resolution: "CANCELLED" },
    ]);
  });

  it("refuses running jobs, and then changes none of the others either", async () => {
    const [running = "", waiting = ""] = await enqueue("reconcile", 2);
    await query("update blindagem_private.job_records set state = 'RUNNING' where id = $1", [
      running,
    ]);
    expect(await call("cancelJobs", { jobIds: [running, waiting], reason })).toMatch(
      /^BLD06: A tarefa \d+ está no estado RUNNING/,
    );
    expect(await states()).toEqual(["RUNNING", "WAITING"]);
    expect(await call("cancelJobs", { filter: { task: "reconcile" }, reason })).toMatchObject({
      changed: 1,
    });
    expect(await states()).toEqual(["RUNNING", "CANCELLED"]);
  });
});

describe("rescheduleJobs", () => {
  it("gives waiting jobs another time, also those that a worker has fetched and not begun", async () => {
    const ids = await enqueue("reconcile", 2);
    await query(
      `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'pool', attempts = 1
       where id = (select max(id) from graphile_worker._private_jobs)`,
    );
    const runAt = new Date(Date.now() + 86_400_000).toISOString();
    expect(await call("rescheduleJobs", { jobIds: ids, runAt, reason })).toMatchObject({
      changed: 2,
    });
    expect(
      await query(
        `select j.run_at as "runAt", r.run_at as recorded, j.locked_by, j.attempts
         from graphile_worker._private_jobs j
         join blindagem_private.job_records r on r.id::text = j.payload->'envelope'->>'jobId'`,
      ),
    ).toEqual(
      ids.map(() => ({
        runAt: new Date(runAt),
        recorded: new Date(runAt),
        locked_by: null,
        attempts: 0,
      })),
    );
  });

  it("takes back what they waited for, which tells of the time before", async () => {
    const jobIds = await enqueue("reconcile");
    await query(
      "update blindagem_private.job_records set waiting_for = 'CNPJ.ws fora do ar; nova tentativa às 14:03'",
    );
    const runAt = new Date(Date.now() + 86_400_000).toISOString();
    await call("rescheduleJobs", { jobIds, runAt, reason });
    expect(await query("select waiting_for from blindagem_private.job_records")).toEqual([
      { waiting_for: null },
    ]);
  });
});

describe("an intervention is refused, and changes nothing", () => {
  const soon = () => new Date(Date.now() + 60_000).toISOString();
  const day = 86_400_000;

  it.each<[string, string, () => Record<string, unknown>, string]>([
    ["without a reason", "retryJobs", () => ({ filter: { task: "reconcile" } }), "BLD08"],
    ["without saying which", "cancelJobs", () => ({ reason }), "BLD04"],
    ["by an empty filter", "cancelJobs", () => ({ reason, filter: {} }), "BLD04"],
    [
      "by both",
      "cancelJobs",
      () => ({ reason, jobIds: ["1"], filter: { task: "reconcile" } }),
      "BLD04",
    ],
    ["by no ids", "cancelJobs", () => ({ reason, jobIds: [] }), "BLD04"],
    ["by an id that is not there", "cancelJobs", () => ({ reason, jobIds: ["999999"] }), "BLD03"],
    ["by a negative id", "cancelJobs", () => ({ reason, jobIds: ["-1"] }), "BLD03"],
    [
      "by 1,001 ids",
      "cancelJobs",
      () => ({ reason, jobIds: Array.from({ length: 1_001 }, (_, id) => String(id)) }),
      "BLD04",
    ],
    [
      "for a task that is none",
      "cancelJobs",
      () => ({ reason, filter: { task: "pay_out" } }),
      "BLD04",
    ],
    [
      "for a state that is none",
      "cancelJobs",
      () => ({ reason, filter: { state: "LOST" } }),
      "BLD04",
    ],
    ["for running jobs", "cancelJobs", () => ({ reason, filter: { state: "RUNNING" } }), "BLD04"],
    [
      "for an organization that is not there",
      "cancelJobs",
      () => ({ reason, filter: { organizationId: "424242" } }),
      "BLD03",
    ],
    [
      "for a text of the error that meets all",
      "retryJobs",
      () => ({ reason, filter: { error: "" } }),
      "BLD04",
    ],
    [
      "for jobs of a time to come",
      "retryJobs",
      () => ({ reason, filter: { enqueuedBefore: soon() } }),
      "BLD04",
    ],
    [
      "to a time gone by",
      "rescheduleJobs",
      () => ({
        reason,
        filter: { task: "reconcile" },
        runAt: new Date(Date.now() - day).toISOString(),
      }),
      "BLD04",
    ],
    [
      "to a time in years",
      "rescheduleJobs",
      () => ({
        reason,
        filter: { task: "reconcile" },
        runAt: new Date(Date.now() + 400 * day).toISOString(),
      }),
      "BLD04",
    ],
    [
      "to no time",
      "rescheduleJobs",
      () => ({ reason, filter: { task: "reconcile" }, runAt: "infinity" }),
      "BLD04",
    ],
  ])("%s", async (_, name, input, code) => {
    await enqueue("reconcile");
    const before = await query("select count(*)::int as n from blindagem.job_interventions");
    expect(await call(name, input())).toMatch(new RegExp(`^${code}`));
    expect(await states()).toEqual(["WAITING"]);
    expect(await query("select count(*)::int as n from blindagem.job_interventions")).toEqual(
      before,
    );
  });

  it("by anyone but an operator", async () => {
    const ids = await enqueue("reconcile");
    for (const person of ["admin", "reviewer", "otto"] as const) {
      expect(await call("cancelJobs", { jobIds: ids, reason }, person)).toMatch(/^BLD02/);
    }
    for (const person of ["sindico", "auditor"] as const) {
      expect(await call("cancelJobs", { jobIds: ids, reason }, person)).toMatch(/^BLD0/);
    }
    expect(await states()).toEqual(["WAITING"]);
  });

  it("by a field of the filter that is none", async () => {
    expect(await call("cancelJobs", { reason, filter: { everything: true } })).toMatch(/^BLD04/);
  });
});

describe("deadLetters", () => {
  const LETTERS = `{ deadLetters(first: 5) { nodes { jobId task cause lastError payload } } }`;
  const seenBy = async (person: Person) =>
    pick((await fixture.graphql(person, LETTERS)).body, "data", "deadLetters", "nodes");

  it("are seen by operators, and by tenants their own without the payload", async () => {
    const [jobId = ""] = await enqueue("reconcile", 1, { condominiumId: "1" });
    await failAll("down");
    const letter = { jobId, task: "reconcile", cause: "ATTEMPTS", lastError: "down" };
    expect(await seenBy("operator")).toEqual([
      { ...letter, payload: expect.objectContaining({ condominiumId: "1" }) },
    ]);
    expect(await seenBy("admin")).toEqual([{ ...letter, payload: null }]);
    expect(await seenBy("otto")).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { Job, JobHelpers, Task } from "graphile-worker";
import pg from "pg";
import { cnpjCheckDigits } from "../../src/identifiers/cnpj.ts";
import { claimAndEnqueue } from "../../src/queue/enqueue.ts";
import { useServices } from "../../src/services.ts";
import { companyFromCnpjWs } from "../../src/suppliers/company.ts";
import cnpjLookup from "../../tasks/cnpj_lookup.ts";
import ocrTriage from "../../tasks/ocr_triage.ts";
import validateExpenses from "../../tasks/validate_expenses.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import {
  type Administradora,
  createAdministradora,
  readingOf,
  registryBody,
  runAll,
  standingOf,
} from "../tasks/administradora.ts";
import { emptyQueue, servicesOf } from "../tasks/task-run.ts";

jest.setTimeout(120_000);

const now = new Date("2026-11-05T15:00:00Z");

let database: TestDatabase;
let house: Administradora;
let observer: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  observer = new pg.Client({ connectionString: database.url("worker") });
  await observer.connect();
  useServices(
    servicesOf({
      clock: () => now,
      registry: {
        lookup: async (cnpj) => {
          const company = companyFromCnpjWs(registryBody(cnpj));
          if ("unreadable" in company) throw new Error(company.unreadable);
          return { kind: "FOUND", company, raw: registryBody(cnpj) };
        },
      },
      documents: {
        put: async () => undefined,
        has: async () => true,
        get: async () => Buffer.from("bytes"),
        remove: async () => undefined,
      },
      receipts: { read: async () => reading, close: async () => undefined },
    }),
  );
});
afterAll(async () => {
  await observer.end();
  await database.drop();
});

let reading = readingOf({});

/**
 * A task that runs on a session of its own and stops before each statement that matters to the other side, until the
 * test lets it go on.
 */
class Side {
  readonly #client: pg.Client;
  readonly #stops: RegExp;
  #mayGo = 0;
  #waiting: (() => void) | undefined;
  #pid = 0;
  isDone = false;
  outcome: Promise<void> = Promise.resolve();

  constructor(stops: RegExp) {
    this.#stops = stops;
    this.#client = new pg.Client({ connectionString: database.url("worker") });
  }

  async start(task: Task, job: Job): Promise<void> {
    await this.#client.connect();
    const { rows } = await this.#client.query<{ pid: number }>("select pg_backend_pid() as pid");
    this.#pid = rows[0]?.pid ?? 0;
    const stepped = new Proxy(this.#client, {
      get: (client, name) =>
        name === "query"
          ? async (query: string | { text: string }, values?: unknown[]) => {
              const text = typeof query === "string" ? query : query.text;
              if (this.#stops.test(text)) await this.#stop();
              return typeof query === "string" ? client.query(query, values) : client.query(query);
            }
          : Reflect.get(client, name, client),
    });
    const helpers = {
      job,
      abortSignal: new AbortController().signal,
      withPgClient: (use: (client: pg.Client) => unknown) => use(stepped),
    } as unknown as JobHelpers;
    this.outcome = Promise.resolve(task(job.payload, helpers))
      .then(() => undefined)
      .finally(() => {
        this.isDone = true;
      });
    this.outcome.catch(() => undefined);
    await this.settled();
  }

  /** Lets it go past one stop. */
  async step(): Promise<void> {
    if (this.#waiting) {
      const go = this.#waiting;
      this.#waiting = undefined;
      go();
    } else this.#mayGo += 1;
    await this.settled();
  }

  /** Until it stands at a stop, waits for a lock of the other, or is done. */
  async settled(): Promise<void> {
    while (!this.isDone && !this.#waiting) {
      const { rowCount } = await observer.query(
        "select where cardinality(pg_blocking_pids($1)) > 0",
        [this.#pid],
      );
      if (rowCount) return;
    }
  }

  async end(): Promise<void> {
    await this.#client.end();
  }

  async #stop(): Promise<void> {
    if (this.#mayGo > 0) {
      this.#mayGo -= 1;
      return;
    }
    await new Promise<void>((resolve) => {
      this.#waiting = resolve;
    });
  }
}

/** Every order in which the steps of two sides can come, each side's own order kept. */
function interleavings(facts: number, validations: number): string[] {
  if (facts === 0) return ["V".repeat(validations)];
  if (validations === 0) return ["F".repeat(facts)];
  return [
    ...interleavings(facts - 1, validations).map((rest) => `F${rest}`),
    ...interleavings(facts, validations - 1).map((rest) => `V${rest}`),
  ];
}

/** The library's rows of the two jobs, fetched by two pools. */
async function fetched(): Promise<{ fact: Job; validation: Job }> {
  await observer.query(
    `update graphile_worker._private_jobs j set attempts = 1, locked_at = now(), locked_by = 'pool-' || t.identifier
     from graphile_worker._private_tasks t
     where t.id = j.task_id and t.identifier in ('cnpj_lookup', 'ocr_triage', 'validate_expenses')`,
  );
  const { rows } = await observer.query<Job>(
    `select j.*, t.identifier as task_identifier from graphile_worker._private_jobs j
     join graphile_worker._private_tasks t on t.id = j.task_id where j.locked_by is not null`,
  );
  const validation = rows.find((job) => job.task_identifier === "validate_expenses");
  const fact = rows.find((job) => job.task_identifier !== "validate_expenses");
  if (!validation || !fact) throw new Error("One of the two jobs is missing.");
  return { fact, validation };
}

/** Runs both sides in that order, takes their jobs out of the queue, and works off what they left. */
async function run(order: string, task: Task): Promise<void> {
  await observer.query(
    "delete from graphile_worker._private_jobs where task_id = (select id from graphile_worker._private_tasks where identifier = 'reconcile_batch')",
  );
  const jobs = await fetched();
  // The fact's first transaction only asks whether it is known: what comes after the answer counts.
  const fact = new Side(
    /insert into blindagem\.(companies|document_readings)|delete from blindagem_private\.work_claims|enqueue_jobs|^commit/,
  );
  const validation = new Side(/blindagem\.companies|claim_and_enqueue|^commit/);
  await fact.start(task, jobs.fact);
  // Past the commit of the first transaction, to the storing of the answer.
  await fact.step();
  await validation.start(validateExpenses, jobs.validation);
  const sides = { F: fact, V: validation };
  for (const step of order) await sides[step === "F" ? "F" : "V"].step();
  for (let rest = 0; rest < 20 && !(fact.isDone && validation.isDone); rest++) {
    if (!fact.isDone) await fact.step();
    if (!validation.isDone) await validation.step();
  }
  await Promise.all([fact.outcome, validation.outcome]);
  await Promise.all([fact.end(), validation.end()]);
  await observer.query("delete from graphile_worker._private_jobs where locked_by is not null");
  await runAll(database);
}

/** All of them by `npm run chaos`; every fourth in `npm test`. */
const ORDERS = interleavings(4, 3).filter((_, index) => process.env.CHAOS || index % 4 === 0);

let made = 0;

/** Each order has a supplier and a document of its own. */
function next(): { cnpj: string; sha256: string } {
  made += 1;
  const base = `3${String(made).padStart(11, "0")}`;
  return { cnpj: base + cnpjCheckDigits(base), sha256: made.toString(16).padStart(64, "e") };
}

describe("a fact that arrives while an expense that waits for it is validated", () => {
  it.each(ORDERS)("is never lost, for a look-up: %s", async (order) => {
    await emptyQueue(database);
    const { cnpj } = next();
    const [expense = ""] = await house.submit({ condominium: "SOL", payeeDocument: cnpj });
    await claimAndEnqueue(observer, [{ task: "cnpj_lookup", subject: cnpj, payload: { cnpj } }]);
    await run(order, cnpjLookup);
    expect(await standingOf(database, expense)).toMatchObject({ status: "APPROVED", decisions: 1 });
    expect(await left()).toEqual({ jobs: 0, claims: 0 });
  });

  it.each(ORDERS)("is never lost, for a reading: %s", async (order) => {
    await emptyQueue(database);
    const { sha256 } = next();
    reading = readingOf({ amount: "1500.00" });
    await house.upload(sha256, `${sha256}.pdf`);
    await observer.query("delete from graphile_worker._private_jobs");
    await observer.query("delete from blindagem_private.work_claims");
    const [expense = ""] = await house.submit({
      condominium: "SOL",
      payeeDocument: "11222333000181",
      grossAmount: "1500.00",
      documents: [{ sha256 }],
    });
    await claimAndEnqueue(observer, [{ task: "ocr_triage", subject: sha256, payload: { sha256 } }]);
    await run(order, ocrTriage);
    expect(await standingOf(database, expense)).toMatchObject({ decisions: 1 });
    expect(await left()).toEqual({ jobs: 0, claims: 0 });
  });
});

async function left(): Promise<{ jobs: number; claims: number }> {
  const { rows } = await observer.query<{ jobs: number; claims: number }>(
    `select (select count(*)::int from graphile_worker._private_jobs) as jobs,
       (select count(*)::int from blindagem_private.work_claims) as claims`,
  );
  return rows[0] ?? { jobs: -1, claims: -1 };
}

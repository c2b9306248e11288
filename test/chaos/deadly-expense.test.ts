import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { sealAll } from "../audit/seal-all.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf } from "../database/world.ts";
import { type Administradora, createAdministradora, standingOf } from "../tasks/administradora.ts";
import { waitFor } from "../wait-for.ts";
import { decisionsOf } from "./decisions.ts";
import { type HeldRegistry, startHeldRegistry } from "./held-registry.ts";
import { type WorkerProcesses, workerProcesses } from "./worker-processes.ts";

jest.setTimeout(180_000);

/** What poison.ts makes a worker die of. */
const POISON = "POISON";
const SUPPLIER = cnpjOf(1);
const POISONED = {
  NODE_OPTIONS: `--import=${new URL("poison.ts", import.meta.url).href}`,
  WORKER_CONCURRENCY: "8",
};

let database: TestDatabase;
let house: Administradora;
let registry: HeldRegistry;
let workers: WorkerProcesses;
beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  await query(
    `insert into blindagem.companies (cnpj, state, name, status, main_cnae, source, source_date)
     values ($1, 'FOUND', 'Elevadores Exemplo', 'Ativa', '4329103', 'MIRROR', current_date)`,
    [SUPPLIER],
  );
  registry = await startHeldRegistry();
  registry.open();
  workers = workerProcesses(database, registry.url);
});
afterEach(() => workers.killAll());
afterAll(async () => {
  await registry.close();
  await database.drop();
});

async function query(text: string, values: unknown[] = []) {
  return (await database.pool("worker").query(text, values)).rows;
}

/** What the log has of an expense, and whether a valid intent covers it. (This test submits without one.) */
async function changesOf(expense: string) {
  await sealAll(database);
  const { rows } = await database.pool("migrator").query(
    `select operation, actor_id, u.record_id is null as "isAttested"
     from blindagem_audit.records r left join blindagem_audit.unattested_records u on u.record_id = r.id
     where entity_type = 'expenses' and split_part(entity_id, '/', 2) = $1 order by r.id`,
    [expense],
  );
  return rows;
}

/** Waits until no job is left, running or waiting, of the submitted expenses. */
async function untilQuiet(): Promise<void> {
  await waitFor(
    "all jobs to be done",
    async () =>
      (
        await query(
          `select from blindagem_private.job_records
           where task in ('validate_expenses', 'review_deadly_expense') and state in ('WAITING', 'RUNNING')`,
        )
      ).length === 0,
    150_000,
  );
}

describe("an expense that kills whatever process reads it", () => {
  it("ends with people, alone: the others of its chunk, and those beside it, are decided once", async () => {
    const row = { condominium: "SOL", payeeDocument: SUPPLIER };
    // Two chunks, which run at the same time: the second is beside the killer, and holds nothing that kills.
    const rows = Array.from({ length: 500 }, (_, index) =>
      index === 100 ? { ...row, externalId: POISON } : row,
    );
    const submitted = await house.submit(...rows);
    const [{ killer }] = await query(
      "select id::text as killer from blindagem.expenses where external_id = $1",
      [POISON],
    );
    const expenses = submitted.filter((id) => id !== killer);
    await workers.keepOne(POISONED);
    await untilQuiet();

    expect(await standingOf(database, killer)).toEqual({
      status: "MANUAL_REVIEW",
      codes: ["UNDECIDABLE"],
      reviews: ["EXPENSE OPEN"],
      decisions: 0,
    });
    expect(await decisionsOf(database, expenses)).toEqual(expenses.map(() => 1));
    expect(
      await query("select distinct status from blindagem.expenses where id <> $1", [killer]),
    ).toEqual([{ status: "APPROVED" }]);
    expect(
      await query(
        // Where it takes until cron looks, that no sealing process lives is a dead letter, too.
        `select task, cause, deaths, payload->'expenseIds' as expenses, resolution
         from blindagem_private.dead_letters where task <> 'seal_audit_log'`,
      ),
    ).toEqual([
      {
        task: "validate_expenses",
        cause: "DEATHS",
        deaths: 3,
        expenses: [killer],
        resolution: null,
      },
    ]);
    expect(
      await house.as(
        "admin",
        "select pending::int, approved::int, manual_review::int from blindagem.batch_progress",
      ),
    ).toEqual([{ pending: 0, approved: 499, manual_review: 1 }]);
    expect(
      await house.as(
        "admin",
        `select state, count(*)::int from blindagem.background_jobs
         where task in ('validate_expenses', 'review_deadly_expense') and state <> 'FINISHED' group by 1`,
      ),
    ).toEqual([{ state: "FAILED", count: 1 }]);
    expect(await changesOf(killer)).toEqual([
      { operation: "INSERT", isAttested: false, actor_id: expect.stringContaining("person:") },
      { operation: "UPDATE", isAttested: true, actor_id: "system:review_deadly_expense" },
    ]);
  });
});

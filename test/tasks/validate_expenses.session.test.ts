import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { useServices } from "../../src/services.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf } from "../database/world.ts";
import {
  type Administradora,
  createAdministradora,
  passTime,
  runAll,
  standingOf,
} from "./administradora.ts";
import { queuedJobs, servicesOf } from "./task-run.ts";

const SUPPLIER = cnpjOf(1);

let database: TestDatabase;
let house: Administradora;
beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  useServices(servicesOf({ clock: () => new Date() }));
  await database.pool("worker").query(
    `insert into blindagem.companies (cnpj, state, name, status, main_cnae, source, source_date)
     values ($1, 'FOUND', 'Elevadores Exemplo', 'Ativa', '4329103', 'MIRROR', current_date)`,
    [SUPPLIER],
  );
});
afterAll(() => database.drop());

/** As a statement would that the server's process dies of: whoever decides this expense loses the session. */
async function endSessionsOf(expenseId: string): Promise<void> {
  const client = await database.pool("migrator").connect();
  await client.query(`set role ${database.prefix}_owner`);
  await client.query(
    `create function blindagem_private.end_session() returns trigger language plpgsql as
     $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$`,
  );
  await client.query(
    `create trigger end_session before insert on blindagem.decisions for each row
     when (new.expense_id = ${expenseId}) execute function blindagem_private.end_session()`,
  );
  await client.query("reset role");
  client.release();
}

describe("an expense that ends the database's sessions", () => {
  it("holds up none of its chunk, and goes to people alone, with a dead letter that no fact wakes", async () => {
    const expenses = await house.submit(
      ...Array.from({ length: 20 }, () => ({ condominium: "SOL", payeeDocument: SUPPLIER })),
    );
    const [killer = "", ...others] = expenses;
    await endSessionsOf(killer);
    const stands = async (ids: readonly string[]) =>
      new Set((await Promise.all(ids.map((id) => standingOf(database, id)))).map((s) => s.status));

    // The chunk, the piece, then each alone.
    for (let run = 0; run < 3; run++) {
      await runAll(database);
      await passTime(database);
    }
    expect(await stands(others)).toEqual(new Set(["APPROVED"]));
    for (let run = 0; run < 5; run++) {
      await runAll(database);
      await passTime(database);
    }
    expect(await standingOf(database, killer)).toMatchObject({
      status: "MANUAL_REVIEW",
      codes: ["UNDECIDABLE"],
      decisions: 0,
    });
    expect((await queuedJobs(database)).filter(({ task }) => task === "validate_expenses")).toEqual(
      [],
    );
    const { rows } = await database.pool("worker").query(
      `select d.payload->'expenseIds' as ids, d.cause, d.last_error as error, r.state,
         (select status_reasons->0->'evidence'->>'cause' from blindagem.expenses e where e.id = $1) as told
       from blindagem_private.dead_letters d join blindagem_private.job_records r on r.id = d.record_id`,
      [killer],
    );
    expect(rows).toEqual([
      {
        ids: [killer],
        cause: "DEATHS",
        error: expect.stringContaining("terminating connection"),
        state: "FAILED",
        told: "o banco de dados encerrou a sessão cada vez que a despesa foi validada",
      },
    ]);
  });
});

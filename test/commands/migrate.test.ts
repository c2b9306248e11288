import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { INTENT_KEY } from "../audit/test-keys.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { commandRunner, environmentOf } from "./run-command.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Runs the command as after another version: what it leaves is written down. The newest record that it made. */
async function migrate(variables: Record<string, string>) {
  const owner = database.pool("migrator");
  await owner.query(
    `update graphile_migrate.migrations set hash = hash || '+'
     where filename = (select max(filename) from graphile_migrate.migrations)`,
  );
  const environment = environmentOf(database, { STATE_DIRECTORY: "/nonexistent", ...variables });
  const { status, stdout } = await commandRunner(environment)("migrate");
  const { rows } = await owner.query(
    `select action, actor_id from blindagem_audit.audit_log_immutable
     where entity_type = 'definitions' order by id desc limit 1`,
  );
  return { status, stdout, record: rows[0] };
}

describe("blindagem migrate", () => {
  it("signs for what it writes with INTENT_KEY", async () => {
    expect(await migrate({ INTENT_KEY })).toEqual({
      status: 0,
      stdout: "O esquema está atualizado.\n",
      record: { action: "INSERT", actor_id: "system:migrate" },
    });
  });

  it("says what it means to have none", async () => {
    expect(await migrate({ INTENT_KEY: "" })).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^O esquema está atualizado.\n.*INTENT_KEY.*OUT_OF_BAND/),
      record: { action: "OUT_OF_BAND", actor_id: null },
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { type Asker, ask, createTenant, type Tenant } from "./world.ts";

let database: TestDatabase;
let ours: Tenant;
let theirs: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  ours = await createTenant(database);
  theirs = await createTenant(database);
});
afterAll(() => database.drop());

/** Runs `use` as the role that writes accesses down, for that auditor. */
async function asAccessLog<T>(
  auditor: Asker,
  requestId: string,
  use: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await database.pool("authenticator").connect();
  try {
    await client.query("begin");
    await client.query(`set local role ${database.prefix}_access_log`);
    const settings = {
      role: "auditor",
      reason: "Teste",
      request_id: requestId,
      ...auditor.settings,
    };
    for (const [name, value] of Object.entries(settings)) {
      await client.query("select set_config($1, $2, true)", [`blindagem.${name}`, value]);
    }
    const result = await use(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

const record = (auditor: Asker, requestId: string) =>
  asAccessLog(auditor, requestId, (client) =>
    client.query("select blindagem_private.record_access($1, null, $2, $3, $4)", [
      ...["query auditLog", "{ auditLog(filter: $f) { nodes { id } } }"],
      ...[JSON.stringify({ f: { entityId: { equalTo: "7/8" } } }), ["7/8"]],
    ]),
  );

const accesses = (asker: Asker, requestId: string) =>
  ask<Record<string, unknown>>(
    database,
    asker,
    `select organization_id, condominium_id, grant_id is null as unscoped, variables, entity_ids
     from blindagem.auditor_accesses where request_id = $1 order by id`,
    [requestId],
  );

describe("record_access", () => {
  it("writes down who asked what under which grant, for the auditor and the administradora's admins", async () => {
    await record(ours.askers.auditor, "one-grant");
    const told = [
      {
        organization_id: ours.organizationId,
        condominium_id: null,
        unscoped: false,
        variables: { f: { entityId: { equalTo: "7/8" } } },
        entity_ids: ["7/8"],
      },
    ];
    expect(await accesses(ours.askers.auditor, "one-grant")).toEqual(told);
    expect(await accesses(ours.askers.admin, "one-grant")).toEqual(told);
    expect(await accesses(theirs.askers.admin, "one-grant")).toEqual([]);
    expect(await accesses(ours.askers.conselho, "one-grant")).toEqual([]);
  });

  it("tells the condominium's administradora of the conselho's look-ups", async () => {
    await record(ours.askers.conselho, "conselho");
    expect(await accesses(ours.askers.admin, "conselho")).toMatchObject([
      { organization_id: null, condominium_id: ours.condominiumId, entity_ids: ["7/8"] },
    ]);
  });

  it("tells neither of two administradoras what their common auditor asked of the other", async () => {
    const owner = database.pool("migrator");
    const auditor = theirs.askers.auditor;
    await owner.query(
      "insert into blindagem.grants (person_id, role, condominium_id) values ($1, 'auditor', $2)",
      [auditor.settings.person_id, ours.condominiumId],
    );
    await record(auditor, "two-tenants");
    const names = { variables: { f: null }, entity_ids: [] };
    expect(await accesses(ours.askers.admin, "two-tenants")).toMatchObject([
      { condominium_id: ours.condominiumId, ...names },
    ]);
    expect(await accesses(theirs.askers.admin, "two-tenants")).toMatchObject([
      { organization_id: theirs.organizationId, ...names },
    ]);
    const own = await accesses(auditor, "two-tenants");
    expect(own).toHaveLength(3);
    expect(own).toContainEqual({
      organization_id: null,
      condominium_id: null,
      unscoped: true,
      variables: { f: { entityId: { equalTo: "7/8" } } },
      entity_ids: ["7/8"],
    });
  });

  it("refuses an auditor without a grant", async () => {
    const nobody = { ...ours.askers.auditor, settings: ours.askers.admin.settings };
    await expect(record(nobody, "nobody")).rejects.toMatchObject({ code: "BLD02" });
  });

  it("is itself in the log, by the auditor's name", async () => {
    const { rows } = await database.pool("migrator").query(
      `select actor_id, actor_role, organization_id from blindagem_audit.records
       where entity_type = 'auditor_accesses' and new_state->>'request_id' = 'one-grant'`,
    );
    expect(rows).toEqual([
      {
        actor_id: ours.askers.auditor.settings.actor_id,
        actor_role: "auditor",
        organization_id: ours.organizationId,
      },
    ]);
  });
});

describe("what was written down", () => {
  it("is not changed by its owner either, nor by the role that writes it", async () => {
    const statements = [
      "update blindagem.auditor_accesses set operation = 'nothing'",
      "delete from blindagem.auditor_accesses",
      "truncate blindagem.auditor_accesses",
    ];
    for (const statement of statements) {
      await expect(database.pool("migrator").query(statement)).rejects.toMatchObject({
        code: "BLD06",
      });
      const byWriter = asAccessLog(ours.askers.auditor, "change", (client) =>
        client.query(statement),
      );
      await expect(byWriter).rejects.toMatchObject({ code: "42501" });
    }
  });

  it("keeps its guards when triggers are told to play replica", async () => {
    const { rows } = await database.pool("migrator").query(
      `select distinct tgenabled as enabled from pg_trigger
       where tgrelid = 'blindagem.auditor_accesses'::regclass and not tgisinternal`,
    );
    expect(rows).toEqual([{ enabled: "A" }]);
  });

  it("is closed to operators and reviewers, and the writing role reads nothing", async () => {
    for (const role of ["operator", "reviewer", "integrator", "sindico"] as const) {
      const asking = database.asRequest(role, ours.askers.admin.settings, (client) =>
        client.query("select from blindagem.auditor_accesses"),
      );
      await expect(asking).rejects.toMatchObject({ code: "42501" });
    }
    for (const table of ["auditor_accesses", "expenses", "grants", "people"]) {
      const reading = asAccessLog(ours.askers.auditor, "read", (client) =>
        client.query(`select from blindagem.${table}`),
      );
      await expect(reading).rejects.toMatchObject({ code: "42501" });
    }
  });
});

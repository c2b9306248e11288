import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { exportBundle } from "../../src/audit/bundle/export.ts";
import { proveRecord } from "../../src/audit/prove-record.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { type Asker, ask, createTenant, type Tenant } from "../database/world.ts";
import { sealAll } from "./seal-all.ts";
import { testKeys } from "./test-keys.ts";

jest.setTimeout(60_000);

let database: TestDatabase;
let parent: string;
let ours: Tenant;
/** Another condominium of the same administradora. */
let neighbour: string;
beforeAll(async () => {
  database = await createTestDatabase();
  parent = await mkdtemp(join(tmpdir(), "blindagem-grants-"));
  ours = await createTenant(database);
  await createTenant(database);
  const [created] = await ask<{ id: string }>(
    database,
    ours.askers.admin,
    "select id from blindagem.create_condominium('Edifício Vizinho', 'VIZINHO', null)",
  );
  neighbour = created?.id ?? "";
  await sealAll(database);
});
afterAll(async () => {
  await database.drop();
  await rm(parent, { recursive: true });
});

interface Seen {
  id: string;
  condominium_id: string | null;
  organization_id: string | null;
}

/** Of the records that belong to some tenant: the others are for everybody. */
const seenBy = (asker: Asker) =>
  ask<Seen>(
    database,
    asker,
    `select id, condominium_id, organization_id from blindagem.audit_log
     where condominium_id is not null or organization_id is not null`,
  );

const recordOf = async (condominiumId: string) => {
  const { rows } = await database.pool("migrator").query<{ id: string }>(
    `select max(id) as id from blindagem_audit.audit_log_immutable
     where entity_type = 'condominiums' and condominium_id = $1`,
    [condominiumId],
  );
  return rows[0]?.id ?? "";
};

const prove = ({ role, settings }: Asker, recordId: string) =>
  database.asRequest(role, settings, (client) => proveRecord(client, recordId, testKeys));

let exports = 0;
const exported = ({ role, settings }: Asker, condominiumIds?: string[]) =>
  database.asRequest(role, settings, (client) => {
    exports += 1;
    return exportBundle(client, {
      directory: join(parent, `bundle-${exports}`),
      organizationId: ours.organizationId,
      condominiumIds,
      keys: testKeys,
      now: new Date(),
    });
  });

/** The conselho's grant from so many days from today to so many. */
async function grantLasts(from: number, to: number | null): Promise<void> {
  await database.pool("migrator").query(
    `update blindagem.grants set valid_from = blindagem_private.today() + $2::int, valid_to = blindagem_private.today() + $3::int
     where person_id = $1`,
    [ours.askers.conselho.settings.person_id, from, to],
  );
}

describe("an auditor's grant for one condominium", () => {
  it("confines the log to that building's records: none of the neighbour's, none of the administradora's own", async () => {
    const seen = await seenBy(ours.askers.conselho);
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen.map(({ condominium_id }) => condominium_id))).toEqual(
      new Set([ours.condominiumId]),
    );
    const whole = await seenBy(ours.askers.auditor);
    expect(new Set(whole.map(({ condominium_id }) => condominium_id))).toEqual(
      new Set([ours.condominiumId, neighbour, null]),
    );
  });

  it("confines proofs", async () => {
    const { conselho } = ours.askers;
    const [own, other] = [await recordOf(ours.condominiumId), await recordOf(neighbour)];
    expect((await prove(conselho, own)).index).toBeGreaterThanOrEqual(0);
    await expect(prove(conselho, other)).rejects.toThrow(`O registro ${other} não existe`);
    expect((await prove(ours.askers.auditor, other)).index).toBeGreaterThanOrEqual(0);
  });

  it("confines bundles", async () => {
    const { conselho, auditor } = ours.askers;
    await expect(exported(conselho, [neighbour])).rejects.toThrow(
      `O condomínio ${neighbour} não existe`,
    );
    const [own, all] = [await exported(conselho), await exported(auditor)];
    expect(own.records).toBeGreaterThan(0);
    expect(own.records).toBeLessThan(all.records);
  });

  it.each([
    ["has not begun", 1, null],
    ["has ended", -10, -1],
    ["ends today, its first day without", -10, 0],
  ] as const)("shows nothing when it %s", async (_, from, to) => {
    const { conselho } = ours.askers;
    await grantLasts(from, to);
    try {
      expect(await seenBy(conselho)).toEqual([]);
      await expect(prove(conselho, await recordOf(ours.condominiumId))).rejects.toThrow(
        "não existe",
      );
      await expect(exported(conselho, [ours.condominiumId])).rejects.toThrow("não existe");
      expect(await ask(database, conselho, "select from blindagem.closings")).toEqual([]);
    } finally {
      await grantLasts(-1, null);
    }
    expect((await seenBy(conselho)).length).toBeGreaterThan(0);
  });

  it("shows on its first and its last day", async () => {
    await grantLasts(0, 1);
    try {
      expect((await seenBy(ours.askers.conselho)).length).toBeGreaterThan(0);
    } finally {
      await grantLasts(-1, null);
    }
  });

  it.each(["infinity", "-infinity", "2020-01-01"])("is not given until %s", async (until) => {
    const grant = "select blindagem.grant_role('nova', 'Nova', null, 'auditor', $1, $2)";
    await expect(
      ask(database, ours.askers.admin, grant, [ours.condominiumId, until]),
    ).rejects.toMatchObject({ code: "BLD04" });
  });
});

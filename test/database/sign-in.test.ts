import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { ask, createTenant, type Tenant } from "./world.ts";

let database: TestDatabase;
let tenant: Tenant;
let other: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
  other = await createTenant(database);
});
afterAll(() => database.drop());

const owner = (statement: string, values: unknown[] = []) =>
  database.pool("migrator").query(statement, values);

async function subjectOf(role: keyof Tenant["askers"]): Promise<string> {
  const { rows } = await owner("select subject from blindagem.people where id = $1", [
    tenant.askers[role].settings.person_id,
  ]);
  return rows[0]?.subject;
}

/** As the API asks before it takes a role. */
async function signIn(subject: string, role: string, organizationId: string | null = null) {
  const { rows } = await database
    .pool("authenticator")
    .query("select * from blindagem_private.sign_in($1, $2, $3)", [subject, role, organizationId]);
  return rows;
}

async function signInWithKey(key: string, onBehalfOf: string) {
  const { rows } = await database
    .pool("authenticator")
    .query(
      "select person_id, organization_id from blindagem_private.sign_in_with_key(encode(sha256($1::bytea), 'hex'), $2)",
      [key, onBehalfOf],
    );
  return rows;
}

describe("sign_in", () => {
  it.each(["admin", "reviewer", "integrator"] as const)(
    "knows a %s and the organization",
    async (role) => {
      const person = { person_id: tenant.askers[role].settings.person_id };
      expect(await signIn(await subjectOf(role), role)).toEqual([
        { ...person, organization_id: tenant.organizationId },
      ]);
      expect(await signIn(await subjectOf(role), role, other.organizationId)).toEqual([]);
    },
  );

  it.each([
    ["sindico", "sindico"],
    ["auditor", "auditor"],
    ["conselho", "auditor"],
  ] as const)("knows a %s by the grant, without organization", async (asker, role) => {
    expect(await signIn(await subjectOf(asker), role)).toEqual([
      { person_id: tenant.askers[asker].settings.person_id, organization_id: null },
    ]);
  });

  it("gives no role that is not theirs, and knows no strangers", async () => {
    expect(await signIn(await subjectOf("reviewer"), "admin")).toEqual([]);
    expect(await signIn(await subjectOf("conselho"), "sindico")).toEqual([]);
    expect(await signIn(await subjectOf("admin"), "operator")).toEqual([]);
    expect(await signIn("nobody", "admin")).toEqual([]);
  });

  it("gives a role from its first day to the day before its end", async () => {
    const subject = await subjectOf("reviewer");
    const span = async (from: string, to: string) => {
      await owner(
        `update blindagem.members set valid_from = blindagem_private.today() + $2::int, valid_to = blindagem_private.today() + $3::int
         where person_id = $1`,
        [tenant.askers.reviewer.settings.person_id, from, to],
      );
      return (await signIn(subject, "reviewer")).length;
    };
    expect(await span("-10", "0")).toBe(0);
    expect(await span("-10", "1")).toBe(1);
    expect(await span("0", "1")).toBe(1);
    expect(await span("1", "2")).toBe(0);
  });

  it("gives no role any more from the moment that it is ended, also on its first day", async () => {
    const inRole = async (subject: string, role: string) => (await signIn(subject, role)).length;
    const idOf = async (call: string) => {
      const [row] = await ask<{ id: string }>(
        database,
        tenant.askers.admin,
        `select id from ${call}`,
      );
      return row?.id;
    };
    const end = (call: string, id: string | undefined) =>
      ask(database, tenant.askers.admin, `select blindagem.${call}($1, 'Incluído por engano')`, [
        id,
      ]);

    const member = await idOf("blindagem.add_member('nova', 'Nova', null, 'reviewer')");
    expect(await inRole("nova", "reviewer")).toBe(1);
    await end("end_membership", member);
    expect(await inRole("nova", "reviewer")).toBe(0);
    await expect(end("end_membership", member)).rejects.toMatchObject({ code: "BLD03" });

    const grant = await idOf("blindagem.grant_role('nova', 'Nova', null, 'auditor')");
    expect(await inRole("nova", "auditor")).toBe(1);
    await end("end_grant", grant);
    expect(await inRole("nova", "auditor")).toBe(0);
    await expect(end("end_grant", grant)).rejects.toMatchObject({ code: "BLD03" });

    // Not for ever: who was taken off may be given the role again, on the same day too.
    await idOf("blindagem.add_member('nova', 'Nova', null, 'reviewer')");
    expect(await inRole("nova", "reviewer")).toBe(1);
  });

  it("gives several rows to a member of several organizations: the token must name one", async () => {
    await owner(
      "insert into blindagem.members (organization_id, person_id, role) values ($1, $2, 'admin')",
      [other.organizationId, tenant.askers.admin.settings.person_id],
    );
    expect(await signIn(await subjectOf("admin"), "admin")).toHaveLength(2);
    expect(await signIn(await subjectOf("admin"), "admin", other.organizationId)).toHaveLength(1);
  });
});

describe("sign_in_with_key", () => {
  async function makeKey(): Promise<{ id: string; key: string }> {
    const [made] = await ask<{ id: string; key: string }>(
      database,
      tenant.askers.admin,
      "select * from blindagem.create_api_key('ERP')",
    );
    if (!made) throw new Error("no key was made");
    return made;
  }

  it("knows the organization of the key, and the member on whose behalf it comes", async () => {
    const { key } = await makeKey();
    expect(await signInWithKey(key, await subjectOf("integrator"))).toEqual([
      {
        person_id: tenant.askers.integrator.settings.person_id,
        organization_id: tenant.organizationId,
      },
    ]);
  });

  it("refuses other keys, people of other organizations, and keys that are revoked", async () => {
    const { id, key } = await makeKey();
    const subject = await subjectOf("integrator");
    expect(await signInWithKey(`${key}x`, subject)).toEqual([]);
    const { rows } = await owner("select subject from blindagem.people where id = $1", [
      other.askers.integrator.settings.person_id,
    ]);
    expect(await signInWithKey(key, rows[0]?.subject)).toEqual([]);
    await ask(database, tenant.askers.admin, "select blindagem.revoke_api_key($1, 'Trocada')", [
      id,
    ]);
    expect(await signInWithKey(key, subject)).toEqual([]);
  });
});

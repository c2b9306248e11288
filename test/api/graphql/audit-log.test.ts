import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ApiFixture, expenseRow, pick, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

const RECORDS = `query ($type: String!) {
  auditLog(filter: { entityType: { equalTo: $type } }, orderBy: ID_DESC, first: 10) {
    nodes { recordedAt entityType entityId action actorId actorRole onBehalfOf previousState newState metadata }
  }
}`;

async function lastRecord(entityType: string): Promise<unknown> {
  const { body } = await fixture.graphql("auditor", RECORDS, { type: entityType });
  expect(pick(body, "errors")).toBeUndefined();
  return pick(body, "data", "auditLog", "nodes", 0);
}

async function personId(subject: string): Promise<string> {
  const { rows } = await fixture.database
    .pool("migrator")
    .query<{ id: string }>("select id from blindagem.people where subject = $1", [subject]);
  return rows[0]?.id ?? "";
}

/** In a transaction of a session as of somebody with psql. @returns its login */
async function byHand(...statements: string[]): Promise<string[]> {
  const client = await fixture.database.pool("migrator").connect();
  try {
    await client.query("begin; set local application_name to 'psql'");
    for (const statement of statements) await client.query(statement);
    await client.query("commit");
    const { rows } = await client.query<{ login: string }>("select session_user as login");
    return rows.map(({ login }) => login);
  } finally {
    client.release();
  }
}

describe("the audit log in GraphQL", () => {
  it("tells who changed what, from which address and why", async () => {
    const set = (value: number) =>
      fixture.graphql(
        "admin",
        `mutation { setSetting(input: { name: "split_window_days", value: ${value}, reason: "ata de 3/11" }) { result { value } } }`,
      );
    await set(20);
    await set(25);
    expect(await lastRecord("settings")).toEqual({
      recordedAt: expect.any(String),
      entityType: "settings",
      entityId: `${fixture.ids.alfa}/split_window_days`,
      action: "UPDATE",
      actorId: `person:${await personId("ana")}`,
      actorRole: "admin",
      onBehalfOf: null,
      previousState: { value: "20" },
      newState: { value: "25" },
      metadata: expect.objectContaining({
        reason: "ata de 3/11",
        ip: "127.0.0.1",
        requestId: expect.any(String),
      }),
    });
  });

  it("names a submission, and the key with the person it acted for", async () => {
    const key = `bld_${"a1".repeat(32)}`;
    await fixture.database
      .pool("migrator")
      .query(
        "insert into blindagem.api_keys (organization_id, name, key_hash) values ($1, 'ERP', $2)",
        [fixture.ids.alfa, createHash("sha256").update(key).digest("hex")],
      );
    const answer = await fixture.request("/batch-expenses", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${key}`,
        "on-behalf-of": "ana",
      },
      body: JSON.stringify([expenseRow()]),
    });
    expect(answer.status).toBe(201);
    expect(await lastRecord("expenses")).toMatchObject({
      action: "SUBMIT",
      actorId: expect.stringMatching(/^api_key:\d+$/),
      actorRole: "integrator",
      onBehalfOf: `person:${await personId("ana")}`,
      previousState: null,
      newState: { status: "PENDING", gross_amount: "1234.56" },
    });
  });

  it("shows a change made by hand as OUT_OF_BAND, with the session's login, program and address", async () => {
    const [login] = await byHand("update blindagem.organizations set name = 'Hacked'");
    expect(await lastRecord("organizations")).toMatchObject({
      action: "OUT_OF_BAND",
      actorId: null,
      previousState: { name: "Alfa" },
      newState: { name: "Hacked" },
      metadata: { sessionLogin: login, applicationName: "psql", clientAddress: "127.0.0.1" },
    });
  });

  it("shows what was done by hand to everybody's to everybody, operators included", async () => {
    await byHand(
      `grant ${fixture.database.prefix}_owner to current_user`,
      `set local role ${fixture.database.prefix}_owner`,
      "truncate blindagem.retentions",
      "update blindagem.rules set source = 'Ninguém' where code = 'APPROVAL_LIMIT'",
    );
    const query = `{ auditLog(first: 2, orderBy: ID_DESC, filter: {
      action: { equalTo: "OUT_OF_BAND" }, entityType: { in: ["retentions", "rules"] } }) {
      nodes { entityType entityId organizationId condominiumId newState metadata } } }`;
    for (const person of ["admin", "reviewer", "sindico", "auditor", "otto", "operator"] as const) {
      const { body } = await fixture.graphql(person, query);
      expect(pick(body, "data", "auditLog", "nodes")).toEqual([
        expect.objectContaining({
          entityType: "rules",
          entityId: "APPROVAL_LIMIT/1",
          organizationId: null,
          condominiumId: null,
          newState: { source: "Ninguém" },
        }),
        expect.objectContaining({
          entityType: "retentions",
          entityId: "retentions",
          metadata: expect.objectContaining({ operation: "TRUNCATE", applicationName: "psql" }),
        }),
      ]);
    }
  });

  it("is the same for one record by its id", async () => {
    const { body } = await fixture.graphql(
      "admin",
      "{ auditLog(first: 1) { nodes { id action } } }",
    );
    const record = pick(body, "data", "auditLog", "nodes", 0);
    const one = await fixture.graphql(
      "admin",
      "query ($id: BigInt!) { auditRecord(id: $id) { id action } }",
      {
        id: pick(record, "id"),
      },
    );
    expect(pick(one.body, "data", "auditRecord")).toEqual(record);
  });
});

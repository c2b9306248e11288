import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { describeGraphqlAccess } from "../../src/api/graphql/describe-access.ts";
import { type ApiFixture, expenseRow, type Person, pick, startApi } from "./api-fixture.ts";
import { sealAll } from "./seal-all.ts";

const PDF = Buffer.from("%PDF-1.7\n%%EOF\n");
const SHA256 = createHash("sha256").update(PDF).digest("hex");

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
  await fixture.request("/batch-expenses", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([expenseRow({ documents: ["nf.pdf"] })]),
    person: "admin",
  });
  await fixture.request("/documents", {
    method: "POST",
    headers: { "content-type": "application/pdf", "x-file-name": "nf.pdf" },
    body: PDF,
    person: "admin",
  });
});
afterAll(() => fixture.close());

const ACCESSES = `query ($after: BigInt!) {
  auditorAccesses(first: 20, filter: { id: { greaterThan: $after } }) {
    nodes { id person { name } organizationId condominiumId operation operationName document variables entityIds }
  }
}`;

/** The accesses since the last call, as that person sees them. */
async function accesses(person: Person = "admin"): Promise<unknown[]> {
  const { body } = await fixture.graphql(person, ACCESSES, { after: String(seen) });
  expect(pick(body, "errors")).toBeUndefined();
  const nodes = pick(body, "data", "auditorAccesses", "nodes");
  return Array.isArray(nodes) ? nodes : [];
}
let seen = 0;
async function forget(): Promise<void> {
  const { rows } = await fixture.database
    .pool("migrator")
    .query<{ last: number }>(
      "select coalesce(max(id), 0)::int as last from blindagem.auditor_accesses",
    );
  seen = rows[0]?.last ?? 0;
}
afterEach(forget);

describe("what an auditor asks for", () => {
  it("is refused, and not written down, when its values are nested deeper than anybody asks", async () => {
    const ask = (levels: number) =>
      fixture.request("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: `{"query":"{ condominiums { nodes { id } } }","variables":{"x":${"[".repeat(levels)}1${"]".repeat(levels)}}}`,
        person: "auditor",
      });
    const refused = await ask(4000);
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain("100 níveis");
    expect(await accesses()).toEqual([]);
    expect(await ask(98)).toMatchObject({ status: 200 });
    expect(await accesses()).toHaveLength(1);
  });

  it("is written down with its values beside its text, for the administradora's admins", async () => {
    const query = `query Busca($type: String!) {
      auditLog(first: 7, filter: { entityType: { equalTo: $type }, entityId: { in: ["1/2", "1/3"] } }) { nodes { id } }
      expenseById(id: "12") { id }
    }`;
    const answer = await fixture.request("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables: { type: "expenses" }, operationName: "Busca" }),
      person: "auditor",
    });
    expect(answer).toMatchObject({ status: 200 });
    const [access, ...others] = await accesses();
    expect(others).toEqual([]);
    expect(access).toMatchObject({
      person: { name: "Nome" },
      organizationId: fixture.ids.alfa,
      condominiumId: null,
      operation: "query auditLog expenseById",
      operationName: "Busca",
      variables: { type: "expenses", 1: 7, 2: "1/2", 3: "1/3", 4: "12" },
      entityIds: ["1/2", "1/3", "12"],
    });
    expect(pick(access, "document")).toContain("in: [$2, $3]");
    expect(pick(access, "document")).not.toContain("1/2");
    expect(await accesses("otto")).toEqual([]);
  });

  it("is written down for documents, records and proofs, found or not, too", async () => {
    const { rows } = await fixture.database
      .pool("migrator")
      .query<{ id: string }>(
        "select id from blindagem_audit.audit_log_immutable where action = 'SUBMIT'",
      );
    await sealAll(fixture.database);
    const id = rows[0]?.id ?? "";
    for (const [target, status] of [
      [`/documents/${SHA256}`, 200],
      [`/audit/records/${id}/entry`, 200],
      [`/audit/records/${id}/proof`, 200],
      ["/audit/records/999999/entry", 404],
    ] as const) {
      expect(await fixture.request(target, { person: "auditor" })).toMatchObject({ status });
    }
    expect(await accesses()).toMatchObject([
      { operation: "GET /documents/:sha256", entityIds: [SHA256], document: null },
      { operation: "GET /audit/records/:id/entry", entityIds: [id] },
      { operation: "GET /audit/records/:id/proof", entityIds: [id] },
      { operation: "GET /audit/records/:id/entry", variables: { id: "999999" } },
    ]);
  });

  it("is not written down for others, nor for what is no request at all", async () => {
    await fixture.graphql("admin", "{ auditLog(first: 1) { nodes { id } } }");
    await fixture.request(`/documents/${SHA256}`, { person: "admin" });
    expect((await fixture.graphql("auditor", "{ auditLog(")).status).toBe(400);
    expect((await fixture.request("/nowhere", { person: "auditor" })).status).toBe(404);
    expect(await accesses()).toEqual([]);
  });

  it("is refused, and not asked to be tried again, where nobody could write it down", async () => {
    const nul = `a${String.fromCharCode(0)}`;
    const query =
      "query ($id: String!) { auditLog(filter: { entityId: { equalTo: $id } }) { nodes { id } } }";
    const error = { code: "BLD04", message: expect.stringContaining("caractere nulo") };
    expect(await fixture.graphql("auditor", query, { id: nul })).toMatchObject({
      status: 400,
      body: { errors: [{ message: error.message, extensions: { code: error.code } }] },
    });
    expect(await fixture.request("/audit/records/1%00/entry", { person: "auditor" })).toMatchObject(
      { status: 400, body: { error } },
    );
    const half = await fixture.graphql("auditor", query, { id: `a${String.fromCharCode(0xd800)}` });
    expect(pick(half.body, "errors", 0, "extensions", "code")).toBe("BLD04");
    expect(await accesses()).toEqual([]);
  });

  it("is a record of the log that the process signed for", async () => {
    await fixture.graphql("auditor", "{ reviews(first: 1) { nodes { id } } }");
    await sealAll(fixture.database);
    const { body } = await fixture.graphql(
      "admin",
      `{ auditLog(first: 1, orderBy: ID_DESC, filter: { entityType: { equalTo: "auditor_accesses" } }) {
          nodes { action actorId actorRole newState metadata } } }`,
    );
    expect(pick(body, "data", "auditLog", "nodes", 0)).toMatchObject({
      action: "INSERT",
      actorId: expect.stringMatching(/^person:\d+$/),
      actorRole: "auditor",
      newState: { operation: "query reviews" },
      metadata: { reason: "query reviews" },
    });
  });

  it("is not for operators, reviewers and síndicos to see", async () => {
    for (const person of ["operator", "reviewer", "sindico"] as const) {
      const { body } = await fixture.graphql(
        person,
        "{ auditorAccesses(first: 1) { nodes { id } } }",
      );
      expect(pick(body, "errors", 0, "extensions", "code")).toBe("BLD02");
    }
  });
});

describe("an auditor", () => {
  it("has no answer while accesses cannot be written down, and others have", async () => {
    const owner = fixture.database.pool("migrator");
    const role = `${fixture.database.prefix}_access_log`;
    await owner.query(`revoke execute on function blindagem_private.record_access from ${role}`);
    try {
      const query = "{ auditLog(first: 1) { nodes { id } } }";
      const { status, body } = await fixture.graphql("auditor", query);
      expect(status).toBe(503);
      expect(pick(body, "errors", 0, "extensions", "code")).toBe("BLD14");
      expect(pick(body, "data")).toBeUndefined();
      const document = await fixture.request(`/documents/${SHA256}`, { person: "auditor" });
      expect(document).toMatchObject({ status: 503, body: { error: { code: "BLD14" } } });
      expect((await fixture.graphql("admin", query)).status).toBe(200);
    } finally {
      await owner.query(`grant execute on function blindagem_private.record_access to ${role}`);
    }
    expect(await accesses()).toEqual([]);
  });

  it("writes nothing, whatever the function's rights: the transaction only reads", async () => {
    const set = `mutation { setSetting(input: { name: "split_window_days", value: 3, reason: "x" }) { result { value } } }`;
    const { body } = await fixture.graphql("auditor", set);
    expect(pick(body, "errors", 0, "extensions", "code")).toBe("BLD02");
    const upload = await fixture.request("/documents", {
      method: "POST",
      headers: { "content-type": "application/pdf", "x-file-name": "nf.pdf" },
      body: PDF,
      person: "auditor",
    });
    expect(upload).toMatchObject({ status: 403, body: { error: { code: "BLD02" } } });
    const owner = fixture.database.pool("migrator");
    const auditor = `${fixture.database.prefix}_auditor`;
    const grantTo = (verb: string) =>
      owner.query(
        `${verb} execute on function blindagem.set_setting ${verb === "grant" ? "to" : "from"} ${auditor}`,
      );
    await grantTo("grant");
    try {
      const again = await fixture.graphql("auditor", set);
      expect(pick(again.body, "errors", 0, "extensions", "code")).toBe("BLD02");
    } finally {
      await grantTo("revoke");
    }
    const { rows } = await owner.query("select from blindagem.settings");
    expect(rows).toEqual([]);
  });
});

describe("describeGraphqlAccess", () => {
  it("keeps the structure, choices and names of a document, and takes texts and numbers out of it", () => {
    const query =
      'query A($x: Int = 5) { a: expenses(first: $x, orderBy: ID_DESC, filter: {payeeDocument: {equalTo: "52998224725"}}) { nodes { id } } ...F } fragment F on Query { person(id: "9") { name } }';
    const access = describeGraphqlAccess({ query, variables: { x: 1 } });
    expect(access?.document?.replace(/\s+/g, " ")).toBe(
      "query A($x: Int = $1) { a: expenses(first: $x, orderBy: ID_DESC, filter: {payeeDocument: {equalTo: $2}}) { nodes { id } } ...F } fragment F on Query { person(id: $3) { name } }",
    );
    expect(access?.variables).toEqual({ x: 1, 1: 5, 2: "52998224725", 3: "9" });
    expect(access?.entityIds).toEqual(["9"]);
  });

  it("finds ids within variables, whatever their form", () => {
    const access = describeGraphqlAccess({
      query:
        "query ($f: AuditLogFilter, $sha256: String!) { auditLog(filter: $f) { nodes { id } } document(sha256: $sha256) { sha256 } }",
      variables: {
        f: {
          condominiumId: { equalTo: "3" },
          entityId: { in: ["3/4"] },
          entityType: { equalTo: "expenses" },
        },
        sha256: "ab",
      },
    });
    expect(access?.entityIds).toEqual(["3", "3/4", "ab"]);
  });

  it("finds ids that a variable has by default", () => {
    const query =
      'query ($id: BigInt = "7", $other: BigInt = "8") { a: person(id: $id) { name } b: person(id: $other) { name } }';
    expect(describeGraphqlAccess({ query, variables: { other: "9" } })?.entityIds).toEqual([
      "7",
      "9",
    ]);
  });

  it("is undefined for what is no request", () => {
    for (const body of [undefined, null, "x", {}, { query: 1 }, { query: "{" }]) {
      expect(describeGraphqlAccess(body)).toBeUndefined();
    }
  });
});

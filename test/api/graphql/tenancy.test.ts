import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ApiFixture, expenseRow, type Person, pick, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
  const submit = async (person: Person, rows: unknown[]) => {
    const answer = await fixture.request("/batch-expenses", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(rows),
      person,
    });
    expect(answer.status).toBe(201);
  };
  await submit("admin", [
    expenseRow({ externalId: "sol-1" }),
    expenseRow({
      externalId: "sol-salary",
      category: "FOLHA_PAGAMENTO",
      documentKind: "PAYROLL",
      payeeDocument: null,
      payeeName: "Folha",
    }),
    expenseRow({ externalId: "mar-1", condominium: "MAR" }),
  ]);
  await submit("otto", [expenseRow({ externalId: "lua-1", condominium: "LUA" })]);
  // Of the conselho fiscal: an auditor of one condominium.
  await fixture.database.asRequest(
    "admin",
    { organization_id: fixture.ids.alfa, actor_id: "person:1" },
    (client) =>
      client.query(
        "select blindagem.grant_role('carla', 'Carla', 'c@example.com', 'auditor', $1)",
        [fixture.ids.sol],
      ),
  );
});
afterAll(() => fixture.close());

const nodes = (body: unknown, collection: string): unknown[] => {
  const found = pick(body, "data", collection, "nodes");
  return Array.isArray(found) ? found : [];
};

async function externalIds(person: Person | undefined): Promise<unknown[]> {
  const { body } = await fixture.graphql(person, "{ expenses { nodes { externalId } } }");
  return nodes(body, "expenses").map((node) => pick(node, "externalId"));
}

describe("what each role sees", () => {
  it.each([
    ["admin", ["sol-1", "sol-salary", "mar-1"]],
    ["reviewer", ["sol-1", "sol-salary", "mar-1"]],
    ["auditor", ["sol-1", "sol-salary", "mar-1"]],
    ["sindico", ["sol-1", "sol-salary"]],
    ["otto", ["lua-1"]],
    ["operator", []],
    [undefined, []],
  ] as const)("%p sees the expenses %j", async (person, expected) => {
    expect((await externalIds(person)).sort()).toEqual([...expected].sort());
  });

  it("leaves salaries out for the conselho, in the log too", async () => {
    const token = await fixture.token("auditor", { sub: "carla" });
    const { body } = await fixture.request("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query: `{ expenses { nodes { externalId } } payables { nodes { expenseId } }
                  auditLog(filter: { entityType: { equalTo: "expenses" } }) { nodes { newState } } }`,
      }),
    });
    expect(nodes(body, "expenses")).toEqual([{ externalId: "sol-1" }]);
    expect(nodes(body, "payables")).toHaveLength(1);
    expect(nodes(body, "auditLog")).toHaveLength(1);
  });

  it("does not reach another administradora's rows, by whatever way", async () => {
    const { rows } = await fixture.database
      .pool("migrator")
      .query<{ id: string; batch_id: string }>(
        "select id, batch_id from blindagem.expenses where external_id = 'sol-1'",
      );
    const { body } = await fixture.graphql(
      "otto",
      `query ($sol: BigInt!, $id: BigInt!, $batch: BigInt!, $alfa: BigInt!) {
         expense(condominiumId: $sol, id: $id) { id }
         expenseById(id: $id) { id }
         expenseByOrganizationIdAndExternalId(organizationId: $alfa, externalId: "sol-1") { id }
         condominium(id: $sol) { id }
         organization(id: $alfa) { id }
         expenseBatch(id: $batch) { id }
         batchProgress(batchId: $batch) { pending }
         expenses(filter: { condominiumId: { equalTo: $sol } }) { totalCount }
         backgroundJobs(filter: { organizationId: { equalTo: $alfa } }) { totalCount }
         auditLog(filter: { organizationId: { equalTo: $alfa } }) { nodes { id } }
         members { nodes { organizationId } }
       }`,
      { sol: fixture.ids.sol, id: rows[0]?.id, batch: rows[0]?.batch_id, alfa: fixture.ids.alfa },
    );
    expect(pick(body, "data")).toEqual({
      expense: null,
      expenseById: null,
      expenseByOrganizationIdAndExternalId: null,
      condominium: null,
      organization: null,
      expenseBatch: null,
      batchProgress: null,
      expenses: { totalCount: 0 },
      backgroundJobs: { totalCount: 0 },
      auditLog: { nodes: [] },
      members: { nodes: [{ organizationId: fixture.ids.beta }] },
    });
  });

  it("shows the queue to its tenant, and all of it to operators, without contents", async () => {
    const count = async (person: Person) => {
      const { body } = await fixture.graphql(
        person,
        "{ backgroundJobs { nodes { organizationId } } }",
      );
      return new Set(nodes(body, "backgroundJobs").map((node) => pick(node, "organizationId")));
    };
    expect(await count("admin")).toEqual(new Set([fixture.ids.alfa]));
    expect(await count("otto")).toEqual(new Set([fixture.ids.beta]));
    expect(await count("operator")).toEqual(new Set([fixture.ids.alfa, fixture.ids.beta]));
    const { body } = await fixture.graphql("operator", "{ payables { nodes { id } } }");
    expect(pick(body, "errors", 0, "extensions", "code")).toBe("BLD02");
  });

  it("tells who has no token that one is needed", async () => {
    const { body } = await fixture.graphql(undefined, "{ expenses { nodes { id } } }");
    expect(pick(body, "errors", 0, "extensions", "code")).toBe("BLD01");
    const typename = await fixture.graphql(undefined, "{ __typename }");
    expect(typename.body).toEqual({ data: { __typename: "Query" } });
  });
});

describe("an auditor", () => {
  it("changes nothing: the transaction itself only reads", async () => {
    const { body } = await fixture.graphql(
      "auditor",
      'mutation { setSetting(input: { name: "split_window_days", value: 1, reason: "teste" }) { result { value } } }',
    );
    expect(pick(body, "errors", 0, "extensions", "code")).toBe("BLD02");
  });
});

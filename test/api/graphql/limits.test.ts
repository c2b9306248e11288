import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { getIntrospectionQuery } from "graphql";
import { LIMITS } from "../../../src/api/graphql/limits.ts";
import { effectiveFirst, effectiveLast } from "../../../src/api/graphql/page-size.ts";
import { type ApiFixture, pick, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

const codesOf = (body: unknown) => {
  const errors = pick(body, "errors");
  return Array.isArray(errors) ? errors.map((error) => pick(error, "extensions", "code")) : [];
};
const refusedByLimits = { status: 400, body: { errors: [{ extensions: { code: "BLD13" } }] } };
const nested = (depth: number, inner: string): string =>
  depth === 0
    ? inner
    : `condominium { expenses(first: 1) { nodes { ${nested(depth - 1, inner)} } } }`;

describe("limits of a document", () => {
  it("refuse 60 aliases of a slow field", async () => {
    const fields = Array.from({ length: 60 }, (_, n) => `a${n}: expenses(first: 1) { totalCount }`);
    expect(await fixture.graphql("admin", `{ ${fields.join(" ")} }`)).toMatchObject(
      refusedByLimits,
    );
  });

  it("count aliases through fragments", async () => {
    const aliases = Array.from({ length: 8 }, (_, n) => `a${n}: name`).join(" ");
    const spreads = Array.from(
      { length: 4 },
      (_, n) => `c${n}: condominium(id: "${n}") { ...F }`,
    ).join(" ");
    const query = `{ ${spreads} } fragment F on Condominium { ${aliases} }`;
    expect(await fixture.graphql("admin", query)).toMatchObject(refusedByLimits);
  });

  it("refuse depth", async () => {
    const query = `{ expenses(first: 1) { nodes { ${nested(5, "id")} } } }`;
    expect(await fixture.graphql("admin", query)).toMatchObject(refusedByLimits);
  });

  it("refuse pages in pages in pages", async () => {
    const query = `{ condominiums { nodes { expenses { nodes { retentions { nodes { kind } } } } } } }`;
    expect(await fixture.graphql("admin", query)).toMatchObject(refusedByLimits);
    const small = query.replace("condominiums", "condominiums(first: 5)");
    expect(codesOf((await fixture.graphql("admin", small)).body)).toEqual([]);
  });

  it("count a page whose size a variable gives as the largest, whatever its default", async () => {
    const query = `query ($n: Int = 1) { condominiums(first: $n) { nodes { expenses(first: $n) { nodes {
      retentions(first: $n) { nodes { kind } } } } } } }`;
    expect(await fixture.graphql("admin", query, { n: 500 })).toMatchObject(refusedByLimits);
  });

  it("let no negative page weigh up another", async () => {
    const query = `{ a: expenses(first: -2147483648) { nodes { id } }
      b: condominiums(first: 500) { nodes { expenses(first: 500) { nodes { id } } } } }`;
    expect(await fixture.graphql("admin", query)).toMatchObject(refusedByLimits);
  });

  it("leave no filter across relations, whose cost no limit sees", async () => {
    for (const filter of ["{expenseExists: true}", "{expense: {id: {equalTo: 1}}}"]) {
      const { body } = await fixture.graphql(
        "admin",
        `{ reviews(filter: ${filter}) { totalCount } }`,
      );
      expect(codesOf(body)).toEqual(["BLD04"]);
    }
    const byOwnColumns = `{ reviews(filter: {outcome: {isNull: true}, kind: {equalTo: "EXPENSE"}}) { totalCount } }`;
    expect(codesOf((await fixture.graphql("admin", byOwnColumns)).body)).toEqual([]);
  });

  it("come to an end on a fragment that spreads itself", async () => {
    const query =
      "{ expenses { nodes { ...F } } } fragment F on Expense { condominium { expenses { nodes { ...F } } } }";
    expect(codesOf((await fixture.graphql("admin", query)).body)).toContain("BLD04");
  });

  it("refuse too many tokens and characters before parsing them", async () => {
    const tokens = `{ ${"a ".repeat(LIMITS.tokens)} }`;
    expect(await fixture.graphql("admin", tokens)).toMatchObject(refusedByLimits);
    const characters = `{ __typename } #${"x".repeat(LIMITS.characters)}`;
    expect(await fixture.graphql("admin", characters)).toMatchObject(refusedByLimits);
  });
});

describe("pages", () => {
  it("have a default and a greatest size", async () => {
    const { body } = await fixture.graphql("admin", "{ categories { nodes { code } } }");
    expect(pick(body, "data", "categories", "nodes")).not.toHaveLength(0);
    const large = await fixture.graphql("admin", "{ categories(first: 501) { nodes { code } } }");
    expect(codesOf(large.body)).toEqual(["BLD13"]);
    const byVariable = await fixture.graphql(
      "admin",
      "query ($n: Int) { categories(last: $n) { nodes { code } } }",
      { n: 100000 },
    );
    expect(codesOf(byVariable.body)).toEqual(["BLD13"]);
  });

  it("go forwards and backwards", async () => {
    const all = await fixture.graphql("admin", "{ categories(first: 500) { nodes { code } } }");
    const codes = pick(all.body, "data", "categories", "nodes");
    const last = await fixture.graphql("admin", "{ categories(last: 2) { nodes { code } } }");
    expect(pick(last.body, "data", "categories", "nodes")).toEqual(
      Array.isArray(codes) ? codes.slice(-2) : [],
    );
  });

  it.each([
    [[null, null, null], 50, null],
    [[10, null, null], 10, null],
    [[null, 10, null], null, 10],
    [[null, null, "cursor"], null, 50],
    [[0, undefined, undefined], 0, null],
  ] as const)("%j read %p forwards, %p backwards", (page, first, last) => {
    expect([effectiveFirst(page), effectiveLast(page)]).toEqual([first, last]);
  });
});

describe("introspection", () => {
  it.each(["admin", "reviewer", "sindico", undefined] as const)("is not for %p", async (person) => {
    const { body } = await fixture.graphql(person, getIntrospectionQuery());
    expect(codesOf(body)).toEqual(["BLD02"]);
    expect(pick(body, "data")).toBeUndefined();
  });

  it.each(["auditor", "operator"] as const)("is for %s", async (person) => {
    const { body } = await fixture.graphql(person, getIntrospectionQuery());
    expect(pick(body, "data", "__schema", "queryType", "name")).toBe("Query");
  });

  it("has its gate at each request, though documents are cached", async () => {
    const query = '{ __type(name: "Expense") { name } }';
    expect(codesOf((await fixture.graphql("auditor", query)).body)).toEqual([]);
    expect(codesOf((await fixture.graphql("admin", query)).body)).toEqual(["BLD02"]);
  });

  it("is not made up for by suggestions", async () => {
    const { body } = await fixture.graphql("admin", "{ expensez { nodes { id } } }");
    expect(JSON.stringify(body)).not.toMatch(/did you mean/i);
    const ofValue = await fixture.graphql(
      "admin",
      "{ expenses(orderBy: IDD_ASC) { nodes { id } } }",
    );
    expect(JSON.stringify(ofValue.body)).not.toMatch(/did you mean/i);
    const ofVariable = await fixture.graphql(
      "admin",
      "query ($o: [ExpenseOrderBy!]) { expenses(orderBy: $o) { nodes { id } } }",
      { o: ["IDD_ASC"] },
    );
    expect(codesOf(ofVariable.body)).toEqual(["BLD04"]);
    expect(JSON.stringify(ofVariable.body)).not.toMatch(/did you mean/i);
  });
});

describe("errors", () => {
  it("that nobody foresaw are masked, and logged under the request's id", async () => {
    await fixture.database.pool("migrator").query(
      `create function blindagem_private.sabotage() returns trigger language plpgsql as
           $$ begin raise exception 'secret detail 123.456.789-09' using errcode = 'XX000'; end $$;
         create trigger sabotage before insert on blindagem.settings execute function blindagem_private.sabotage()`,
    );
    const { body } = await fixture.graphql(
      "admin",
      'mutation { setSetting(input: { name: "split_window_days", value: 20, reason: "teste" }) { result { value } } }',
    );
    expect(codesOf(body)).toEqual(["INTERNAL"]);
    const requestId = pick(body, "errors", 0, "extensions", "requestId");
    const line = fixture.log.find(
      (text) => text.includes(String(requestId)) && text.includes("XX000"),
    );
    expect(line).toBeDefined();
    expect(JSON.stringify(body) + fixture.log.join("")).not.toContain("secret detail");
  });

  it("of the registry keep code and message", async () => {
    const { body } = await fixture.graphql(
      "admin",
      'mutation { endGrant(input: { grantId: "999", reason: "teste" }) { result { id } } }',
    );
    expect(pick(body, "errors", 0)).toMatchObject({
      message: "A concessão não existe, já terminou ou não está ao seu alcance.",
      extensions: { code: "BLD03" },
    });
  });

  it.each([
    ["a cursor that is none", '{ expenses(after: "x") { nodes { id } } }'],
    ["a cursor of another order", `{ expenses(after: "${btoa('["x",1]')}") { nodes { id } } }`],
    ["a negative offset", "{ expenses(offset: -1) { nodes { id } } }"],
    [
      "NUL in a text",
      String.raw`{ categories(filter: {code: {equalTo: "\u0000"}}) { totalCount } }`,
    ],
    [
      "a text for a list",
      'mutation { importCondominiums(input: {rows: "x"}) { clientMutationId } }',
    ],
    [
      "NUL within JSON",
      String.raw`mutation { importCondominiums(input: {rows: [{code: "\u0000", name: "Sol"}]}) { clientMutationId } }`,
    ],
    ["a subscription", "subscription { __typename }"],
  ])("that the asker has made are no faults of ours: %s", async (_name, query) => {
    const logged = fixture.log.length;
    expect(codesOf((await fixture.graphql("admin", query)).body)).toEqual(["BLD04"]);
    expect(fixture.log.slice(logged).join("")).not.toContain("request failed");
  });

  it("of a cursor say what is wrong with it", async () => {
    const { body } = await fixture.graphql("admin", '{ expenses(after: "x") { nodes { id } } }');
    expect(pick(body, "errors", 0, "message")).toContain("O cursor (after ou before) não é");
  });

  it("do not tell whether a body could be read before the token was checked", async () => {
    const answer = await fixture.request("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer nonsense" },
      body: "{ not json",
    });
    expect(answer).toMatchObject({
      status: 401,
      body: { errors: [{ extensions: { code: "BLD01" } }] },
    });
  });
});

describe("a large body", () => {
  const send = (person: "admin" | "reviewer" | undefined, init: RequestInit = {}) =>
    fixture.request("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ __typename }", variables: { x: "x".repeat(200_000) } }),
      person,
      ...init,
    });

  it("is taken only from who may hand in batches", async () => {
    expect((await send("admin")).status).toBe(200);
    expect((await send("reviewer")).status).toBe(413);
    expect((await send(undefined)).status).toBe(413);
    expect(JSON.stringify(await send("reviewer"))).toContain("até 100.000 bytes");
  });

  it("is counted where no length is told", async () => {
    const chunks = new ReadableStream({
      start(controller) {
        const bytes = new TextEncoder().encode(
          JSON.stringify({ query: `#${"x".repeat(200_000)}` }),
        );
        controller.enqueue(bytes);
        controller.close();
      },
    });
    const init: RequestInit & { duplex: "half" } = { body: chunks, duplex: "half" };
    expect((await send("reviewer", init)).status).toBe(413);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ApiFixture, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

const post = (body: string, type: string) =>
  fixture.request("/graphql", {
    method: "POST",
    headers: { "content-type": type },
    body,
    person: "admin",
  });
const refusal = (code: string) => ({ errors: [{ extensions: { code } }] });

describe("POST /graphql", () => {
  it.each([
    "[]",
    '[{"query":"{ __typename }"}]',
    "null",
    '"{ __typename }"',
    "{}",
    '{"query":5}',
    '{"query":"{ __typename }","variables":"x"}',
    '{"query":"{ __typename }","variables":[1]}',
    '{"query":"{ __typename }","operationName":7}',
    '{"query":',
    "",
  ])("refuses %p as no request, with a code", async (body) => {
    expect(await post(body, "application/json")).toMatchObject({
      status: 400,
      body: refusal("BLD04"),
    });
  });

  it.each(["text/plain", "application/graphql", "application/x-www-form-urlencoded"])(
    "refuses %s, with a code",
    async (type) => {
      expect(await post('{"query":"{ __typename }"}', type)).toMatchObject({
        status: 415,
        body: refusal("BLD12"),
      });
    },
  );

  it("takes absent and null members", async () => {
    const body = '{"query":"{ __typename }","variables":null,"operationName":null}';
    expect(await post(body, "application/json")).toMatchObject({
      status: 200,
      body: { data: { __typename: "Query" } },
    });
  });
});

describe("GET /graphql", () => {
  it("is not there: neither a query nor a mutation comes by an address", async () => {
    for (const query of ["{__typename}", "mutation{__typename}"]) {
      const target = `/graphql?query=${encodeURIComponent(query)}`;
      expect((await fixture.request(target, { person: "admin" })).status).toBe(404);
    }
  });
});

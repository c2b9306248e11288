import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ApiFixture, pick, startApi } from "../api-fixture.ts";

let api: ApiFixture;
beforeAll(async () => {
  api = await startApi();
  await api.database.pool("migrator").query(
    `insert into blindagem_private.job_minutes (organization_id, minute, task, shard, started, finished, wait_histogram)
     select o, date_trunc('minute', now()) - m * interval '1 minute', 'reconcile', 1, 4, 4, '{0,0,4}'
     from unnest($1::bigint[]) as o, generate_series(0, 2) as m`,
    [["0", api.ids.alfa, api.ids.beta]],
  );
});
afterAll(() => api.close());

const FIGURES = `query ($since: Datetime) {
  queueFigures(filter: {minute: {greaterThan: $since}}, orderBy: [MINUTE_DESC]) {
    nodes { organizationId task started waitP95Ms runP50Ms }
  }
}`;

describe("the queue's figures over GraphQL", () => {
  it("are a tenant's own, filtered by time", async () => {
    const since = new Date(Date.now() - 90_000).toISOString();
    const { body } = await api.graphql("admin", FIGURES, { since });
    const nodes = pick(body, "data", "queueFigures", "nodes");
    const ofAlfa = {
      organizationId: api.ids.alfa,
      task: "reconcile",
      started: "4",
      waitP95Ms: 2,
      runP50Ms: null,
    };
    expect(nodes).toContainEqual(ofAlfa);
    expect(new Set(Array.isArray(nodes) ? nodes.map((node) => node.organizationId) : [])).toEqual(
      new Set([api.ids.alfa]),
    );
  });

  it("are everybody's and the platform's for operators", async () => {
    const { body } = await api.graphql("operator", FIGURES, { since: "2000-01-01T00:00:00Z" });
    expect(pick(body, "data", "queueFigures", "nodes")).toHaveLength(9);
  });

  it("cannot be filtered by what no index serves", async () => {
    const { body } = await api.graphql(
      "operator",
      "{ queueFigures(filter: {started: {greaterThan: 3}}) { nodes { task } } }",
    );
    expect(pick(body, "errors", 0, "message")).toMatch(/started/);
  });

  it("tell operators alone whose jobs have waited longest", async () => {
    await api.database.pool("worker").query(
      `insert into blindagem_private.job_records (task, organization_id, state, run_at)
       values ('reconcile', $1, 'WAITING', '2026-11-05T12:00:00Z'), ('reconcile', $1, 'WAITING', '2026-11-05T13:00:00Z'),
         ('reconcile', $2, 'WAITING', '2026-11-05T11:00:00Z')`,
      [api.ids.alfa, api.ids.beta],
    );
    const query = `{ queueNowOfOrganizations(orderBy: [OLDEST_WAITING_SINCE_ASC], first: 2) {
      nodes { organization { name } task waiting oldestWaitingSince } } }`;
    const { body } = await api.graphql("operator", query);
    expect(pick(body, "data", "queueNowOfOrganizations", "nodes")).toMatchObject([
      { task: "reconcile", waiting: "1", organization: { name: expect.any(String) } },
      {
        task: "reconcile",
        waiting: "2",
        oldestWaitingSince: expect.stringMatching(/^2026-11-05T12:00:00/),
      },
    ]);
    expect(pick((await api.graphql("admin", query)).body, "errors", 0)).toBeDefined();
    await api.database
      .pool("worker")
      .query("delete from blindagem_private.job_records where run_at < '2026-11-06'");
  });

  it("stand beside what the queue does now, and who works", async () => {
    const query = "{ queueNows { nodes { task waiting oldestWaitingSince failedLastHour } } }";
    expect(pick((await api.graphql("admin", query)).body, "data", "queueNows", "nodes")).toEqual([
      { task: "reconcile", waiting: "0", oldestWaitingSince: null, failedLastHour: "0" },
    ]);
    const workers = "{ liveWorkers { nodes { host } } }";
    expect(
      pick((await api.graphql("operator", workers)).body, "data", "liveWorkers", "nodes"),
    ).toEqual([]);
    expect(pick((await api.graphql("admin", workers)).body, "errors", 0)).toBeDefined();
  });
});

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { figure, readExposition, type Sample } from "../observability/exposition.ts";
import { type ApiFixture, expenseRow, startApi } from "./api-fixture.ts";

let api: ApiFixture;
beforeAll(async () => {
  api = await startApi({ metricsAllow: ["127.0.0.0/8"] });
});
afterAll(() => api.close());

async function scrape(): Promise<Sample[]> {
  const { status, headers, body } = await api.request("/metrics");
  expect(status).toBe(200);
  expect(headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  return readExposition(String(body));
}

const submit = (key: string, rows: unknown[]) =>
  api.request("/batch-expenses", {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify({ rows }),
    person: "admin",
  });

describe("/metrics of the API", () => {
  it("counts what was submitted, requested and refused", async () => {
    const rows = [expenseRow(), expenseRow(), expenseRow()];
    expect((await submit("one", rows)).status).toBe(201);
    expect((await submit("one", rows)).status).toBe(200);
    expect((await submit("two", [{ nothing: true }])).status).toBe(422);
    await api.graphql("admin", "{ nothing }");
    await api.graphql(
      "auditor",
      `mutation { resolveReview(input: {reviewId: "1", approve: true, reason: "Sim"}) { clientMutationId } }`,
    );
    const samples = await scrape();
    const ofRoute = { method: "POST", route: "/batch-expenses" };
    const requests = "blindagem_http_request_seconds_count";
    expect(figure(samples, "blindagem_batches_submitted_total")).toBe(1);
    expect(figure(samples, "blindagem_expenses_submitted_total")).toBe(3);
    expect(figure(samples, requests, { ...ofRoute, status: "201" })).toBe(1);
    expect(figure(samples, requests, { ...ofRoute, status: "200" })).toBe(1);
    expect(figure(samples, requests, { ...ofRoute, status: "422" })).toBe(1);
    const errors = samples.filter(({ name }) => name === "blindagem_graphql_errors_total");
    expect(errors.length).toBeGreaterThan(0);
    for (const { labels } of errors) expect(labels.code).toMatch(/^(BLD\d\d|INVALID)$/);
  });

  it("tells the queue's depth, the log's state, workers and the pool's use", async () => {
    const samples = await scrape();
    const waiting = { task: "validate_expenses", lane: "QUICK", state: "waiting" };
    expect(figure(samples, "blindagem_scrape_error")).toBe(0);
    expect(figure(samples, "blindagem_queue_jobs", waiting)).toBe(1);
    expect(
      figure(samples, "blindagem_queue_oldest_waiting_seconds", { task: "validate_expenses" }),
    ).toBeGreaterThan(0);
    expect(figure(samples, "blindagem_audit_pending_records")).toBeGreaterThan(0);
    expect(figure(samples, "blindagem_audit_sealing_lag_seconds")).toBeGreaterThan(0);
    expect(figure(samples, "blindagem_audit_sealer_silent_seconds")).toBeUndefined();
    expect(figure(samples, "blindagem_workers", { state: "live" })).toBe(0);
    expect(figure(samples, "blindagem_pool_connections", { state: "total" })).toBeGreaterThan(0);
    expect(figure(samples, "process_cpu_seconds_total")).toBeGreaterThan(0);
  });

  it("names nobody: its labels are of few kinds, and none holds an id", async () => {
    const samples = (await scrape()).filter(({ name }) => name.startsWith("blindagem_"));
    const kinds = new Set(samples.flatMap(({ labels }) => Object.keys(labels)));
    for (const kind of kinds) {
      expect([
        "task",
        "lane",
        "state",
        "method",
        "route",
        "status",
        "code",
        "le",
        "provider",
        "outcome",
      ]).toContain(kind);
    }
    for (const { labels } of samples) {
      const { le: _, status: __, code: ___, ...others } = labels;
      for (const value of Object.values(others)) expect(value).toMatch(/^[A-Za-z_:/*.-]+$/);
    }
  });

  it.each(["x-forwarded-for", "forwarded", "via", "x-real-ip"])(
    "is not there for what a proxy passes on (%s)",
    async (name) => {
      const elsewhere = await api.request("/nowhere");
      const { status, body } = await api.request("/metrics", { headers: { [name]: "127.0.0.1" } });
      expect(status).toBe(404);
      expect(Object.keys(Object(body))).toEqual(Object.keys(Object(elsewhere.body)));
    },
  );
});

describe("an API that nobody may scrape", () => {
  it("has no /metrics", async () => {
    const closed = await startApi();
    expect((await closed.request("/metrics")).status).toBe(404);
    await closed.close();
  });
});

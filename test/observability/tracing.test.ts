import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { signToken } from "../../src/client/sign-token.ts";
import { loadEnvironment } from "../../src/config.ts";
import { collectorUrl } from "../../src/observability/tracing.ts";
import { expenseRow } from "../api/api-fixture.ts";
import { type HeldRegistry, startHeldRegistry } from "../chaos/held-registry.ts";
import { type CliProcess, startCli } from "../cli-process.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { type Administradora, createAdministradora } from "../tasks/administradora.ts";
import { waitFor } from "../wait-for.ts";
import { type Collector, KINDS, type ReceivedSpan, startCollector } from "./collector.ts";

jest.setTimeout(120_000);

const SECRET = "a secret of the tests, longer than 32 characters";
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";
const CNPJ = "11222333000181";

let database: TestDatabase;
let house: Administradora;
let registry: HeldRegistry;
let collector: Collector;
let started: CliProcess[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  registry = await startHeldRegistry();
  registry.open();
});
afterEach(async () => {
  for (const { process } of started) process.kill("SIGKILL");
  await Promise.all(started.map(({ exited }) => exited));
  started = [];
  await collector.close();
});
afterAll(async () => {
  await registry.close();
  await database.drop();
});

async function startProcess(
  command: "api" | "worker",
  more: Record<string, string>,
): Promise<CliProcess> {
  const cli = startCli([command], {
    environment: {
      AUTHENTICATOR_DATABASE_URL: database.url("authenticator"),
      WORKER_DATABASE_URL: database.url("worker"),
      ROLE_PREFIX: database.prefix,
      JWT_SECRET: SECRET,
      PORT: "0",
      CNPJWS_URL: registry.url,
      CNPJWS_PER_MINUTE: "60000",
      OCR_PROCESSES: "1",
      ...more,
    },
  });
  started.push(cli);
  await waitFor(`${command} to be ready`, () => {
    if (cli.process.exitCode !== null) throw new Error(cli.stderr());
    return cli.stderr().includes(`${command} ready`);
  });
  return cli;
}

/** Sends a request as the administrator. */
async function post(
  api: CliProcess,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<number> {
  const token = await signToken(SECRET, { subject: "ana-1", role: "admin" }, 1, new Date());
  const url = /"url":"([^"]+)","msg":"api ready"/.exec(api.stderr())?.[1];
  const answer = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  await answer.text();
  return answer.status;
}

async function untilIdle(): Promise<void> {
  await waitFor("the queue to be empty", async () => {
    const { rowCount } = await database
      .pool("worker")
      .query("select from blindagem_private.job_records where state in ('WAITING', 'RUNNING')");
    return rowCount === 0;
  });
}

/** Ends them all, well: with that they have sent what they had. */
async function stopAll(): Promise<void> {
  for (const { process } of started) process.kill("SIGTERM");
  expect(await Promise.all(started.map(({ exited }) => exited))).toEqual(started.map(() => 0));
}

function named(name: string): ReceivedSpan {
  const found = collector.spans.find((span) => span.name === name);
  if (!found) throw new Error(`No ${name} among ${collector.spans.map((span) => span.name)}`);
  return found;
}

describe("traces", () => {
  it("lead from the caller's request over its jobs to the provider that they ask", async () => {
    collector = await startCollector();
    const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const api = await startProcess("api", traced);
    await startProcess("worker", traced);
    const row = expenseRow({ payeeDocument: CNPJ, payeeName: "Maria Segredo" });
    const traceparent = `00-${TRACE}-${CALLER}-01`;
    expect(await post(api, "/batch-expenses", { rows: [row] }, { traceparent })).toBe(201);
    await untilIdle();
    await stopAll();

    const request = named("POST /batch-expenses");
    expect(request).toMatchObject({
      traceId: TRACE,
      parentSpanId: CALLER,
      kind: KINDS.SERVER,
      service: "blindagem-api",
      attributes: {
        "http.request.method": "POST",
        "http.route": "/batch-expenses",
        "http.response.status_code": 201,
        "blindagem.role": "admin",
        "blindagem.organization_id": house.organizationId,
      },
    });
    expect(named("submit batch")).toMatchObject({
      traceId: TRACE,
      parentSpanId: request.spanId,
      kind: KINDS.INTERNAL,
      attributes: { "blindagem.rows": 1, "blindagem.accepted": 1, "blindagem.repeated": false },
    });
    const validation = named("job validate_expenses");
    expect(validation).toMatchObject({
      traceId: TRACE,
      parentSpanId: request.spanId,
      kind: KINDS.CONSUMER,
      service: "blindagem-worker",
      attributes: {
        "blindagem.task": "validate_expenses",
        "blindagem.lane": "QUICK",
        "blindagem.attempt": 1,
        "blindagem.organization_id": house.organizationId,
        "blindagem.wait_ms": expect.any(Number),
      },
    });
    const asks = collector.spans.find(
      ({ name, parentSpanId }) => name === "enqueue" && parentSpanId === validation.spanId,
    );
    expect(asks).toMatchObject({
      traceId: TRACE,
      kind: KINDS.PRODUCER,
      attributes: { "blindagem.tasks": "cnpj_lookup", "blindagem.jobs": 1 },
    });
    const lookUp = named("job cnpj_lookup");
    expect(lookUp).toMatchObject({
      traceId: TRACE,
      parentSpanId: validation.spanId,
      attributes: { "blindagem.lane": "PROVIDER" },
    });
    expect(named("GET CNPJ.ws")).toMatchObject({
      traceId: TRACE,
      parentSpanId: lookUp.spanId,
      kind: KINDS.CLIENT,
      attributes: { "server.address": "127.0.0.1", "http.response.status_code": 404 },
    });
    for (const secret of [CNPJ, "Segredo", "select ", row.externalId]) {
      expect(collector.text()).not.toContain(secret);
    }
  });

  it("tell GraphQL's operation, a job's failure by its kind, and nothing of health", async () => {
    collector = await startCollector();
    const traced = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces` };
    const api = await startProcess("api", traced);
    await startProcess("worker", traced);
    const query = `mutation Envio($rows: JSON!) {
      submitExpenseBatch(input: { rows: $rows, dryRun: true }) { accepted }
    }`;
    expect(await post(api, "/graphql", { query, variables: { rows: [expenseRow()] } })).toBe(200);
    await fetch(`${/"url":"([^"]+)","msg":"api ready"/.exec(api.stderr())?.[1]}/healthz`);
    await database
      .pool("worker")
      .query(
        `select blindagem_private.enqueue_jobs('[{"task": "pluggy_sync", "payload": {"connectionId": "907060504"}}]')`,
      );
    await waitFor("the job to fail", async () => {
      const { rowCount } = await database
        .pool("worker")
        .query(
          "select from blindagem_private.job_records where task = 'pluggy_sync' and history is not null",
        );
      return (rowCount ?? 0) > 0;
    });
    await stopAll();

    const request = named("POST /graphql");
    expect(request).toMatchObject({
      attributes: { "graphql.operation.type": "mutation", "graphql.operation.name": "Envio" },
    });
    expect(named("submit batch")).toMatchObject({
      parentSpanId: request.spanId,
      attributes: { "blindagem.dry_run": true, "blindagem.row_errors": 0 },
    });
    expect(request.parentSpanId).toBeUndefined();
    const failed = named("job pluggy_sync");
    expect(failed).toMatchObject({ status: { code: 2 }, attributes: { "error.type": "Error" } });
    expect(failed.traceId).not.toBe(request.traceId);
    expect(collector.spans.filter(({ name }) => name.includes("health"))).toEqual([]);
    expect(collector.text()).not.toContain("907060504");
  });

  it("are off without a collector: OpenTelemetry is not even loaded", async () => {
    collector = await startCollector();
    const reporting = {
      NODE_OPTIONS: `--import=${new URL("report-modules.mjs", import.meta.url).pathname}`,
    };
    await startProcess("api", reporting);
    await startProcess("worker", reporting);
    await stopAll();
    for (const { stderr } of started) {
      expect(stderr()).toContain("loaded prom-client");
      // The interface comes with prom-client, which asks it for the trace of a measurement.
      expect(stderr()).not.toMatch(/loaded @opentelemetry\/(?!api\n)/);
    }
    started = [];
    await startProcess("worker", { ...reporting, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    expect(started[0]?.stderr()).toContain("loaded @opentelemetry/sdk-trace");
  });

  it("go to the collector that the environment names, the one for traces before the one for all", () => {
    const of = (variables: Record<string, string>) => collectorUrl(loadEnvironment(variables));
    const all = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/otlp/" };
    expect(of({})).toBeUndefined();
    expect(of(all)).toBe("http://collector:4318/otlp/v1/traces");
    const own = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://traces:4318/here" };
    expect(of({ ...all, ...own })).toBe("http://traces:4318/here");
  });
});

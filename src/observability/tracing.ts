import { AsyncLocalStorage } from "node:async_hooks";
import type { Logger } from "pino";
import type { Environment } from "../config.ts";

/**
 * SERVER: a request that came; CLIENT: one to an outer service; PRODUCER: jobs are enqueued; CONSUMER: a job runs;
 * INTERNAL: a part of these.
 */
export type SpanKind = "SERVER" | "CLIENT" | "PRODUCER" | "CONSUMER" | "INTERNAL";

/** What a span says of itself: never personal data, payloads, addresses or SQL. What is undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanStart {
  name: string;
  kind: SpanKind;
  attributes?: Attributes;
  /** `traceparent` of the span that caused this one; default: the span within which this one starts. */
  parent?: string | undefined;
}

/** Something that takes time, as part of a trace. */
export interface Span {
  /** Its place in the trace, as others are told of it. */
  readonly traceparent: string;
  add(attributes: Attributes): void;
  /** @param failure the kind of what it failed by; no message, which may quote anything */
  end(failure?: string): void;
}

/** Where spans go. */
export interface Tracing {
  start(span: SpanStart): Span;
  /** Sends what was not sent yet. */
  stop(): Promise<void>;
}

let tracing: Tracing | undefined;
const within = new AsyncLocalStorage<Span>();

/**
 * Sends this process's spans to the collector of the environment from now on. Without one nothing is traced, and
 * OpenTelemetry is not even loaded.
 *
 * @param service the kind of process: spans come from `blindagem-<service>`, unless OTEL_SERVICE_NAME says otherwise
 */
export async function startTracing(
  environment: Environment,
  service: string,
  logger: Logger,
): Promise<void> {
  const url = collectorUrl(environment);
  if (url === undefined) return;
  const { createTracing } = await import("./open-telemetry.ts");
  tracing = createTracing({
    url,
    service: `blindagem-${service}`,
    share: environment.OTEL_TRACES_SAMPLER_ARG,
    logger,
  });
}

/** Sends what was not sent yet, and traces no more. */
export async function stopTracing(): Promise<void> {
  const stopped = tracing;
  tracing = undefined;
  await stopped?.stop();
}

/** Where spans are posted to: https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp */
export function collectorUrl(environment: Environment): string | undefined {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces, OTEL_EXPORTER_OTLP_ENDPOINT: collector } =
    environment;
  return traces ?? (collector && `${collector.replace(/\/+$/, "")}/v1/traces`);
}

/** Starts a span; undefined where nothing is traced. */
export function startSpan(start: SpanStart): Span | undefined {
  return tracing?.start({ ...start, parent: start.parent ?? within.getStore()?.traceparent });
}

/** Runs `use` within a span: those that start meanwhile are its children. */
export function withinSpan<T>(span: Span | undefined, use: () => T): T {
  return span ? within.run(span, use) : use();
}

/** Runs `use` as a span of its own, and ends it with what `use` throws. */
export async function inSpan<T>(
  start: SpanStart,
  use: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  const span = startSpan(start);
  if (!span) return use(undefined);
  try {
    const result = await within.run(span, () => use(span));
    span.end();
    return result;
  } catch (error) {
    span.end(kindOf(error));
    throw error;
  }
}

/** The code of PostgreSQL or Node.js ("23505", "ECONNREFUSED"), else the class. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

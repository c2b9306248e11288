import {
  type DiagLogFunction,
  DiagLogLevel,
  diag,
  type Span as OtelSpan,
  SpanKind as OtelSpanKind,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import { readTraceparent, writeTraceparent } from "./traceparent.ts";
import type { Attributes, Span, SpanStart, Tracing } from "./tracing.ts";

export interface OpenTelemetryOptions {
  /** Where OTLP/HTTP is posted to (JSON). */
  url: string;
  service: string;
  /** Which share of the traces that begin here is recorded, 0 to 1; of the others whoever began them has said so. */
  share: number;
  logger: Logger;
}

/**
 * Tracing by OpenTelemetry's SDK. Import it only where spans are wanted: it costs memory. Its other variables
 * (OTEL_EXPORTER_OTLP_HEADERS, OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME, …) it reads from the environment by itself.
 *
 * A collector that is away costs the spans, and a line in the log.
 */
export function createTracing({ url, service, share, logger }: OpenTelemetryOptions): Tracing {
  const tell: DiagLogFunction = (message) => logger.warn({ cause: message }, "spans were not sent");
  const quiet = () => undefined;
  diag.setLogger(
    { error: tell, warn: tell, info: quiet, debug: quiet, verbose: quiet },
    DiagLogLevel.WARN,
  );
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": service }))
      .merge(
        detectResources({
          detectors: [
            serviceInstanceIdDetector,
            resourceAttributesEnvDetector,
            serviceNameEnvDetector,
          ],
        }),
      ),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
  });
  const tracer = provider.getTracer("blindagem");
  return {
    start: ({ name, kind, attributes, parent }: SpanStart) =>
      spanOf(
        tracer.startSpan(
          name,
          { kind: OtelSpanKind[kind], attributes: defined(attributes) },
          contextOf(parent),
        ),
      ),
    stop: () => provider.shutdown(),
  };
}

function contextOf(parent: string | undefined) {
  const place = parent === undefined ? undefined : readTraceparent(parent);
  if (!place) return ROOT_CONTEXT;
  const { traceId, spanId, isSampled } = place;
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function spanOf(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
  return {
    traceparent: writeTraceparent({ traceId, spanId, isSampled }),
    add: (attributes) => void span.setAttributes(defined(attributes)),
    end(failure) {
      if (failure !== undefined) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttribute("error.type", failure);
      }
      span.end();
    },
  };
}

function defined(attributes: Attributes = {}): Record<string, string | number | boolean> {
  const given: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) given[name] = value;
  }
  return given;
}

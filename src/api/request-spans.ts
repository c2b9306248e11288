import type { FastifyInstance } from "fastify";
import { type Span, startSpan, withinSpan } from "../observability/tracing.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Undefined where nothing is traced. */
    span: Span | undefined;
  }
}

/** They come every few seconds, and tell nothing. */
const UNTRACED: ReadonlySet<string | undefined> = new Set(["/healthz", "/readyz", "/metrics"]);

/**
 * Each request is a span, the child of the caller's (header `traceparent`). It tells the route's pattern and who asks by
 * role and organization: neither address nor query nor body.
 */
export function addRequestSpans(app: FastifyInstance): void {
  app.decorateRequest("span");
  app.addHook("onRequest", async (request) => {
    const { url: route } = request.routeOptions;
    if (UNTRACED.has(route)) return;
    const parent = request.headers.traceparent;
    request.span = startSpan({
      name: `${request.method} ${route ?? "none"}`,
      kind: "SERVER",
      attributes: {
        "http.request.method": request.method,
        "http.route": route,
        "blindagem.request_id": request.id,
      },
      parent: typeof parent === "string" ? parent : undefined,
    });
  });
  // Here, since what was entered before the body came is lost with its events.
  app.addHook("preHandler", (request, _, done) => withinSpan(request.span, done));
  app.addHook("onResponse", async ({ span, identity }, reply) => {
    span?.add({
      "http.response.status_code": reply.statusCode,
      "blindagem.role": identity.role,
      "blindagem.organization_id": identity.organizationId ?? undefined,
    });
    span?.end(reply.statusCode >= 500 ? String(reply.statusCode) : undefined);
  });
}

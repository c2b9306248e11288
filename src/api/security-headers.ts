import type { FastifyInstance } from "fastify";

/** Nothing of an answer may be run, framed or loaded elsewhere; pages that need more set their own policy. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * Adds to every answer the headers that keep a browser from misusing it (OWASP Secure Headers Project), the request
 * id, and, where the outer services are stand-ins, the header X-Blindagem-Sandbox.
 */
export function addSecurityHeaders(app: FastifyInstance, sandbox: boolean): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({
      "x-request-id": request.id,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "cache-control": "no-store",
    });
    if (request.protocol === "https") {
      reply.header("strict-transport-security", "max-age=31536000; includeSubDomains");
    }
    if (sandbox) reply.header("x-blindagem-sandbox", "true");
  });
}

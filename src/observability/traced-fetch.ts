import { inSpan } from "./tracing.ts";

/**
 * `fetch` for an outer service: each request is a span, from its sending to the head of the answer. Of the address only
 * the host is told: paths and queries hold CNPJs and ids of accounts. The service is told nothing of our traces.
 */
export function tracedFetch(service: string): typeof fetch {
  return (input, init) => {
    const { hostname } = new URL(input instanceof Request ? input.url : input);
    const method = init?.method ?? (input instanceof Request ? input.method : "GET");
    return inSpan(
      {
        name: `${method} ${service}`,
        kind: "CLIENT",
        attributes: {
          "peer.service": service,
          "server.address": hostname,
          "http.request.method": method,
        },
      },
      async (span) => {
        const response = await fetch(input, init);
        span?.add({ "http.response.status_code": response.status });
        return response;
      },
    );
  };
}

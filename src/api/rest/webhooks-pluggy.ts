import type { FastifyInstance, FastifyRequest } from "fastify";
import { createWebhookVerifier, type WebhookEvent, webhookEvent } from "../../banking/webhook.ts";
import { ApiError } from "../errors.ts";
import type { ApiContext } from "../server.ts";

/**
 * `POST /webhooks/pluggy`: a notification is only a signal to fetch again. It is verified over its raw bytes, noted
 * once, and enqueues the sync of its connection in the same transaction; an event that came before changes nothing.
 * Without settings to verify by, the route does not exist.
 */
export function pluggyWebhookRoutes({ options, pool }: ApiContext) {
  return async (app: FastifyInstance) => {
    if (!options.pluggyWebhook) return;
    const refusalOf = createWebhookVerifier(options.pluggyWebhook);
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      "*",
      { parseAs: "buffer" },
      async (_request: FastifyRequest, bytes: Buffer) => bytes,
    );

    app.post("/webhooks/pluggy", async (request, reply) => {
      const rawBody = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      const refusal = refusalOf({ rawBody, headers: request.headers, ip: request.ip });
      if (refusal) {
        request.log.warn({ refusal }, "webhook refused");
        throw new ApiError("BLD01");
      }
      const event = webhookEvent.safeParse(parsed(rawBody));
      if (!event.success) throw new ApiError("BLD04");
      const { eventId, event: name } = event.data;
      const itemId = event.data.kind === "OTHER" ? null : event.data.itemId;
      const { rows } = await pool.query<{ outcome: string }>(
        `select set_config('blindagem.traceparent', $6, true),
           blindagem_private.receive_webhook('PLUGGY', $1, $2, $3, $4, $5) as outcome`,
        [
          ...[eventId, name, itemId, request.id, JSON.stringify(namedMovements(event.data))],
          request.span?.traceparent ?? "",
        ],
      );
      request.log.info({ event: name, outcome: rows[0]?.outcome }, "webhook received");
      return reply.status(202).send({ received: true });
    });
  };
}

/** The movements that an event calls changed or deleted: they may be older than what a sync lists. */
function namedMovements(event: WebhookEvent): Record<string, unknown> {
  return event.kind === "TRANSACTIONS_UPDATED" || event.kind === "TRANSACTIONS_DELETED"
    ? { accountId: event.accountId, transactionIds: event.transactionIds }
    : {};
}

function parsed(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(rawBody));
  } catch {
    throw new ApiError("BLD04");
  }
}

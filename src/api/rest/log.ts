import type { FastifyInstance, FastifyReply } from "fastify";
import { checkpointOfSize, newestWithCosignatures } from "../../audit/cosigned-checkpoints.ts";
import { parseKeyList } from "../../audit/key-list.ts";
import { loadTile } from "../../audit/tile-store.ts";
import { parseTilePath } from "../../audit/tiles.ts";
import { ApiError } from "../errors.ts";
import type { ApiContext } from "../server.ts";

/** What a hash says never changes, and a partial tile has an address of its own. */
const FOREVER = "public, max-age=31536000, immutable";

/**
 * `GET /log/checkpoint`, `/log/checkpoints/SIZE`, `/log/tile/…` and `/log/keys`: the Merkle tree of the audit log in the
 * formats of C2SP (tlog-tiles), for anybody. Hashes alone, never a record: each record is salted, so that its hash tells
 * nothing.
 */
export function logRoutes(context: ApiContext) {
  const keys = parseKeyList(context.options.auditKeys);
  return async (app: FastifyInstance) => {
    app.get("/log/checkpoint", async (request, reply) => {
      const checkpoint = await context.asRequest(request, "read", (client) =>
        newestWithCosignatures(client, keys),
      );
      if (!checkpoint)
        throw new ApiError("BLD03", "O registro ainda não tem um ponto de verificação.");
      return sendText(reply, checkpoint);
    });

    app.get<{ Params: { size: string } }>("/log/checkpoints/:size", async (request, reply) => {
      const { size } = request.params;
      const checkpoint = /^(?:0|[1-9]\d{0,14})$/.test(size)
        ? await context.asRequest(request, "read", (client) =>
            checkpointOfSize(client, keys, Number(size)),
          )
        : undefined;
      if (!checkpoint)
        throw new ApiError("BLD03", "O registro não guarda um ponto de verificação deste tamanho.");
      reply.header("content-disposition", `inline; filename="checkpoint-${size}.txt"`);
      return sendText(reply, checkpoint);
    });

    app.get<{ Params: { "*": string } }>("/log/tile/*", async (request, reply) => {
      const tile = parseTilePath(`tile/${request.params["*"]}`);
      const hashes =
        tile && (await context.asRequest(request, "read", (client) => loadTile(client, tile)));
      if (!hashes) throw new ApiError("BLD03", "O registro não tem esta página da árvore.");
      return reply.header("cache-control", FOREVER).type("application/octet-stream").send(hashes);
    });

    app.get("/log/keys", async (_request, reply) => sendText(reply, context.options.auditKeys));
  };
}

/** What may have more lines the next time: cosignatures, keys. */
function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.header("cache-control", "no-cache").type("text/plain; charset=utf-8").send(text);
}

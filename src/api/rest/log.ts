import type { FastifyInstance } from "fastify";
import { newestCheckpoint } from "../../audit/checkpoint-store.ts";
import { loadTile } from "../../audit/tile-store.ts";
import { parseTilePath } from "../../audit/tiles.ts";
import { ApiError } from "../errors.ts";
import type { ApiContext } from "../server.ts";

/** What a hash says never changes, and a partial tile has an address of its own. */
const FOREVER = "public, max-age=31536000, immutable";

/**
 * `GET /log/checkpoint`, `/log/tile/…` and `/log/keys`: the Merkle tree of the audit log in the formats of C2SP
 * (tlog-tiles), for anybody. Hashes alone, never a record: each record is salted, so that its hash tells nothing.
 */
export function logRoutes(context: ApiContext) {
  return async (app: FastifyInstance) => {
    app.get("/log/checkpoint", async (request, reply) => {
      const checkpoint = await context.asRequest(request, "read", newestCheckpoint);
      if (!checkpoint)
        throw new ApiError("BLD03", "O registro ainda não tem um ponto de verificação.");
      return reply
        .header("cache-control", "no-cache")
        .type("text/plain; charset=utf-8")
        .send(checkpoint);
    });

    app.get<{ Params: { "*": string } }>("/log/tile/*", async (request, reply) => {
      const tile = parseTilePath(`tile/${request.params["*"]}`);
      const hashes =
        tile && (await context.asRequest(request, "read", (client) => loadTile(client, tile)));
      if (!hashes) throw new ApiError("BLD03", "O registro não tem esta página da árvore.");
      return reply.header("cache-control", FOREVER).type("application/octet-stream").send(hashes);
    });

    app.get("/log/keys", async (_request, reply) =>
      reply
        .header("cache-control", "no-cache")
        .type("text/plain; charset=utf-8")
        .send(context.options.auditKeys),
    );
  };
}

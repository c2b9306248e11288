import { Transform } from "node:stream";
import type { FastifyRequest, RequestPayload } from "fastify";
import type { RequestRole } from "../../database/role-names.ts";
import { tooLarge } from "../too-large.ts";

/** Body of a request that hands in no batch. */
const ORDINARY_LIMIT = 100_000;

/** Who may hand in batches, and so send a body up to the route's own limit. */
const SUBMITTERS: ReadonlySet<RequestRole> = new Set(["admin", "integrator"]);

/** Hook preParsing: refuses (BLD09) a large body from whoever may not hand in batches, before it is in memory. */
export async function limitBody(
  request: FastifyRequest,
  _reply: unknown,
  payload: RequestPayload,
): Promise<RequestPayload> {
  if (SUBMITTERS.has(request.identity.role)) return payload;
  if (Number(request.headers["content-length"] ?? 0) > ORDINARY_LIMIT)
    throw tooLarge(ORDINARY_LIMIT);
  return payload.pipe(countingStream(ORDINARY_LIMIT));
}

/** A chunked body tells no length beforehand: counted as it comes. */
function countingStream(limit: number): Transform & { receivedEncodedLength: number } {
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      counted.receivedEncodedLength += chunk.length;
      if (counted.receivedEncodedLength > limit) callback(tooLarge(limit));
      else callback(null, chunk);
    },
  });
  const counted = Object.assign(stream, { receivedEncodedLength: 0 });
  return counted;
}

import type { FastifyInstance, FastifyRequest } from "fastify";
import { AuditFault } from "../../audit/fault.ts";
import { parseKeyList } from "../../audit/key-list.ts";
import {
  LARGEST_COSIGNED_CHECKPOINT,
  submitCosignatures,
} from "../../audit/submit-cosignatures.ts";
import { AddressLimit } from "../address-limit.ts";
import { ApiError } from "../errors.ts";
import type { ApiContext } from "../server.ts";

/** A witness signs some times a day at most; several may share an address. */
const LIMIT = { burst: 20, everyMs: 3000, mostAddresses: 10_000 };
/** Of the API's connections, which are 10. */
const MOST_AT_ONCE = 2;

/**
 * `POST /log/cosignatures`: a checkpoint of the audit log with the signatures of witnesses under it, as `blindagem witness
 * cosign` leaves it in its state file. 201 when one of them is new, 200 when all were there before.
 *
 * There is no login: that a witness of the key list has signed a checkpoint of this log is what entitles, and handing in is
 * all that it entitles to. Whatever else comes is refused before the database is asked; what a witness did sign is public,
 * and a second time changes nothing. Each address is held to LIMIT before its body is read, and what comes from many reaches
 * the database a few at a time, so that others have connections left.
 */
export function cosignaturesRoutes({ options, pool }: ApiContext) {
  const keys = parseKeyList(options.auditKeys);
  const limit = new AddressLimit(LIMIT, options.clock);
  let running = 0;
  return async (app: FastifyInstance) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: LARGEST_COSIGNED_CHECKPOINT },
      async (_request: FastifyRequest, bytes: Buffer) => bytes,
    );

    app.post(
      "/log/cosignatures",
      {
        bodyLimit: LARGEST_COSIGNED_CHECKPOINT,
        async onRequest(request, reply) {
          const seconds = limit.take(request.ip);
          if (seconds === 0) return;
          reply.header("retry-after", seconds);
          throw new ApiError("BLD10");
        },
      },
      async (request, reply) => {
        const note = request.body instanceof Uint8Array ? request.body : new Uint8Array();
        if (running === MOST_AT_ONCE) throw new ApiError("BLD14");
        running += 1;
        const { origin, size, witnesses, passedOver } = await submitCosignatures(note, keys, pool)
          .catch(refused)
          .finally(() => {
            running -= 1;
          });
        const names = witnesses.map(({ key }) => key.name);
        request.log.info({ treeSize: size, witnesses: names }, "cosignatures received");
        return reply.status(witnesses.some(({ isNew }) => isNew) ? 201 : 200).send({
          origin,
          treeSize: String(size),
          cosignatures: witnesses.map(({ key, at, isNew }) => ({
            witness: key.name,
            key: key.text,
            cosignedAt: at.toISOString(),
            isNew,
          })),
          passedOver,
        });
      },
    );
  };
}

/** @throws ApiError with what is wrong, in the words of who verified it */
function refused(error: unknown): never {
  if (!(error instanceof AuditFault)) throw error;
  const isStranger = error.code === "UNSIGNED" || error.code === "KEY_OUT_OF_RANGE";
  throw new ApiError(isStranger ? "BLD02" : "BLD04", error.message, { cause: error });
}

import type { FastifyInstance, FastifyRequest } from "fastify";
import { AuditFault } from "../../audit/fault.ts";
import { parseKeyList } from "../../audit/key-list.ts";
import {
  LARGEST_COSIGNED_CHECKPOINT,
  submitCosignatures,
} from "../../audit/submit-cosignatures.ts";
import { ApiError } from "../errors.ts";
import type { ApiContext } from "../server.ts";

/**
 * `POST /log/cosignatures`: a checkpoint of the audit log with the signatures of witnesses under it, as `blindagem witness
 * cosign` leaves it in its state file. 201 when one of them is new, 200 when all were there before.
 *
 * There is no login: that a witness of the key list has signed a checkpoint of this log is what entitles, and handing in is
 * all that it entitles to. Whatever else comes is refused before the database is asked, so that a flood of it costs less
 * than one of `/log/checkpoint`; what a witness did sign is public, and a second time changes nothing.
 */
export function cosignaturesRoutes({ options, pool }: ApiContext) {
  const keys = parseKeyList(options.auditKeys);
  return async (app: FastifyInstance) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: LARGEST_COSIGNED_CHECKPOINT },
      async (_request: FastifyRequest, bytes: Buffer) => bytes,
    );

    app.post(
      "/log/cosignatures",
      { bodyLimit: LARGEST_COSIGNED_CHECKPOINT },
      async (request, reply) => {
        const note = request.body instanceof Uint8Array ? request.body : new Uint8Array();
        const { origin, size, witnesses, passedOver } = await submitCosignatures(
          note,
          keys,
          pool,
        ).catch(refused);
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

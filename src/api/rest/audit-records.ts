import type { FastifyInstance } from "fastify";
import type pg from "pg";
import { type ListedKey, parseKeyList } from "../../audit/key-list.ts";
import { formatProof } from "../../audit/proof.ts";
import { proveOneRecord, type RecordProof } from "../../audit/prove-records.ts";
import { ApiError } from "../errors.ts";
import type { ApiContext } from "../server.ts";

interface Params {
  id: string;
}

/**
 * `GET /audit/records/:id/entry`: a record of the audit log, exactly the bytes that are hashed.
 * `GET /audit/records/:id/proof`: that it is in the log, as a file that is checked without us (C2SP tlog-proof; the
 * record is in it). Both for whoever may see the record.
 */
export function auditRecordsRoutes({ asRequest, options }: ApiContext) {
  const keys = parseKeyList(options.auditKeys);
  return async (app: FastifyInstance) => {
    app.get<{ Params: Params }>("/audit/records/:id/entry", async (request, reply) => {
      const { id } = request.params;
      const entry = await asRequest(request, "read", (client) => entryOf(client, id));
      return reply
        .headers(attachment(`registro-${id}.json`))
        .type("application/json; charset=utf-8")
        .send(Buffer.from(entry));
    });

    app.get<{ Params: Params }>("/audit/records/:id/proof", async (request, reply) => {
      const { id } = request.params;
      const { entry, proof } = await asRequest(request, "read", async (client) => ({
        entry: await entryOf(client, id),
        proof: await proofOf(client, id, keys),
      }));
      const { index, path, checkpoint, size, forged } = proof;
      if (forged.length > 0) {
        request.log.error(
          { treeSize: size, witnesses: forged },
          "false signatures in witnesses' names were left out of a proof",
        );
      }
      return reply
        .headers(attachment(`registro-${id}.tlog-proof`))
        .type("text/plain; charset=utf-8")
        .send(formatProof({ index, path, checkpoint, extra: Buffer.from(entry) }));
    });
  };
}

/** What the record says of people is for who asked, not for a cache on the way. */
function attachment(name: string): Record<string, string> {
  return { "content-disposition": `attachment; filename="${name}"`, "cache-control": "no-store" };
}

async function entryOf(client: pg.ClientBase, id: string): Promise<string> {
  if (!/^\d{1,18}$/.test(id)) throw new ApiError("BLD04", "O id de um registro é um número.");
  const { rows } = await client.query<{ entry: string }>(
    "select entry from blindagem_audit.audit_log_immutable where id = $1 and entity_type <> 'intents'",
    [id],
  );
  if (!rows[0]) throw new ApiError("BLD03");
  return rows[0].entry;
}

async function proofOf(
  client: pg.ClientBase,
  id: string,
  keys: readonly ListedKey[],
): Promise<RecordProof> {
  const proof = await proveOneRecord(client, id, keys);
  if (proof) return proof;
  throw new ApiError(
    "BLD14",
    "O registro ainda espera por seu selo, que leva segundos; tente de novo.",
  );
}

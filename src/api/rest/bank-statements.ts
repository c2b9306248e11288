import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { importStatement } from "../../banking/import-statement.ts";
import { ApiError } from "../errors.ts";
import type { ApiContext } from "../server.ts";
import { uploadedFile } from "./uploaded-file.ts";

/** Years of a busy account; as the table statement_files has it. */
export const STATEMENT_LIMIT = 8_000_000;

const id = z.string().regex(/^\d{1,18}$/);
const query = z.strictObject({
  condominiumId: id.optional(),
  accountId: id.optional(),
  newAccount: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .default(false),
  reason: z.string().optional(),
});

/** A name without folders and without anything invisible. */
export const statementFileName = z
  .string()
  .transform((text) => text.normalize("NFC").trim())
  .pipe(z.string().regex(/^[^/\\\p{Cc}\p{Cf}\p{Cs}]{1,255}$/u));

/**
 * `POST /bank-statements?condominiumId=…`: an OFX statement or a CNAB 240 payment return, as multipart with one file or raw
 * with the header X-File-Name. 201 when something was stored, 200 when the same file was there before.
 */
export function bankStatementsRoutes({ asRequest }: ApiContext) {
  return async (app: FastifyInstance) => {
    app.removeAllContentTypeParsers();
    await app.register(multipart, { limits: { fileSize: STATEMENT_LIMIT, files: 1, fields: 0 } });
    app.addContentTypeParser(
      ["application/x-ofx", "application/octet-stream", "text/plain"],
      { parseAs: "buffer", bodyLimit: STATEMENT_LIMIT },
      async (_request: FastifyRequest, bytes: Buffer) => new Uint8Array(bytes),
    );

    app.post("/bank-statements", { bodyLimit: STATEMENT_LIMIT }, async (request, reply) => {
      const parsed = query.safeParse(request.query);
      if (!parsed.success) {
        const fields = parsed.error.issues.map(({ path }) => path.join(".")).filter(Boolean);
        throw new ApiError("BLD04", `O pedido tem um dado inválido: ${fields.join(", ")}.`);
      }
      const { condominiumId, accountId, newAccount, reason } = parsed.data;
      const { name, bytes } = await uploadedFile(request, statementFileName);
      if (bytes.length === 0) throw new ApiError("BLD04", "O arquivo está vazio.");
      const result = await asRequest(request, "write", (client) =>
        importStatement(client, {
          bytes,
          fileName: name,
          condominiumId: condominiumId ?? null,
          accountId: accountId ?? null,
          newAccount,
          reason: reason ?? null,
        }),
      );
      return reply.status(result.repeated ? 200 : 201).send(result);
    });
  };
}

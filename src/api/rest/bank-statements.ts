import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { importStatement } from "../../banking/import-statement.ts";
import { ApiError } from "../errors.ts";
import type { ApiContext } from "../server.ts";

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

interface Upload {
  name: string;
  bytes: Uint8Array;
}

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
      const { name, bytes } = request.isMultipart()
        ? await multipartUpload(request)
        : rawUpload(request);
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

async function multipartUpload(request: FastifyRequest): Promise<Upload> {
  let upload: Upload | undefined;
  for await (const part of request.files()) {
    const bytes = new Uint8Array(await part.toBuffer());
    // The library misses it where a chunk ends just at the limit.
    if (part.file.truncated) throw new ApiError("BLD09");
    upload = { name: checkedName(part.filename), bytes };
  }
  if (!upload) throw new ApiError("BLD04", "Envie um arquivo.");
  return upload;
}

function rawUpload(request: FastifyRequest): Upload {
  const header = request.headers["x-file-name"];
  if (typeof header !== "string") {
    throw new ApiError("BLD04", "Diga o nome do arquivo no cabeçalho X-File-Name.");
  }
  let name: string;
  try {
    name = decodeURIComponent(header);
  } catch {
    throw new ApiError("BLD04", "O cabeçalho X-File-Name não é UTF-8 com codificação por cento.");
  }
  return {
    name: checkedName(name),
    bytes: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
  };
}

function checkedName(text: string): string {
  const parsed = statementFileName.safeParse(text);
  if (!parsed.success) {
    throw new ApiError("BLD04", "O nome do arquivo não vale: até 255 caracteres, sem pasta.");
  }
  return parsed.data;
}

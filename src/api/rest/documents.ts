import { createHash } from "node:crypto";
import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { dateInBrasilia } from "../../calendar/brasilia.ts";
import { detectFormat, isReadable, type ReadableFormat } from "../../receipts/format.ts";
import { ApiError } from "../errors.ts";
import type { ApiContext } from "../server.ts";
import { uploadedFile } from "./uploaded-file.ts";

/** 10 MB, as the table documents has it. */
export const DOCUMENT_LIMIT = 10_485_760;

const MEDIA_TYPES: Record<ReadableFormat, string> = {
  PNG: "image/png",
  JPEG: "image/jpeg",
  WEBP: "image/webp",
  TIFF: "image/tiff",
  PDF: "application/pdf",
};

/** A name without folders and without anything invisible, in Unicode's composed form, as rows refer to it. */
const fileName = z
  .string()
  .transform((text) => text.normalize("NFC").trim())
  .pipe(
    z
      .string()
      .min(1)
      .max(255)
      .refine((text) => !/[/\\]|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|^\.*$/u.test(text)),
  );

/**
 * `POST /documents`: a receipt, invoice or boleto, as multipart with one file or raw with the header X-File-Name
 * (percent-encoded UTF-8); what it is is told by its content. `GET /documents/:sha256`: its bytes, for whoever may see it.
 */
export function documentsRoutes({ options: { documents }, asRequest }: ApiContext) {
  return async (app: FastifyInstance) => {
    app.removeAllContentTypeParsers();
    await app.register(multipart, { limits: { fileSize: DOCUMENT_LIMIT, files: 1, fields: 0 } });
    app.addContentTypeParser(
      [...Object.values(MEDIA_TYPES), "application/octet-stream"],
      { parseAs: "buffer", bodyLimit: DOCUMENT_LIMIT },
      async (_request: FastifyRequest, bytes: Buffer) => new Uint8Array(bytes),
    );

    app.post("/documents", { bodyLimit: DOCUMENT_LIMIT }, async (request, reply) => {
      const { name, bytes } = await uploadedFile(request, fileName);
      if (bytes.length === 0) throw new ApiError("BLD04", "O documento está vazio.");
      const format = detectFormat(bytes);
      if (!isReadable(format))
        throw new ApiError("BLD12", "O documento não é PNG, JPEG, WebP, TIFF nem PDF.");
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      await asRequest(request, "write", async (client) => {
        await client.query("select blindagem_private.require_role('admin', 'integrator')");
        // Bytes without a row do no harm, a row without bytes is a promise that nobody keeps. And registering holds a
        // lock until the commit, for which the organization's batches wait: no file is written under it.
        await documents.put(sha256, bytes);
        await client.query("select blindagem_private.register_document($1, $2, $3, $4)", [
          sha256,
          format,
          bytes.length,
          name,
        ]);
        // A job that erased the same document may have removed them meanwhile; now the document is held against it.
        if (!(await documents.has(sha256))) await documents.put(sha256, bytes);
      });
      return reply
        .status(201)
        .header("location", `/documents/${sha256}`)
        .send({ sha256, format, size: bytes.length, fileName: name });
    });

    app.get<{ Params: { sha256: string } }>("/documents/:sha256", async (request, reply) => {
      const { sha256 } = request.params;
      const document = await asRequest(request, "read", async (client) => {
        const { rows } = await client.query<{ format: ReadableFormat; erased_at: Date | null }>(
          "select format, erased_at from blindagem.documents where sha256 = $1",
          [sha256],
        );
        return rows[0];
      });
      if (!document) throw new ApiError("BLD03");
      const { format, erased_at } = document;
      // Its bytes may lie there still: the job that removes them waits, or the disk was restored.
      if (erased_at !== null) {
        throw new ApiError(
          "BLD03",
          `O documento foi apagado em ${dateInBrasilia(erased_at)} (LGPD).`,
        );
      }
      const bytes = await documents.get(sha256);
      return reply
        .headers({
          "content-type": MEDIA_TYPES[format],
          "content-disposition": "inline",
          // Content from outside, shown by a browser: nothing in it runs.
          "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        })
        .send(Buffer.from(bytes));
    });
  };
}

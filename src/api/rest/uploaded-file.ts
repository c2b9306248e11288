import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { ApiError } from "../errors.ts";
import { tooLarge } from "../too-large.ts";

export interface UploadedFile {
  name: string;
  bytes: Uint8Array;
}

/**
 * The one file of a request: multipart, or raw with the header X-File-Name (percent-encoded UTF-8).
 *
 * @param fileName which names are accepted, and in which form
 * @throws ApiError BLD04 without a file or with a name that is none, BLD09 when it is too large
 */
export function uploadedFile(
  request: FastifyRequest,
  fileName: z.ZodType<string>,
): Promise<UploadedFile> | UploadedFile {
  return request.isMultipart() ? multipartUpload(request, fileName) : rawUpload(request, fileName);
}

/** Read to the end of the form, where a second file shows. */
async function multipartUpload(
  request: FastifyRequest,
  fileName: z.ZodType<string>,
): Promise<UploadedFile> {
  let upload: UploadedFile | undefined;
  for await (const part of request.files()) {
    const bytes = new Uint8Array(await part.toBuffer());
    // The library misses it where a chunk ends just at the limit, at which it has cut the file off.
    if (part.file.truncated) throw tooLarge(bytes.length);
    upload = { name: checkedName(part.filename, fileName), bytes };
  }
  if (!upload) throw new ApiError("BLD04", "Envie um arquivo.");
  return upload;
}

function rawUpload(request: FastifyRequest, fileName: z.ZodType<string>): UploadedFile {
  const header = request.headers["x-file-name"];
  if (typeof header !== "string")
    throw new ApiError("BLD04", "Diga o nome do arquivo no cabeçalho X-File-Name.");
  const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  return { name: checkedName(decoded(header), fileName), bytes };
}

function decoded(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    throw new ApiError("BLD04", "O cabeçalho X-File-Name não é UTF-8 com codificação por cento.");
  }
}

function checkedName(text: string, fileName: z.ZodType<string>): string {
  const parsed = fileName.safeParse(text);
  if (!parsed.success)
    throw new ApiError("BLD04", "O nome do arquivo não vale: até 255 caracteres, sem pasta.");
  return parsed.data;
}

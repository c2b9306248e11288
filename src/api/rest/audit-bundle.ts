import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { NoCheckpointError } from "../../audit/bundle/bundled-tree.ts";
import { type Exported, exportBundle } from "../../audit/bundle/export.ts";
import { tarOf } from "../../audit/bundle/tar.ts";
import { parseKeyList } from "../../audit/key-list.ts";
import { errorCode } from "../../database/error-code.ts";
import { ApiError } from "../errors.ts";
import type { ApiContext } from "../server.ts";

const query = z.strictObject({
  month: z
    .string()
    .regex(/^\d{4}-(?:0[1-9]|1[0-2])$/)
    .optional(),
  documents: z.enum(["true", "false"]).optional(),
});

interface BundleRoute {
  Params: { id: string };
}

/**
 * `GET /audit/condominiums/:id/bundle?month=2026-10&documents=true`: the records of a condominium (or of what is about one
 * month of it) that the asker may see, as a bundle (src/audit/bundle/manifest.ts) in a tar archive. What it came to stands
 * in the header X-Bundle, as JSON.
 */
export function auditBundleRoutes({ options, asRequest }: ApiContext) {
  // Each goes through the log and lies on the disk until it is sent.
  let isBusy = false;
  return async (app: FastifyInstance) => {
    app.get<BundleRoute>("/audit/condominiums/:id/bundle", async (request, reply) => {
      const { id } = request.params;
      const asked = query.safeParse(request.query);
      if (!/^[1-9]\d{0,17}$/.test(id) || !asked.success) {
        throw new ApiError(
          "BLD04",
          "Peça o pacote de um condomínio pelo número, com `month` como 2026-10 e `documents=true`, se os quiser.",
        );
      }
      if (isBusy) {
        throw new ApiError("BLD14", "Outro pacote está sendo gravado; tente de novo em instantes.");
      }
      isBusy = true;
      const parent = path.join(tmpdir(), `blindagem-bundle-${randomUUID()}`);
      const directory = path.join(parent, "bundle");
      const clean = async () => {
        isBusy = false;
        await rm(parent, { recursive: true, force: true });
      };
      try {
        await mkdir(parent, { mode: 0o700 });
        const { month, documents } = asked.data;
        const exported = await asRequest(request, "snapshot", async (client) => {
          await client.query(
            "select blindagem_private.require_role('admin', 'sindico', 'auditor')",
          );
          const { rowCount } = await client.query(
            "select from blindagem.condominiums where id = $1",
            [id],
          );
          if (rowCount === 0) throw new ApiError("BLD03");
          return exportBundle(client, {
            directory,
            organizationId: request.identity.organizationId ?? undefined,
            condominiumIds: [id],
            month,
            documents: documents === "true" ? storedDocument : undefined,
            keys: parseKeyList(options.auditKeys),
            now: options.clock(),
          });
        });
        const name = `pacote-${id}${month === undefined ? "" : `-${month}`}`;
        const archive = Readable.from(tarOf(directory, name), { objectMode: false });
        // Also when whoever asked has gone away.
        archive.once("close", () => void clean());
        return reply
          .headers({
            "content-disposition": `attachment; filename="${name}.tar"`,
            "cache-control": "no-store",
            "x-bundle": JSON.stringify(exported satisfies Exported),
          })
          .type("application/x-tar")
          .send(archive);
      } catch (error) {
        await clean();
        if (error instanceof NoCheckpointError) {
          throw new ApiError(
            "BLD14",
            "O registro ainda não tem checkpoint assinado, o que leva segundos; tente de novo.",
            { cause: error },
          );
        }
        throw error;
      }
    });
  };

  async function storedDocument(sha256: string): Promise<Uint8Array | undefined> {
    return options.documents.get(sha256).catch((error: unknown) => {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    });
  }
}

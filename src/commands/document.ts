import { readFile } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import { type ApiOptions, apiClient, withApiOptions } from "./api-options.ts";

/** Hands in receipts, invoices and boletos. */
export function documentCommand(): Command {
  const command = new Command("document").description("comprovantes, notas e boletos");
  withApiOptions(
    command
      .command("upload")
      .description("envia documentos (PNG, JPEG, WebP, TIFF ou PDF, até 10 MB cada)")
      .argument("<files...>", "arquivos"),
  ).action(async (files: string[], options: ApiOptions) => {
    const client = apiClient(options);
    for (const file of files) {
      const sha256 = await client.uploadDocument(
        path.basename(file),
        new Uint8Array(await readFile(file)),
      );
      process.stdout.write(`${sha256}  ${path.basename(file)}\n`);
    }
  });
  return command;
}

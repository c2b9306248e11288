import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";

/** A folder for the zips of a test; `remove` deletes it. */
export async function zipFolder() {
  const folder = await mkdtemp(join(tmpdir(), "blindagem-open-data-"));
  return {
    folder,
    remove: () => rm(folder, { recursive: true }),

    /** Writes a zip of entries (ISO-8859-1 text, or a stream of bytes) and returns its path. */
    async write(name: string, entries: Record<string, string | Readable>): Promise<string> {
      const zip = new ZipFile();
      for (const [entry, content] of Object.entries(entries)) {
        if (typeof content === "string") zip.addBuffer(Buffer.from(content, "latin1"), entry);
        else zip.addReadStream(content, entry);
      }
      zip.end();
      const path = join(folder, name);
      await pipeline(zip.outputStream, createWriteStream(path));
      return path;
    },
  };
}

const ESTABLISHMENT_COLUMNS = 30;

/** A line of Estabelecimentos with its line end. */
export function establishmentLine(cnpj: string, code = "02", mainCnae = "8121400"): string {
  const fields: string[] = Array(ESTABLISHMENT_COLUMNS).fill("");
  fields[0] = cnpj.slice(0, 8);
  fields[1] = cnpj.slice(8, 12);
  fields[2] = cnpj.slice(12);
  fields[5] = code;
  fields[6] = "20200131";
  fields[10] = "20190201";
  fields[11] = mainCnae;
  return `${fields.map((field) => `"${field}"`).join(";")}\n`;
}

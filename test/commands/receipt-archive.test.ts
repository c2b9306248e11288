import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "@jest/globals";
import { ZipFile } from "yazl";
import { type ArchivedDocument, readArchive } from "../../src/commands/receipt-archive.ts";

const PDF = "%PDF-1.7 nota";

async function zipOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith("/")) zip.addEmptyDirectory(name);
    else zip.addBuffer(Buffer.from(content), name, { compress: false });
  }
  zip.end();
  return buffer(zip.outputStream);
}

async function documentsOf(bytes: Uint8Array): Promise<ArchivedDocument[]> {
  const documents: ArchivedDocument[] = [];
  for await (const document of readArchive(bytes)) documents.push(document);
  return documents;
}

describe("readArchive", () => {
  it("gives the documents under their names without folders", async () => {
    const documents = await documentsOf(
      await zipOf({ "notas/": "", "notas/nota 1.pdf": PDF, "nota-2.pdf": `${PDF} dois` }),
    );
    expect(documents).toEqual([
      { fileName: "nota 1.pdf", bytes: new Uint8Array(Buffer.from(PDF)) },
      { fileName: "nota-2.pdf", bytes: new Uint8Array(Buffer.from(`${PDF} dois`)) },
    ]);
  });

  it("passes over what the sender's system put in", async () => {
    const documents = await documentsOf(
      await zipOf({
        ".DS_Store": "x",
        "notas/.DS_Store": "x",
        "notas/nota.v1.pdf": PDF,
        "__MACOSX/notas/._nota.v1.pdf": "x",
        "__MACOSX/nota.pdf": PDF,
        ".oculta/nota.pdf": PDF,
      }),
    );
    expect(documents.map(({ fileName }) => fileName)).toEqual(["nota.v1.pdf"]);
  });

  it("names what is no document", async () => {
    const zip = await zipOf({ "notas/nota.pdf": PDF, "notas/leia-me.txt": "Olá" });
    await expect(documentsOf(zip)).rejects.toThrow(
      '"notas/leia-me.txt" não é PNG, JPEG, WebP, TIFF nem PDF',
    );
  });

  it("names what is damaged: its checksum is not its content's", async () => {
    const zip = await zipOf({ "notas/nota.pdf": PDF });
    zip[zip.indexOf(PDF) + PDF.length - 1] = 0x21;
    await expect(documentsOf(zip)).rejects.toThrow('"notas/nota.pdf" está danificado no ZIP.');
  });

  it("names what is over 10 MB", async () => {
    const zip = await zipOf({ "grande.pdf": PDF.padEnd(10 * 1024 * 1024 + 1) });
    await expect(documentsOf(zip)).rejects.toThrow('"grande.pdf" tem mais de 10 MB.');
  });

  it("refuses what is no ZIP, and half of one", async () => {
    const zip = await zipOf({ "nota.pdf": PDF });
    for (const bytes of [new Uint8Array(), Buffer.from(PDF), zip.subarray(0, 60)]) {
      await expect(documentsOf(bytes)).rejects.toThrow("não é um ZIP, ou está danificado");
    }
  });
});

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { waitFor } from "../../wait-for.ts";
import { type ApiFixture, expenseRow, type Person, pick, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const png = (text: string) => Buffer.concat([Buffer.from(PNG), Buffer.from(text)]);
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function upload(
  bytes: Uint8Array,
  name: string,
  person: Person = "admin",
  type = "application/octet-stream",
) {
  return fixture.request("/documents", {
    method: "POST",
    headers: { "content-type": type, "x-file-name": encodeURIComponent(name) },
    body: new Blob([Uint8Array.from(bytes)]),
    person,
  });
}

describe("POST /documents", () => {
  it("stores raw bytes under their hash, whatever they are called", async () => {
    const bytes = png("raw");
    expect(await upload(bytes, "comprovação.pdf", "admin", "application/pdf")).toMatchObject({
      status: 201,
      body: { sha256: hash(bytes), format: "PNG", size: bytes.length, fileName: "comprovação.pdf" },
    });
  });

  it("stores a file of a form", async () => {
    const bytes = png("form");
    const form = new FormData();
    form.set("file", new Blob([Uint8Array.from(bytes)]), "recibo.png");
    expect(
      await fixture.request("/documents", { method: "POST", body: form, person: "admin" }),
    ).toMatchObject({
      status: 201,
      body: { sha256: hash(bytes), fileName: "recibo.png" },
    });
  });

  it("gives its hash to the expenses that named the file, and enqueues its reading", async () => {
    await fixture.request("/batch-expenses", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([expenseRow({ documents: ["boleto-7.png"] })]),
      person: "admin",
    });
    const bytes = png("boleto 7");
    await upload(bytes, "boleto-7.png");
    await upload(bytes, "boleto-7.png");
    const { body } = await fixture.graphql(
      "admin",
      `{ expenseDocuments { nodes { fileName sha256 } }
         backgroundJobs(filter: { task: { equalTo: "ocr_triage" } }) { totalCount } }`,
    );
    expect(pick(body, "data", "expenseDocuments", "nodes")).toEqual([
      { fileName: "boleto-7.png", sha256: hash(bytes) },
    ]);
    // One reading for each of the three documents so far, however often they came.
    expect(pick(body, "data", "backgroundJobs", "totalCount")).toBe(3);
  });

  it.each([
    ["text", Buffer.from("no picture"), "a.png", 415, "BLD12"],
    ["nothing", Buffer.alloc(0), "a.png", 400, "BLD04"],
    ["a name with a folder", png("x"), "../a.png", 400, "BLD04"],
    ["a name with a line break", png("x"), "a\nb.png", 400, "BLD04"],
    ["more than 10 MB", Buffer.concat([png(""), Buffer.alloc(10_485_760)]), "a.png", 413, "BLD09"],
  ])("refuses %s", async (_name, bytes, fileName, status, code) => {
    expect(await upload(bytes, fileName)).toMatchObject({ status, body: { error: { code } } });
  });

  const uploadForm = (...files: Uint8Array[]) => {
    const form = new FormData();
    for (const bytes of files) form.append("file", new Blob([Uint8Array.from(bytes)]), "a.png");
    return fixture.request("/documents", { method: "POST", body: form, person: "admin" });
  };

  it.each([10_485_761, 10_485_768, 10_600_000])(
    "refuses a form's file of %i bytes, instead of cutting it off",
    async (size) => {
      const bytes = Buffer.concat([png(""), Buffer.alloc(size - PNG.length)]);
      const error = { code: "BLD09", message: expect.stringContaining("até 10.485.760 bytes") };
      expect(await uploadForm(bytes)).toMatchObject({ status: 413, body: { error } });
      expect(await upload(bytes, "a.png")).toMatchObject({ status: 413, body: { error } });
    },
  );

  it("takes 10 MB to the byte, as a form and raw", async () => {
    const bytes = Buffer.concat([png(""), Buffer.alloc(10_485_760 - PNG.length)]);
    for (const answer of [await uploadForm(bytes), await upload(bytes, "largest.png")]) {
      expect(answer).toMatchObject({ status: 201, body: { sha256: hash(bytes) } });
    }
  });

  it("refuses a form with a second file, which would be lost", async () => {
    expect(await uploadForm(png("first"), png("second"))).toMatchObject({
      status: 413,
      body: { error: { code: "BLD09", message: expect.stringContaining("mais de um arquivo") } },
    });
  });

  it("refuses a form's field, which would be lost, and says what it is", async () => {
    const form = new FormData();
    form.append("descricao", "nota de novembro");
    expect(
      await fixture.request("/documents", { method: "POST", body: form, person: "admin" }),
    ).toMatchObject({
      status: 400,
      body: {
        error: {
          code: "BLD04",
          message: "O formulário tem um campo que não é arquivo; envie só o arquivo.",
        },
      },
    });
  });

  it("refuses a form's empty file as it does an empty body", async () => {
    expect(await uploadForm(new Uint8Array())).toMatchObject({
      status: 400,
      body: { error: { code: "BLD04", message: "O documento está vazio." } },
    });
  });

  it.each(["text/plain", "application/json"])("does not take %s for a document", async (type) => {
    const answer = await upload(Buffer.from('"x"'), "a.png", "admin", type);
    expect(answer).toMatchObject({ status: 415, body: { error: { code: "BLD12" } } });
  });

  it.each([
    ["WEBP", "image/webp", Buffer.from("RIFF1234WEBPVP8 ")],
    ["TIFF", "image/tiff", Buffer.from("II*\0", "latin1")],
  ])("takes a %s, and gives it back as what it is", async (format, type, bytes) => {
    const name = `recibo.${format.toLowerCase()}`;
    expect(await upload(bytes, name, "admin", type)).toMatchObject({
      status: 201,
      body: { format },
    });
    const { headers } = await fixture.request(`/documents/${hash(bytes)}`, { person: "admin" });
    expect(headers.get("content-type")).toBe(type);
  });

  it("is not for those who only look", async () => {
    expect((await upload(png("y"), "y.png", "auditor")).status).toBe(403);
    expect((await upload(png("y"), "y.png", "reviewer")).status).toBe(403);
    await expect(fixture.documents.get(hash(png("y")))).rejects.toThrow();
  });
});

describe("GET /documents/:sha256", () => {
  it("gives the bytes, harmless to a browser, to whoever may see the document", async () => {
    const bytes = png("to be seen");
    await upload(bytes, "seen.png");
    const response = await fetch(`${fixture.url}/documents/${hash(bytes)}`, {
      headers: { authorization: `Bearer ${await fixture.token("reviewer")}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("image/png");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    // Erased, or a grant ended: a browser must not have it still, nor show it to an auditor without a note.
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-security-policy")).toMatch(/^sandbox/);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);

    expect((await fixture.request(`/documents/${hash(bytes)}`, { person: "otto" })).status).toBe(
      404,
    );
    expect((await fixture.request(`/documents/${hash(bytes)}`)).status).toBe(401);
  });

  it("gives nothing to an administradora that only names the hash of another's document", async () => {
    const bytes = png("private");
    await upload(bytes, "private.png");
    const row = { documents: [hash(bytes)] };
    const list = async (person: Person, condominium: string) => {
      const answer = await fixture.request("/batch-expenses", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify([expenseRow({ ...row, condominium })]),
        person,
      });
      expect(answer.status).toBe(201);
    };
    const look = async (person: Person) =>
      (await fixture.request(`/documents/${hash(bytes)}`, { person })).status;
    await list("otto", "LUA");
    expect(await look("otto")).toBe(404);
    expect(await look("sindico")).toBe(404);
    await list("admin", "SOL");
    expect(await look("sindico")).toBe(200);
    await upload(bytes, "ours.png", "otto");
    expect(await look("otto")).toBe(200);
  });

  it("says of one whose bytes were erased that and when they were", async () => {
    const bytes = png("to be erased");
    await upload(bytes, "erased.png");
    await fixture.documents.remove(hash(bytes));
    await fixture.database
      .pool("migrator")
      .query(
        "update blindagem.documents set erased_at = '2026-11-04T15:00:00Z' where sha256 = $1",
        [hash(bytes)],
      );
    const answer = await fixture.request(`/documents/${hash(bytes)}`, { person: "admin" });
    expect(answer.status).toBe(404);
    expect(JSON.stringify(answer.body)).toContain("foi apagado em 2026-11-04");
  });

  it("does not give an erased one while its bytes lie there still, and does when they are handed in again", async () => {
    const bytes = png("erased, and restored with the disk");
    await upload(bytes, "restored.png");
    await fixture.database
      .pool("migrator")
      .query(
        "update blindagem.documents set erased_at = '2026-11-04T15:00:00Z' where sha256 = $1",
        [hash(bytes)],
      );
    const look = () => fixture.request(`/documents/${hash(bytes)}`, { person: "admin" });
    expect(await look()).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining("foi apagado em 2026-11-04") } },
    });
    await upload(bytes, "restored.png");
    expect((await look()).status).toBe(200);
  });

  it("has the bytes of what is handed in again while the job that erased it removes them", async () => {
    const bytes = png("handed in again while it goes");
    await upload(bytes, "again.png");
    const erasing = await fixture.database.pool("migrator").connect();
    await erasing.query("begin");
    await erasing.query("update blindagem.documents set erased_at = now() where sha256 = $1", [
      hash(bytes),
    ]);
    const again = upload(bytes, "again.png");
    await waitFor("the upload waits for the document", async () => {
      const { rowCount } = await erasing.query(
        "select from pg_locks where not granted and transactionid = pg_current_xact_id()::xid",
      );
      return rowCount === 1;
    });
    await fixture.documents.remove(hash(bytes));
    await erasing.query("commit");
    erasing.release();
    expect(await again).toMatchObject({ status: 201 });
    const { status } = await fixture.request(`/documents/${hash(bytes)}`, { person: "admin" });
    expect(status).toBe(200);
  });

  it.each(["0".repeat(64), "not-a-hash", "..%2f..%2fetc%2fpasswd"])(
    "knows nothing of %s",
    async (name) => {
      expect((await fixture.request(`/documents/${name}`, { person: "admin" })).status).toBe(404);
    },
  );
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { createDirectoryStore, type DocumentStore } from "../../src/receipts/document-store.ts";
import { useServices } from "../../src/services.ts";
import eraseDocuments from "../../tasks/erase_documents.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { runJobs, servicesOf } from "./task-run.ts";

let database: TestDatabase;
let directory: string;
beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-erased-"));
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

it("removes the bytes of what is erased, and not of what was handed in again meanwhile", async () => {
  const [erased, again] = ["a".repeat(64), "b".repeat(64)] as const;
  await database.pool("migrator").query(
    `insert into blindagem.documents (sha256, format, size, erased_at)
     values ('${erased}', 'PDF', 3, now()), ('${again}', 'PDF', 3, null)`,
  );
  const documents = createDirectoryStore(directory);
  for (const sha256 of [erased, again]) await documents.put(sha256, new Uint8Array([1, 2, 3]));
  useServices(servicesOf({ clock: () => new Date(), documents }));
  const client = await database.pool("worker").connect();
  await enqueueJobs(client, [{ task: "erase_documents", payload: { sha256s: [erased, again] } }]);
  client.release();
  await runJobs(database, { erase_documents: eraseDocuments });
  await expect(documents.get(erased)).rejects.toThrow("ENOENT");
  expect(await documents.get(again)).toEqual(new Uint8Array([1, 2, 3]));
});

it("holds a document while its bytes are removed: whoever hands it in again comes before or after", async () => {
  const sha256 = "c".repeat(64);
  await database
    .pool("migrator")
    .query(
      `insert into blindagem.documents (sha256, format, size, erased_at) values ('${sha256}', 'PDF', 3, now())`,
    );
  const store = createDirectoryStore(directory);
  await store.put(sha256, new Uint8Array([1, 2, 3]));
  const meanwhile: unknown[] = [];
  const documents: DocumentStore = {
    ...store,
    async remove(name) {
      const handingIn = database
        .pool("migrator")
        .query(`select from blindagem.documents where sha256 = '${name}' for no key update nowait`);
      meanwhile.push(await handingIn.catch(({ code }: { code: unknown }) => code));
      await store.remove(name);
    },
  };
  useServices(servicesOf({ clock: () => new Date(), documents }));
  const client = await database.pool("worker").connect();
  await enqueueJobs(client, [{ task: "erase_documents", payload: { sha256s: [sha256] } }]);
  client.release();
  await runJobs(database, { erase_documents: eraseDocuments });
  expect(meanwhile).toEqual(["55P03"]);
  expect(await store.has(sha256)).toBe(false);
});

import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createDirectoryStore, type DocumentStore } from "../../src/receipts/document-store.ts";

const SHA256 = "0f".repeat(32);

let directory: string;
let store: DocumentStore;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-store-"));
  store = createDirectoryStore(directory);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("the store of documents", () => {
  it("gives back the bytes, also when many store the same at once, and leaves nothing half", async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    await Promise.all(Array.from({ length: 10 }, () => store.put(SHA256, bytes)));
    expect(await store.get(SHA256)).toEqual(bytes);
    expect(await readdir(path.join(directory, "0f"))).toEqual([SHA256]);
  });

  it("is closed to other users of the machine", async () => {
    const inside = path.join(directory, "state", "documents");
    await createDirectoryStore(inside).put(SHA256, new Uint8Array([1]));
    const modeOf = async (...names: string[]) =>
      (await stat(path.join(directory, ...names))).mode & 0o777;
    expect(await modeOf("state")).toBe(0o700);
    expect(await modeOf("state", "documents", "0f")).toBe(0o700);
    expect(await modeOf("state", "documents", "0f", SHA256)).toBe(0o600);
  });

  it.each(["../../etc/passwd", "0F".repeat(32), "0f".repeat(31), `${SHA256}/../x`, ""])(
    "takes nothing but a hash as an address: %j",
    async (address) => {
      await expect(store.get(address)).rejects.toThrow(RangeError);
      await expect(store.put(address, new Uint8Array())).rejects.toThrow(RangeError);
      expect(await readdir(directory)).toEqual([]);
    },
  );

  it("says whether it has bytes", async () => {
    expect(await store.has(SHA256)).toBe(false);
    await store.put(SHA256, new Uint8Array([1]));
    expect(await store.has(SHA256)).toBe(true);
    await store.remove(SHA256);
    expect(await store.has(SHA256)).toBe(false);
  });

  it("fails for bytes that it has not", async () => {
    await expect(store.get(SHA256)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

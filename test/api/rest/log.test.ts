import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openCheckpoint } from "../../../src/audit/checkpoint.ts";
import { TileReader } from "../../../src/audit/tile-reader.ts";
import { verifyConsistency, verifyInclusion } from "../../../src/audit/tree.ts";
import { checkpointSigner } from "../../audit/test-keys.ts";
import { type ApiFixture, startApi } from "../api-fixture.ts";
import { sealAll } from "../seal-all.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

async function addPeople(count: number): Promise<void> {
  await fixture.database
    .pool("migrator")
    .query(
      "insert into blindagem.people (subject, name) select gen_random_uuid(), 'Pessoa' from generate_series(1, $1)",
      [count],
    );
}

const get = (path: string) => fetch(`${fixture.url}/log/${path}`);
const bytes = async (path: string) => {
  const response = await get(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
};
async function checkpoint() {
  const { keys, origin } = await checkpointSigner();
  return openCheckpoint(await (await get("checkpoint")).text(), keys, origin);
}

describe("/log", () => {
  it("has no checkpoint before the first is signed", async () => {
    expect((await get("checkpoint")).status).toBe(404);
  });

  it("serves to anybody a signed checkpoint, and the tiles that prove it", async () => {
    await addPeople(300);
    const size = await sealAll(fixture.database);
    const signed = await checkpoint();
    expect(signed.size).toBe(size);
    const reader = new TileReader((path) => bytes(path), signed.size);
    expect(Buffer.from(await reader.root())).toEqual(Buffer.from(signed.root));
    for (const index of [0, 255, 256, size - 1]) {
      verifyInclusion({
        index,
        size,
        leafHash: await reader.leafHash(index),
        path: await reader.inclusion(index),
        root: signed.root,
      });
    }
  });

  it("proves that a later checkpoint continues an earlier one", async () => {
    const before = await checkpoint();
    await addPeople(5);
    await sealAll(fixture.database);
    const after = await checkpoint();
    expect(after.size).toBeGreaterThan(before.size);
    const reader = new TileReader((path) => bytes(path), after.size);
    verifyConsistency({
      oldSize: before.size,
      oldRoot: before.root,
      size: after.size,
      root: after.root,
      path: await reader.consistency(before.size),
    });
  });

  it("tells caches what may be kept: tiles for ever, the checkpoint not at all", async () => {
    expect((await get("tile/0/000")).headers.get("cache-control")).toContain("immutable");
    expect((await get("tile/0/000")).headers.get("content-type")).toBe("application/octet-stream");
    expect((await get("checkpoint")).headers.get("cache-control")).toBe("no-cache");
    expect((await get("keys")).status).toBe(200);
  });

  it.each(["tile/0/999", "tile/0/000.p/0", "tile/0/0", "tile/9/000", "tile/x", "tile/0/001.p/255"])(
    "has no %s",
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: "BLD03" } });
    },
  );

  it("has no records", async () => {
    for (const path of ["entries/000", "tile/entries/000"]) {
      expect((await get(path)).status).toBe(404);
    }
  });
});

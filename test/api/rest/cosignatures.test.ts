import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openCheckpoint } from "../../../src/audit/checkpoint.ts";
import { validCosignatures } from "../../../src/audit/cosignature.ts";
import { formatKeyList, type ListedKey } from "../../../src/audit/key-list.ts";
import { parseNote, type Signer } from "../../../src/audit/note.ts";
import { parseProof, verifyProof } from "../../../src/audit/proof.ts";
import { leafHash } from "../../../src/audit/tree.ts";
import { idBytes } from "../../../src/audit/verifier-key.ts";
import { COSIGNED_AT, cosignedBy, newestOf } from "../../audit/cosigning.ts";
import { listed, newWitness } from "../../audit/signing.ts";
import { testKeys } from "../../audit/test-keys.ts";
import { waitFor } from "../../wait-for.ts";
import { type ApiFixture, pick, serveApi, startApi } from "../api-fixture.ts";
import { sealAll } from "../seal-all.ts";

let fixture: ApiFixture;
let council: Signer;
let keys: ListedKey[];
beforeAll(async () => {
  council = await newWitness("conselho.example");
  keys = [...testKeys, listed("witness", council)];
  fixture = await startApi({ auditKeys: formatKeyList(keys) });
});
afterAll(() => fixture.close());

/** The newest checkpoint, of a log that has grown. */
async function signed(): Promise<{ note: string; size: number }> {
  await fixture.database
    .pool("migrator")
    .query("insert into blindagem.people (subject, name) values (gen_random_uuid(), 'Pessoa')");
  const size = await sealAll(fixture.database);
  return { note: await newestOf(fixture.database), size };
}

const handIn = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  fixture.request("/log/cosignatures", { method: "POST", body, headers });
const get = async (path: string) => (await fetch(`${fixture.url}/log/${path}`)).text();

describe("POST /log/cosignatures", () => {
  it("takes what a witness of the list has signed, from anybody, and serves it with the checkpoint", async () => {
    const { note, size } = await signed();
    const cosigned = await cosignedBy(note, [council]);
    const first = await handIn(cosigned);
    expect(first).toMatchObject({
      status: 201,
      body: {
        origin: "teste/blindagem",
        treeSize: String(size),
        cosignatures: [
          {
            witness: "conselho.example",
            key: council.key.text,
            cosignedAt: COSIGNED_AT.toISOString(),
            isNew: true,
          },
        ],
      },
    });
    const again = await handIn(cosigned, { "content-type": "application/x-www-form-urlencoded" });
    expect(again.status).toBe(200);
    expect(pick(again.body, "cosignatures", 0, "isNew")).toBe(false);
    expect(await get("checkpoint")).toBe(cosigned);
    await signed();
    expect(await get(`checkpoints/${size}`)).toBe(cosigned);
    const opened = openCheckpoint(await get(`checkpoints/${size}`), keys, "teste/blindagem");
    expect(validCosignatures(opened.note, keys, size)).toHaveLength(1);
    expect(validCosignatures(parseNote(await get("checkpoint")), keys, size)).toEqual([]);
  });

  it("refuses what no witness of the list has signed, in words, and keeps nothing of it", async () => {
    const { note, size } = await signed();
    const stranger = await newWitness("conselho.example");
    const refusals = [
      {
        body: await cosignedBy(note, [stranger]),
        status: 403,
        code: "BLD02",
        says: "AUDIT_KEYS_FILE",
      },
      { body: note, status: 403, code: "BLD02", says: "--state" },
      {
        body: (await cosignedBy(note, [council])).replace(`\n${size}\n`, `\n${size + 1}\n`),
        status: 400,
        code: "BLD04",
        says: "é falsa",
      },
      { body: "nada", status: 400, code: "BLD04", says: "signed-note" },
      { body: "", status: 400, code: "BLD04", says: "signed-note" },
      { body: "x".repeat(40_000), status: 413, code: "BLD09", says: "maior" },
    ];
    for (const { body, status, code, says } of refusals) {
      const answer = await handIn(body);
      expect(answer.status).toBe(status);
      expect(pick(answer.body, "error", "code")).toBe(code);
      expect(pick(answer.body, "error", "message")).toContain(says);
    }
    expect(await get("checkpoint")).toBe(note);
    for (const path of ["checkpoints/999999", "checkpoints/x", "checkpoints/01"]) {
      expect((await fetch(`${fixture.url}/log/${path}`)).status).toBe(404);
    }
  });
});

describe("a flood", () => {
  it("of one address is refused before it is read, and told when to come back", async () => {
    const { note } = await signed();
    const cosigned = await cosignedBy(note, [council]);
    const crowded = await serveApi(fixture.database, { auditKeys: formatKeyList(keys) });
    try {
      const post = (body: string) =>
        fetch(`${crowded.url}/log/cosignatures`, { method: "POST", body });
      const statuses: number[] = [];
      for (let sent = 0; sent < 20; sent++) statuses.push((await post("nada")).status);
      expect(new Set(statuses)).toEqual(new Set([400]));
      const late = await post(cosigned);
      expect(late.status).toBe(429);
      expect(late.headers.get("retry-after")).toBe("3");
      expect(pick(await late.json(), "error", "code")).toBe("BLD10");
      expect((await fetch(`${crowded.url}/log/checkpoint`)).status).toBe(200);
    } finally {
      await crowded.close();
    }
  });

  it("of many reaches the database a few at a time", async () => {
    const { note, size } = await signed();
    const cosigned = await cosignedBy(note, [council]);
    const holder = await fixture.database.pool("migrator").connect();
    try {
      await holder.query("begin");
      await holder.query("lock table blindagem_audit.checkpoints in exclusive mode");
      const waiting = [handIn(cosigned), handIn(cosigned)];
      await waitFor("two to wait for the lock", async () => {
        const { rowCount } = await fixture.database
          .pool("migrator")
          .query(
            "select from pg_locks where not granted and relation = 'blindagem_audit.checkpoints'::regclass",
          );
        return rowCount === 2;
      });
      expect(await handIn(cosigned)).toMatchObject({ status: 503 });
      await holder.query("commit");
      const statuses = (await Promise.all(waiting)).map(({ status }) => status);
      expect(statuses.toSorted()).toEqual([200, 201]);
    } finally {
      holder.release();
    }
    expect(await get(`checkpoints/${size}`)).toBe(cosigned);
  });
});

describe("a checkpoint over GraphQL", () => {
  it("has a witness's true signature where a false one came first, and tells of both", async () => {
    const { note, size } = await signed();
    await fixture.database
      .pool("authenticator")
      .query("select blindagem_audit.store_cosignatures($1, $2, $3, $4, $5)", [
        parseNote(note).text,
        size,
        [council.key.name],
        [idBytes(council.key)],
        [Buffer.alloc(72)],
      ]);
    const cosigned = await cosignedBy(note, [council]);
    expect(await handIn(cosigned)).toMatchObject({ status: 201 });
    expect(await get("checkpoint")).toBe(cosigned);
    const { body } = await fixture.graphql(
      "auditor",
      `{ auditCheckpoints(first: 1, orderBy: TREE_SIZE_DESC) { nodes { note cosignatures { nodes { isTrue } } } }
         auditCheckpoint(treeSize: "${size}") { note } }`,
    );
    expect(body).toEqual({
      data: {
        auditCheckpoints: {
          nodes: [
            { note: cosigned, cosignatures: { nodes: [{ isTrue: false }, { isTrue: true }] } },
          ],
        },
        auditCheckpoint: { note: cosigned },
      },
    });
  });
});

describe("what the witness has seen", () => {
  it("is proven with the witness's signature, and the rest without", async () => {
    const { note, size } = await signed();
    await handIn(await cosignedBy(note, [council]));
    await signed();
    const { body } = await fixture.graphql(
      "admin",
      `{ auditLog(first: 1) { nodes { id inclusionProof { treeSize checkpoint { note } } } }
         auditCosignatures(first: 1, orderBy: TREE_SIZE_DESC) { nodes { treeSize witness keyId cosignedAt isTrue checkpoint { note } } }
         auditCheckpoints(first: 2, orderBy: TREE_SIZE_DESC) { nodes { treeSize note cosignatures { nodes { witness cosignedAt } } } } }`,
    );
    expect(pick(body, "errors")).toBeUndefined();
    const cosigned = await cosignedBy(note, [council]);
    expect(pick(body, "data", "auditCosignatures", "nodes")).toEqual([
      {
        treeSize: String(size),
        witness: "conselho.example",
        keyId: council.key.id.toString(16).padStart(8, "0"),
        cosignedAt: expect.stringContaining("2026-11-24T"),
        isTrue: true,
        checkpoint: { note: cosigned },
      },
    ]);
    expect(pick(body, "data", "auditCheckpoints", "nodes")).toMatchObject([
      { cosignatures: { nodes: [] } },
      {
        treeSize: String(size),
        note: cosigned,
        cosignatures: { nodes: [{ witness: "conselho.example" }] },
      },
    ]);

    // What anybody can write who reaches the database.
    await fixture.database
      .pool("authenticator")
      .query("select blindagem_audit.store_cosignatures($1, $2, $3, $4, $5)", [
        parseNote(await newestOf(fixture.database)).text,
        size + 1,
        [council.key.name, "ninguém.example"],
        [idBytes(council.key), Buffer.alloc(4)],
        [Buffer.alloc(72), Buffer.alloc(72)],
      ]);
    const told = await fixture.graphql(
      "admin",
      "{ auditCosignatures(first: 3, orderBy: TREE_SIZE_DESC) { nodes { treeSize witness isTrue } } }",
    );
    expect(pick(told.body, "data", "auditCosignatures", "nodes")).toEqual(
      expect.arrayContaining([
        { treeSize: String(size + 1), witness: council.key.name, isTrue: false },
        { treeSize: String(size + 1), witness: "ninguém.example", isTrue: null },
        { treeSize: String(size), witness: council.key.name, isTrue: true },
      ]),
    );

    // A page's proofs go to the same checkpoint as a file's.
    expect(pick(body, "data", "auditLog", "nodes", 0, "inclusionProof")).toEqual({
      treeSize: String(size),
      checkpoint: { note: cosigned },
    });
    const id = pick(body, "data", "auditLog", "nodes", 0, "id");
    const headers = { authorization: `Bearer ${await fixture.token("admin")}` };
    const answer = await fetch(`${fixture.url}/audit/records/${id}/proof`, { headers });
    const proof = parseProof(await answer.text());
    const proven = verifyProof(proof, leafHash(proof.extra ?? new Uint8Array()), keys);
    expect(proven.checkpoint.size).toBe(size);
    expect(proven.cosignatures).toMatchObject([{ key: { name: "conselho.example" } }]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { bundledTree } from "../../src/audit/bundle/bundled-tree.ts";
import { openCheckpoint, parseCheckpoint } from "../../src/audit/checkpoint.ts";
import { verifyCosignatures } from "../../src/audit/cosignature.ts";
import { areTrue } from "../../src/audit/cosignature-standing.ts";
import {
  checkpointOfSize,
  checkpointsToProve,
  newestWithCosignatures,
} from "../../src/audit/cosigned-checkpoints.ts";
import type { ListedKey } from "../../src/audit/key-list.ts";
import { loadSigner } from "../../src/audit/keys.ts";
import { formatNote, parseNote, type Signer, signNote } from "../../src/audit/note.ts";
import { verifyProof } from "../../src/audit/proof.ts";
import { proveRecord } from "../../src/audit/prove-record.ts";
import { leafIndexes, proveOneRecord, proveRecords } from "../../src/audit/prove-records.ts";
import { submitCosignatures } from "../../src/audit/submit-cosignatures.ts";
import { leafHash } from "../../src/audit/tree.ts";
import { idBytes } from "../../src/audit/verifier-key.ts";
import { itWithSuperuser } from "../database/superuser.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";
import { asSuperuser } from "./comparing/compare.ts";
import { COSIGNED_AT, cosignedBy, cosignNewest, newestOf } from "./cosigning.ts";
import { faultOf } from "./expect-fault.ts";
import { sealAll } from "./seal-all.ts";
import { listed, newWitness } from "./signing.ts";
import { LOG_KEY, testKeys } from "./test-keys.ts";

let database: TestDatabase;
let council: Signer;
let sindico: Signer;
let keys: ListedKey[];
beforeAll(async () => {
  database = await createTestDatabase();
  council = await newWitness("conselho.example");
  sindico = await newWitness("síndico.example/12");
  keys = [...testKeys, listed("witness", council), listed("witness", sindico)];
});
afterAll(() => database.drop());

/** The log grows by one record and is signed. */
async function grow(): Promise<string> {
  await database
    .pool("migrator")
    .query("insert into blindagem.people (subject, name) values (gen_random_uuid(), 'Pessoa')");
  await sealAll(database);
  return newestOf(database);
}

const submit = (note: string, given = keys) =>
  submitCosignatures(note, given, database.pool("authenticator"));

const sizeOf = (note: string) => parseCheckpoint(parseNote(note).text).size;

/** What the log gives away of that size. */
const published = (size: number) =>
  database.asRequest("anonymous", {}, (client) => checkpointOfSize(client, keys, size));

const asAdmin = <T>(ask: (client: pg.ClientBase) => Promise<T>) =>
  database.asRequest("admin", { organization_id: "1", person_id: "1" }, ask);

/** Of the log's records, by their places. */
async function sealedIds(): Promise<string[]> {
  const { rows } = await database.pool("sealer").query<{ id: string }>(
    `select id::text from blindagem_audit.sealed_runs
     cross join unnest(record_ids) with ordinality as leaf (id, place) order by first_index + place`,
  );
  return rows.map(({ id }) => id);
}

async function storedRows(): Promise<number> {
  const { rowCount } = await database
    .pool("sealer")
    .query("select from blindagem_audit.cosignatures");
  return rowCount ?? 0;
}

describe("submitCosignatures", () => {
  it("keeps them beside the checkpoint, under the log's own signature, once", async () => {
    const note = await grow();
    const size = sizeOf(note);
    const first = await cosignedBy(note, [council]);
    const witness = { key: council.key, at: COSIGNED_AT };
    expect(await submit(first)).toEqual({
      origin: "teste/blindagem",
      size,
      witnesses: [{ ...witness, isNew: true }],
      passedOver: [],
    });
    expect(await published(size)).toBe(first);
    // The same again, and the same witness at another time: what is there stays.
    expect(await submit(first)).toMatchObject({ witnesses: [{ ...witness, isNew: false }] });
    await submit(await cosignedBy(note, [council], new Date("2026-11-25T12:00:00Z")));
    expect(await published(size)).toBe(first);

    const both = await cosignedBy(note, [council, sindico]);
    expect(await submit(both)).toMatchObject({
      witnesses: [{ isNew: false }, { key: sindico.key, isNew: true }],
    });
    expect(await published(size)).toBe(both);
    const opened = openCheckpoint(both, keys, "teste/blindagem");
    expect(verifyCosignatures(opened.note, [council.key, sindico.key])).toHaveLength(2);
  });

  it("refuses those of nobody in the list, of a key that is valid no more, and none at all", async () => {
    const note = await grow();
    const before = await storedRows();
    const stranger = await newWitness("conselho.example");
    await expect(submit(await cosignedBy(note, [stranger]))).rejects.toThrow(faultOf("UNSIGNED"));
    await expect(submit(await cosignedBy(note, [stranger]))).rejects.toThrow(
      'em nome de "conselho.example"',
    );
    await expect(submit(note)).rejects.toThrow("--state");
    const late = [...testKeys, listed("witness", council, { until: sizeOf(note) })];
    await expect(submit(await cosignedBy(note, [council]), late)).rejects.toThrow(
      faultOf("KEY_OUT_OF_RANGE"),
    );
    expect(await storedRows()).toBe(before);
  });

  it("refuses what is forged, and takes what stands true beside it: the log may have shown the other itself", async () => {
    const note = await grow();
    const before = await storedRows();
    const cosigned = parseNote(await cosignedBy(note, [council, sindico]));
    const signatures = cosigned.signatures.map(({ name, keyId, bytes }) => {
      const altered = Buffer.from(bytes);
      if (name === "síndico.example/12") altered[7] = (altered[7] ?? 0) ^ 1;
      return { name, keyId, bytes: altered };
    });
    const alone = signatures.filter(({ name }) => name !== council.key.name);
    await expect(submit(formatNote({ ...cosigned, signatures: alone }))).rejects.toThrow(
      faultOf("FORGED"),
    );
    const twice = {
      ...cosigned,
      signatures: [...cosigned.signatures, ...cosigned.signatures.slice(1)],
    };
    await expect(submit(formatNote(twice))).rejects.toThrow("duas assinaturas da mesma chave");
    await expect(submit("— conselho.example AAAA\n")).rejects.toThrow(faultOf("MALFORMED"));
    expect(await storedRows()).toBe(before);
    expect(await submit(formatNote({ ...cosigned, signatures }))).toMatchObject({
      witnesses: [{ key: council.key, isNew: true }],
      passedOver: ["síndico.example/12"],
    });
    expect(await published(sizeOf(note))).toBe(await cosignedBy(note, [council]));
  });

  it("refuses a checkpoint that the log has not kept, another of its size, and one that it did not sign", async () => {
    const note = await grow();
    const size = sizeOf(note);
    const before = await storedRows();
    const text = (leaves: number, root: string) => `teste/blindagem\n${leaves}\n${root}\n`;
    const root = Buffer.alloc(32, 7).toString("base64");
    const log = await loadSigner({ text: LOG_KEY });
    const other = await cosignedBy(await signNote(text(size, root), [log]), [council]);
    await expect(submit(other)).rejects.toMatchObject({
      code: "BLD11",
      message: expect.stringContaining("duas histórias"),
    });
    const unknown = await cosignedBy(await signNote(text(size + 1, root), [log]), [council]);
    await expect(submit(unknown)).rejects.toMatchObject({ code: "BLD03" });
    const { signatures } = parseNote(other);
    const unsigned = formatNote({ text: text(size, root), signatures: signatures.slice(1) });
    await expect(submit(unsigned)).rejects.toThrow(faultOf("UNSIGNED"));
    expect(await storedRows()).toBe(before);
  });

  it("passes over other witnesses beside one of the list, and tells of them", async () => {
    const note = await grow();
    const stranger = await newWitness("outro.example");
    const { witnesses, passedOver } = await submit(await cosignedBy(note, [stranger, council]));
    expect(witnesses).toMatchObject([{ key: council.key }]);
    expect(passedOver).toEqual(["outro.example"]);
    expect(await published(sizeOf(note))).toBe(await cosignedBy(note, [council]));
  });
});

describe("a checkpoint with its cosignatures", () => {
  it("is the newest one's, which may have none", async () => {
    const note = await grow();
    const newest = () =>
      database.asRequest("anonymous", {}, (client) => newestWithCosignatures(client, keys));
    expect(await newest()).toBe(note);
    await cosignNewest(database, council);
    expect(await newest()).toBe(await cosignedBy(note, [council]));
    expect(await published(sizeOf(note) + 1)).toBeUndefined();
  });

  it("is what a record is proven by, if the witness saw it, and else the newest", async () => {
    await grow();
    const seen = await cosignNewest(database, council);
    const later = sizeOf(await grow());
    const ids = await sealedIds();
    await asAdmin(async (client) => {
      const prove = (id = "") => proveOneRecord(client, id, keys);
      expect(await prove(ids[0])).toMatchObject({ index: 0, size: seen });
      expect(await prove(ids[seen - 1])).toMatchObject({ size: seen });
      expect(await prove(ids[seen])).toMatchObject({ size: later });
      expect(await prove("999999")).toBeUndefined();
      // Of nobody whom the list knows.
      expect(await proveOneRecord(client, ids[0] ?? "", testKeys)).toMatchObject({ size: later });
      const page = await proveRecords(client, await leafIndexes(client, ids), keys);
      const sizes = ids.map((id) => page.get(id)?.size);
      expect(sizes).toEqual(ids.map((_, index) => (index < seen ? seen : later)));
    });
  });

  it("proves records whatever somebody puts under it in a witness's name, and tells of it", async () => {
    await grow();
    const seen = await cosignNewest(database, council);
    const { rows } = await database
      .pool("migrator")
      .query<{ id: string }>(
        "select r.id::text from blindagem_audit.audit_log_immutable r where r.entity_type = 'categories' limit 1",
      );
    const prove = () => asAdmin((client) => proveRecord(client, rows[0]?.id ?? "", keys));
    const forged = {
      name: [sindico.key.name],
      keyId: [idBytes(sindico.key)],
      bytes: [Buffer.alloc(72)],
    };
    const put = (note: string, { name, keyId, bytes } = forged) =>
      database
        .pool("authenticator")
        .query("select blindagem_audit.store_cosignatures($1, $2, $3, $4, $5)", [
          parseNote(note).text,
          sizeOf(note),
          name,
          keyId,
          bytes,
        ]);
    // Beside a true one.
    await put(await newestOf(database));
    const proof = await prove();
    expect(proof.forged).toEqual([sindico.key.name]);
    const { checkpoint, cosignatures } = verifyProof(proof, leafHash(proof.extra ?? ""), keys);
    expect(checkpoint.size).toBe(seen);
    expect(cosignatures).toMatchObject([{ key: { name: council.key.name } }]);
    expect(await published(seen)).toContain(sindico.key.name);
    // Under newer ones that nobody has cosigned, more of them than are looked at at once.
    for (let more = 0; more < 18; more++) await put(await grow());
    expect(sizeOf((await prove()).checkpoint)).toBe(seen);
    await asAdmin(async (client) => {
      const { cosigned, newest } = await checkpointsToProve(client, keys);
      expect(cosigned).toMatchObject({ size: seen, forged: [sindico.key.name] });
      expect(newest).toMatchObject({ size: seen + 18, forged: [sindico.key.name] });
      expect(newest?.note).not.toContain(sindico.key.name);
    });
  });
});

describe("a false one in a witness's name that came first", () => {
  const row = (note: string, bytes: Uint8Array) => ({
    treeSize: String(sizeOf(note)),
    witness: council.key.name,
    keyId: idBytes(council.key).toString("hex"),
    signature: Buffer.from(bytes).toString("base64"),
  });
  const falseOne = (at: number) => Buffer.concat([Buffer.alloc(8), Buffer.alloc(64, at)]);
  const put = (note: string, ...falseOnes: Buffer[]) =>
    database
      .pool("authenticator")
      .query("select blindagem_audit.store_cosignatures($1, $2, $3, $4, $5)", [
        parseNote(note).text,
        sizeOf(note),
        falseOnes.map(() => council.key.name),
        falseOnes.map(() => idBytes(council.key)),
        falseOnes,
      ]);

  it("keeps the true one out of nothing: not of notes, proofs and bundles", async () => {
    const note = await grow();
    const size = sizeOf(note);
    await put(note, Buffer.alloc(72), falseOne(1));
    const cosigned = await cosignedBy(note, [council]);
    expect(await submit(cosigned)).toMatchObject({ witnesses: [{ isNew: true }], passedOver: [] });
    expect(await published(size)).toBe(cosigned);
    const ids = await sealedIds();
    await asAdmin(async (client) => {
      const { cosigned: proving } = await checkpointsToProve(client, keys);
      expect(proving).toEqual({ note: cosigned, size, forged: [] });
      expect(await proveOneRecord(client, ids[0] ?? "", keys)).toMatchObject({ size, forged: [] });
      const { contents } = await bundledTree(client, keys);
      expect(contents.checkpoint).toBe(cosigned);
      const [, own] = parseNote(cosigned).signatures;
      const rows = [row(note, Buffer.alloc(72)), row(note, own?.bytes ?? Buffer.alloc(0))];
      expect(await areTrue(client, rows, keys)).toEqual([false, true]);
    });
    await grow();
    await asAdmin(async (client) => {
      const { contents } = await bundledTree(client, keys);
      const earlier: string[] = [];
      for await (const each of contents.checkpoints) earlier.push(each.note);
      expect(earlier).toContain(cosigned);
    });
  });

  it("does not let a second true one in beside the first", async () => {
    const note = await grow();
    await put(note, Buffer.alloc(72));
    const cosigned = await cosignedBy(note, [council]);
    await submit(cosigned);
    const before = await storedRows();
    const later = await cosignedBy(note, [council], new Date("2026-11-25T12:00:00Z"));
    expect(await submit(later)).toMatchObject({ witnesses: [{ isNew: false }] });
    expect(await storedRows()).toBe(before);
    expect(await published(sizeOf(note))).toBe(cosigned);
  });

  it("is the one that stands where more came before the true one than are looked at; later ones hide nothing", async () => {
    const many = Array.from({ length: 64 }, (_, at) => falseOne(at));
    const hidden = await grow();
    await put(hidden, ...many);
    await submit(await cosignedBy(hidden, [council]));
    const served = parseNote((await published(sizeOf(hidden))) ?? "");
    expect(() => verifyCosignatures(served, [council.key])).toThrow(faultOf("FORGED"));

    const seen = await grow();
    const cosigned = await cosignedBy(seen, [council]);
    await submit(cosigned);
    await put(seen, ...many);
    expect(await published(sizeOf(seen))).toBe(cosigned);
  });

  it("makes one line of a key that the list has twice", async () => {
    const note = await grow();
    const cosigned = await cosignedBy(note, [council]);
    await submit(cosigned);
    const twice = [...keys, listed("witness", council, { from: 5 })];
    expect(
      await database.asRequest("anonymous", {}, (client) =>
        checkpointOfSize(client, twice, sizeOf(note)),
      ),
    ).toBe(cosigned);
  });
});

describe("invented cosignatures", () => {
  it("leave true ones their room, however many there are", async () => {
    const note = await grow();
    const size = sizeOf(note);
    const invent = (from: number) =>
      database.pool("authenticator").query(
        `select blindagem_audit.store_cosignatures($1, $2, array_agg('alguém.example/' || n),
           array_agg('\\x00000000'::bytea), array_agg(decode(repeat('00', 72), 'hex')))
         from generate_series($3::int, $3 + 47) as n`,
        [parseNote(note).text, size, from],
      );
    for (const from of [0, 48, 96]) await invent(from);
    expect(await submit(await cosignedBy(note, [council]))).toMatchObject({
      witnesses: [{ isNew: true }],
    });
    const served = parseNote((await published(size)) ?? "");
    expect(served.signatures).toHaveLength(49);
    expect(verifyCosignatures(served, [council.key])).toHaveLength(1);
    const own = parseNote(await cosignedBy(note, [council])).signatures[1];
    const rows = [
      {
        treeSize: String(size),
        witness: council.key.name,
        keyId: idBytes(council.key).toString("hex"),
        signature: Buffer.from(own?.bytes ?? []).toString("base64"),
      },
    ];
    await asAdmin(async (client) => {
      expect(await areTrue(client, rows, keys)).toEqual([true]);
      const { cosigned } = await checkpointsToProve(client, keys);
      expect(cosigned).toMatchObject({ size, forged: [] });
      const { contents } = await bundledTree(client, keys);
      expect(contents.checkpoint).toContain(council.key.name);
    });
  });
});

describe("what stands in the table against its conditions", () => {
  itWithSuperuser("leaves the note readable, with what can be in one", async () => {
    const note = await grow();
    const size = sizeOf(note);
    await cosignNewest(database, council);
    await asSuperuser(
      database,
      "alter table blindagem_audit.cosignatures drop constraint cosignatures_witness_check",
      `insert into blindagem_audit.cosignatures (tree_size, witness, key_id, signature)
       select ${size}, name, '\\x00000000'::bytea, decode(repeat('00', 72), 'hex')
       from unnest(array['dois nomes', E'uma\nlinha', 'a+b', repeat('x', 300)]) as name
       union all
       select ${size}, 'alguém/' || n, '\\x00000000'::bytea, decode(repeat('00', 72), 'hex') from generate_series(1, 100) as n`,
    );
    const found = parseNote((await published(size)) ?? "");
    expect(found.signatures).toHaveLength(49);
    expect(verifyCosignatures(found, [council.key])).toHaveLength(1);
    await asSuperuser(
      database,
      "alter table blindagem_audit.cosignatures disable trigger guard_change",
      "delete from blindagem_audit.cosignatures where key_id = '\\x00000000'",
      "alter table blindagem_audit.cosignatures enable always trigger guard_change",
    );
  });
});

describe("thinning", () => {
  it("waits for a checkpoint that is being cosigned, and leaves it", async () => {
    const sealer = database.pool("sealer");
    await sealer.query(
      `insert into blindagem_audit.checkpoints (tree_size, root, note, signed_at)
       select 900000 + minute, sha256(''), E'nota\\n\\n', '2026-01-01T10:00Z'::timestamptz + minute * interval '1 minute'
       from generate_series(1, 3) as minute`,
    );
    const submitting = await database.pool("authenticator").connect();
    try {
      await submitting.query("begin");
      await submitting.query(
        `select blindagem_audit.store_cosignatures(E'nota\\n', 900002, '{conselho.example}', $1, $2)`,
        [[Buffer.alloc(4)], [Buffer.alloc(72)]],
      );
      const thinned = database
        .pool("worker")
        .query<{ removed: string }>(
          "select blindagem_audit.thin_checkpoints(now() - interval '2 days', 100) as removed",
        );
      await waitFor("thinning to wait", async () => {
        const { rowCount } = await database
          .pool("migrator")
          .query(
            "select from pg_locks where not granted and relation = 'blindagem_audit.checkpoints'::regclass",
          );
        return rowCount === 1;
      });
      await submitting.query("commit");
      expect((await thinned).rows).toEqual([{ removed: "1" }]);
    } finally {
      submitting.release();
    }
    const { rows } = await sealer.query(
      "select tree_size from blindagem_audit.checkpoints where tree_size > 900000 order by 1",
    );
    expect(rows).toEqual([{ tree_size: "900002" }, { tree_size: "900003" }]);
  });
});

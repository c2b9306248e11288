import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openCheckpoint, parseCheckpoint } from "../../src/audit/checkpoint.ts";
import { verifyCosignatures } from "../../src/audit/cosignature.ts";
import {
  checkpointOfSize,
  checkpointToProve,
  newestWithCosignatures,
} from "../../src/audit/cosigned-checkpoints.ts";
import type { ListedKey } from "../../src/audit/key-list.ts";
import { loadSigner } from "../../src/audit/keys.ts";
import { formatNote, parseNote, type Signer, signNote } from "../../src/audit/note.ts";
import { proveOneRecord } from "../../src/audit/prove-records.ts";
import { submitCosignatures } from "../../src/audit/submit-cosignatures.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";
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
  database.asRequest("anonymous", {}, (client) => checkpointOfSize(client, size));

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

  it("refuses what is forged, all of it", async () => {
    const note = await grow();
    const before = await storedRows();
    const cosigned = parseNote(await cosignedBy(note, [council, sindico]));
    const signatures = cosigned.signatures.map(({ name, keyId, bytes }) => {
      const altered = Buffer.from(bytes);
      if (name === "síndico.example/12") altered[7] = (altered[7] ?? 0) ^ 1;
      return { name, keyId, bytes: altered };
    });
    await expect(submit(formatNote({ ...cosigned, signatures }))).rejects.toThrow(
      faultOf("FORGED"),
    );
    const twice = {
      ...cosigned,
      signatures: [...cosigned.signatures, ...cosigned.signatures.slice(1)],
    };
    await expect(submit(formatNote(twice))).rejects.toThrow("duas assinaturas da mesma chave");
    await expect(submit("— conselho.example AAAA\n")).rejects.toThrow(faultOf("MALFORMED"));
    expect(await storedRows()).toBe(before);
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
    const newest = () => database.asRequest("anonymous", {}, newestWithCosignatures);
    expect(await newest()).toBe(note);
    await cosignNewest(database, council);
    expect(await newest()).toBe(await cosignedBy(note, [council]));
    expect(await published(sizeOf(note) + 1)).toBeUndefined();
  });

  it("is what a record is proven by, if the witness saw it, and else the newest", async () => {
    await grow();
    const seen = await cosignNewest(database, council);
    const later = sizeOf(await grow());
    const { rows } = await database
      .pool("sealer")
      .query<{ id: string }>(
        "select unnest(record_ids)::text as id from blindagem_audit.sealed_runs",
      );
    const ids = rows.map(({ id }) => id).toSorted((one, other) => Number(one) - Number(other));
    const settings = { organization_id: "1", person_id: "1" };
    await database.asRequest("admin", settings, async (client) => {
      expect(await proveOneRecord(client, ids[0] ?? "")).toMatchObject({ index: 0, size: seen });
      expect(await proveOneRecord(client, ids.at(-1) ?? "")).toMatchObject({ size: later });
      expect(await proveOneRecord(client, "999999")).toBeUndefined();
      expect(sizeOf((await checkpointToProve(client, seen - 1)) ?? "")).toBe(seen);
      expect(sizeOf((await checkpointToProve(client, seen)) ?? "")).toBe(later);
    });
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

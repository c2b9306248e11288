import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { ACTOR_SETTINGS, actorValues } from "../../src/database/actor.ts";
import { createDirectoryStore, type DocumentStore } from "../../src/receipts/document-store.ts";
import { LEAST_PROBABILITY } from "../../src/receipts/probability.ts";
import type { ReadingContext } from "../../src/receipts/reader.ts";
import type { ReceiptReading } from "../../src/receipts/reading.ts";
import { holdDocument, storeIdentifiers, storeReading } from "../../src/receipts/store-reading.ts";
import { useServices } from "../../src/services.ts";
import ocrTriage from "../../tasks/ocr_triage.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";
import {
  type Administradora,
  createAdministradora,
  passTime,
  readingOf,
  runAll,
} from "./administradora.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "./task-run.ts";

const clock = () => new Date("2026-11-06T01:30:00Z");
const ACTOR = { id: "system:test", role: "worker", reason: "Teste" };

let database: TestDatabase;
let house: Administradora;
let directory: string;
let store: DocumentStore;
let reads: (ReadingContext | undefined)[] = [];
let read: (bytes: Uint8Array) => Promise<ReceiptReading>;
let made = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-documents-"));
  store = createDirectoryStore(directory);
  useServices(
    servicesOf({
      clock,
      documents: store,
      receipts: {
        read: (bytes, context) => {
          reads.push(context);
          return read(bytes);
        },
        close: () => Promise.resolve(),
      },
    }),
  );
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await database.drop();
});
beforeEach(async () => {
  reads = [];
  read = () => Promise.resolve(readingOf({}));
  await emptyQueue(database);
});

/** Stores new bytes and hands them in. */
async function handIn(fileName = "nota.pdf"): Promise<string> {
  made += 1;
  const bytes = Buffer.from(`document ${made}`);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await store.put(sha256, bytes);
  await house.upload(sha256, fileName);
  return sha256;
}

async function stored(sha256: string): Promise<unknown[]> {
  const { rows } = await database.pool("worker").query(
    `select kind, verdict, reader_version as version,
       (select array_agg(i.kind || ' ' || i.value order by i.kind) from blindagem.document_identifiers i
        where i.sha256 = r.sha256) as identifiers
     from blindagem.document_readings r where sha256 = $1`,
    [sha256],
  );
  return rows;
}

/** What an erasure does of a document, as whoever asked for it. */
async function erase(client: pg.PoolClient, sha256: string, personId: string): Promise<void> {
  await client.query("begin");
  await client.query(`select ${ACTOR_SETTINGS}, set_config('blindagem.person_id', $7, true)`, [
    ...actorValues({ ...ACTOR, id: "system:migrate" }),
    personId,
  ]);
  await client.query(
    "select blindagem_private.record_erasure($1, 'Pedido da titular', 'PAYEE', '[]', '{}', array[$2], array[$2], '[]', null)",
    [house.organizationId, sha256],
  );
  await client.query("commit");
}

async function eraserWaits(): Promise<boolean> {
  const { rowCount } = await database.pool("migrator").query(
    `select from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where not l.granted and a.datname = current_database() and a.query like '%record_erasure%'`,
  );
  return rowCount !== 0;
}

async function claims(): Promise<number> {
  const { rowCount } = await database
    .pool("worker")
    .query("select from blindagem_private.work_claims where task = 'ocr_triage'");
  return rowCount ?? 0;
}

describe("ocr_triage", () => {
  it("reads the stored bytes once, against the day in Brasília, and stores what it found", async () => {
    let seen = "";
    read = async (bytes) => {
      seen = Buffer.from(bytes).toString();
      return readingOf({
        identifiers: [
          { kind: "DFE_KEY", value: "right", valid: true },
          { kind: "PIX_END_TO_END", value: "wrong", valid: false },
        ],
      });
    };
    const sha256 = await handIn();
    await runAll(database);
    expect(seen).toBe(`document ${made}`);
    expect(reads).toMatchObject([
      { referenceDate: "2026-11-05", leastProbability: LEAST_PROBABILITY },
    ]);
    expect(reads[0]?.signal).toBeInstanceOf(AbortSignal);
    expect(await stored(sha256)).toEqual([
      {
        kind: "NFSE",
        verdict: "ACCEPTED",
        version: expect.any(String),
        identifiers: ["DFE_KEY right"],
      },
    ]);
    expect(await claims()).toBe(0);

    await house.upload(sha256, "outro-nome.pdf");
    await runAll(database);
    expect(reads).toHaveLength(1);
  });

  it("wakes those who list the document, and reconciles their condominiums", async () => {
    const sha256 = await handIn("luz.pdf");
    const [expense = ""] = await house.submit({ condominium: "SOL", documents: [{ sha256 }] });
    await emptyQueue(database);
    await house.upload(sha256, "luz.pdf");
    await runJobs(database, { ocr_triage: ocrTriage });
    expect((await queuedJobs(database)).map(({ task, payload }) => [task, payload])).toEqual([
      ["validate_expenses", { expenseIds: [expense] }],
      ["reconcile", { condominiumId: expect.any(String) }],
    ]);
  });

  it("lets nobody read the same bytes while they are being read", async () => {
    const sha256 = await handIn();
    read = async () => {
      await house.upload(sha256, "de novo.pdf");
      return readingOf({});
    };
    await runAll(database);
    expect(reads).toHaveLength(1);
  });

  it("tries again when the engine does not start, and gives up after five attempts, claim and all", async () => {
    const sha256 = await handIn();
    read = () => Promise.reject(new Error("The engine does not start."));
    for (let attempt = 1; attempt <= 5; attempt++) {
      await runAll(database);
      expect(await queuedJobs(database)).toMatchObject([
        { task: "ocr_triage", attempts: attempt, lastError: "The engine does not start." },
      ]);
      expect(await claims()).toBe(attempt < 5 ? 1 : 0);
      await passTime(database);
    }
    await runAll(database);
    expect(reads).toHaveLength(5);
    expect(await stored(sha256)).toEqual([]);
    read = () => Promise.resolve(readingOf({}));
    await house.upload(sha256, "nota.pdf");
    await runAll(database);
    expect(await stored(sha256)).toHaveLength(1);
  });

  it("stores nothing of a document that was erased, before it was read or meanwhile, until it is handed in again", async () => {
    const erase = (sha256: string) =>
      database
        .pool("migrator")
        .query("update blindagem.documents set erased_at = now() where sha256 = $1", [sha256]);
    const before = await handIn();
    await erase(before);
    await runAll(database);
    expect(reads).toEqual([]);
    const meanwhile = await handIn();
    read = async () => {
      await erase(meanwhile);
      return readingOf({});
    };
    await runAll(database);
    expect(reads).toHaveLength(1);
    expect([await stored(before), await stored(meanwhile)]).toEqual([[], []]);
    expect(await claims()).toBe(0);
    read = () => Promise.resolve(readingOf({}));
    await house.upload(meanwhile, "de novo.pdf");
    await runAll(database);
    expect(await stored(meanwhile)).toHaveLength(1);
  });

  it("is waited for by an erasure, which takes what it has stored", async () => {
    const sha256 = await handIn();
    const { rows: people } = await database
      .pool("migrator")
      .query("select person_id from blindagem.members where organization_id = $1 limit 1", [
        house.organizationId,
      ]);
    const reader = await database.pool("worker").connect();
    const eraser = await database.pool("migrator").connect();
    try {
      await reader.query("begin");
      expect(await holdDocument(reader, sha256)).toBe(true);
      const identifiers = [{ kind: "DFE_KEY", value: "of Joana", valid: true }] as const;
      const reading = readingOf({ identifiers: [...identifiers] });
      await reader.query(`select ${ACTOR_SETTINGS}`, actorValues(ACTOR));
      await storeReading(reader, sha256, reading);
      await storeIdentifiers(reader, sha256, reading);
      const erased = erase(eraser, sha256, people[0].person_id);
      await waitFor("the erasure to wait", eraserWaits);
      await reader.query("commit");
      await erased;
      expect(await stored(sha256)).toMatchObject([{ identifiers: null }]);
      expect(await holdDocument(reader, sha256)).toBe(false);
    } finally {
      reader.release();
      eraser.release();
    }
  });

  it("stores what PostgreSQL refuses in a text layer without it", async () => {
    read = async () => ({
      ...readingOf({ amount: "1\0.00" }),
      reasons: [{ code: "UNREADABLE", severity: "REVIEW" as const, evidence: { cause: "\ud800" } }],
    });
    const sha256 = await handIn();
    await runAll(database);
    const { rows } = await database
      .pool("worker")
      .query(
        "select reading#>>'{fields,amount,value}' as amount from blindagem.document_readings where sha256 = $1",
        [sha256],
      );
    expect(rows).toEqual([{ amount: "1.00" }]);
  });

  it("says so when the bytes are not there", async () => {
    await house.upload("e".repeat(64), "perdido.pdf");
    await runAll(database);
    expect(await queuedJobs(database)).toMatchObject([
      { task: "ocr_triage", attempts: 1, lastError: expect.stringContaining("ENOENT") },
    ]);
  });
});

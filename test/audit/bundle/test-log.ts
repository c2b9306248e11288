import { formatCheckpoint } from "../../../src/audit/checkpoint.ts";
import { commit, parseSalt } from "../../../src/audit/commitment.ts";
import { cosign } from "../../../src/audit/cosignature.ts";
import { isRecord, orderedId, parseEntry, type RecordEntry } from "../../../src/audit/entry.ts";
import { type Intent, signIntent } from "../../../src/audit/intent.ts";
import { formatSignature, type Signer, signNote } from "../../../src/audit/note.ts";
import { appendLeaves, tilePath, tilesOf } from "../../../src/audit/tiles.ts";
import { CompactRange, leafHash } from "../../../src/audit/tree.ts";
import { type EntryFields, recordText } from "../entries.ts";
import { plainRoot } from "../merkle.ts";

export const ORIGIN = "registro.example/condominios";

/** A log in memory, with entries as PostgreSQL would have written them. */
export class TestLog {
  readonly entries: string[] = [];
  #nextId = 1;

  /** Adds a record. @returns its index */
  record(fields: EntryFields = {}): number {
    const id = String(this.#nextId++);
    return this.append(recordText({ id, entity_id: id, ...fields }));
  }

  /** Adds an entry as it is. @returns its index */
  append(entry: string): number {
    return this.entries.push(entry) - 1;
  }

  /** Adds a transaction's records, and the intent that its process signed behind them. @returns the records' indexes */
  async transaction(
    transaction_id: string,
    signer: Signer,
    records: readonly EntryFields[],
    signed: Partial<Intent> = {},
  ): Promise<number[]> {
    const indexes = records.map((fields) => this.record({ transaction_id, ...fields }));
    await this.intent(transaction_id, signer, indexes, signed);
    return indexes;
  }

  /** Adds an intent for those records. @returns its index */
  async intent(
    transaction_id: string,
    signer: Signer,
    indexes: readonly number[],
    signed: Partial<Intent> = {},
  ): Promise<number> {
    const attested = indexes.map((index) => this.#attested(index));
    const note = await signIntent(
      {
        transaction_id,
        actor_id: "person:1",
        actor_role: "admin",
        reason: "Envio de despesas",
        request_id: "req-1",
        actions: [...new Set(attested.map(({ action }) => action))].sort(),
        records: attested.length,
        groups: groupRoots(attested),
        ...signed,
      },
      signer,
    );
    return this.append(this.intentText(transaction_id, note));
  }

  intentText(transaction_id: string, note: string): string {
    const id = String(this.#nextId++);
    return JSON.stringify({
      format: "blindagem-intent-1",
      id,
      salt: "2c4e9f6a-0000-4000-8000-000000000001",
      recorded_at: "2026-11-24T12:00:00.000001Z",
      transaction_id,
      note,
    });
  }

  hashes(): Uint8Array[] {
    return this.entries.map((entry) => leafHash(entry));
  }

  /** The signed checkpoint of the first `size` leaves, cosigned by the witnesses. */
  async checkpoint(
    signers: readonly Signer[],
    {
      size = this.entries.length,
      witnesses = [],
      origin = ORIGIN,
    }: { size?: number; witnesses?: Signer[]; origin?: string } = {},
  ): Promise<string> {
    const root = plainRoot(this.hashes().slice(0, size));
    const text = formatCheckpoint({ origin, size, root, extensions: [] });
    let note = await signNote(text, signers);
    for (const witness of witnesses) {
      note += formatSignature(await cosign(text, witness, new Date("2026-11-24T12:00:00Z")));
    }
    return note;
  }

  tiles(): { path: string; bytes: Uint8Array }[] {
    const { pieces } = appendLeaves(new CompactRange(), this.hashes());
    return [...tilesOf(this.entries.length)].map((tile) => {
      const { level, index } = tile;
      const piece = pieces.find((each) => each.level === level && each.index === index);
      return { path: tilePath(tile), bytes: Buffer.concat(piece?.hashes ?? []) };
    });
  }

  #attested(index: number): HashedRecord {
    const text = this.entries[index] ?? "";
    const entry = parseEntry(text);
    if (!isRecord(entry)) throw new Error(`Entry ${index} is no record.`);
    return { ...entry, leafHash: leafHash(text) };
  }
}

type HashedRecord = RecordEntry & { leafHash: Uint8Array };

/** What an intent signs for these records of one transaction. */
function groupRoots(records: readonly HashedRecord[]): Intent["groups"] {
  const groups = Map.groupBy(records, ({ organization_id, condominium_id, sensitivity }) =>
    JSON.stringify([organization_id, condominium_id, sensitivity]),
  );
  return [...groups.values()]
    .map((members) => {
      const leaves = members
        .toSorted((one, other) => (orderedId(one.id) < orderedId(other.id) ? -1 : 1))
        .map(({ leafHash }) => leafHash);
      const root = Buffer.from(plainRoot(leaves)).toString("base64");
      return { records: members.length, root };
    })
    .sort((one, other) => (one.root < other.root ? -1 : 1));
}

export const SALT = Buffer.alloc(16, 7).toString("base64");

/** What stands in a value's place. */
export function committed(path: string, value: unknown): { commitment: string } {
  const bytes = commit(parseSalt(SALT), path, JSON.stringify(value));
  return { commitment: Buffer.from(bytes).toString("base64") };
}

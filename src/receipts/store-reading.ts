import type pg from "pg";
import { storableJson } from "../database/storable-json.ts";
import type { ReceiptReading } from "./reading.ts";

/** Version of the reader: another one reads a document again and keeps the old reading. */
export const READER_VERSION = "7";

/** Whether this version of the reader has read the document already. */
export async function isRead(client: pg.ClientBase, sha256: string): Promise<boolean> {
  const { rowCount } = await client.query(
    "select from blindagem.document_readings where sha256 = $1 and reader_version = $2",
    [sha256, READER_VERSION],
  );
  return rowCount === 1;
}

/** Keeps a document from being erased until the transaction ends. @returns false for one that is erased: it is not to be read */
export async function holdDocument(client: pg.ClientBase, sha256: string): Promise<boolean> {
  const { rows } = await client.query<{ is_held: boolean }>(
    "select blindagem_private.hold_document($1) as is_held",
    [sha256],
  );
  return rows[0]?.is_held === true;
}

/** The probability from which on a timestamp is accepted, as it is in force; undefined while it is the code's own. */
export async function thresholdInForce(client: pg.ClientBase): Promise<number | undefined> {
  const { rows } = await client.query<{ least: number | null }>(
    "select blindagem_private.reader_threshold()::float8 as least",
  );
  return rows[0]?.least ?? undefined;
}

/** Stores a reading. */
export async function storeReading(
  client: pg.ClientBase,
  sha256: string,
  reading: ReceiptReading,
): Promise<void> {
  await client.query(
    `insert into blindagem.document_readings (sha256, reader_version, kind, verdict, reading)
     values ($1, $2, $3, $4, $5)
     on conflict (sha256, reader_version) do nothing`,
    [sha256, READER_VERSION, reading.kind, reading.verdict, storableJson(reading)],
  );
}

/** Stores the identifiers with right check digits: the same one on two expenses is a duplicate receipt. */
export async function storeIdentifiers(
  client: pg.ClientBase,
  sha256: string,
  reading: ReceiptReading,
): Promise<void> {
  const valid = reading.fields.identifiers.filter((identifier) => identifier.valid);
  if (valid.length === 0) return;
  await client.query(
    `insert into blindagem.document_identifiers (sha256, kind, value)
     select $1, kind, value from jsonb_to_recordset($2) as i (kind text, value text)
     on conflict do nothing`,
    [sha256, storableJson(valid)],
  );
}

import type { TestDatabase } from "../database/test-database.ts";

/** What expenses fail of whose document has such a reading. */
export const UNKNOWN_READING_CAUSE = "ZodError receipts.0.reading.timestamp";

/** Stores the reading of a document as a version writes it of whose form this one knows nothing. */
export async function storeUnknownReading(database: TestDatabase, sha256: string): Promise<void> {
  await database.pool("worker").query(
    `insert into blindagem.document_readings (sha256, reader_version, kind, verdict, reading)
     values ($1, 'next', 'NFSE', 'ACCEPTED', '{"fields": {"timestamp": {"value": "terça-feira"}}}')`,
    [sha256],
  );
}

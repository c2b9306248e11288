import { createHash } from "node:crypto";
import type pg from "pg";
import { definitionTexts } from "./catalogue.ts";

/** SHA-256, in hex, of the definition of each object of our schemas, by the object's name. */
export type DefinitionHashes = ReadonlyMap<string, string>;

/** A month's partition of the log: those of coming months appear by themselves. */
const MONTHLY_PARTITION = /^blindagem_audit\.audit_log_\d{4}_\d{2}$/;

/**
 * What is defined in our schemas now: functions with owners and rights, tables with columns, constraints, triggers (and
 * whether they are enabled), policies, row-level security and partitions, views, types.
 *
 * @param client in a transaction, whose search path this takes away
 * @param prefix of the installation's role names
 */
export async function readDefinitions(
  client: pg.ClientBase,
  prefix: string,
): Promise<DefinitionHashes> {
  const texts = await definitionTexts(client, prefix);
  return new Map([...texts].map(([object, text]) => [object, sha256(text)]));
}

/** All definitions as one hash: over a line of name, space and hash for each, sorted by name. */
export function fingerprintOf(definitions: DefinitionHashes): string {
  const lines = [...definitions].map(([object, hash]) => `${object} ${hash}\n`).sort();
  return sha256(lines.join(""));
}

/**
 * The objects that are not as they were left: changed, gone or new. A new monthly partition of the log is none if it is
 * as the others were.
 *
 * @param detached those that may be gone
 */
export function differingObjects(
  left: DefinitionHashes,
  now: DefinitionHashes,
  detached: ReadonlySet<string> = new Set(),
): string[] {
  const monthly = new Set(
    [...left].filter(([object]) => MONTHLY_PARTITION.test(object)).map(([, hash]) => hash),
  );
  const isExpected = (object: string, hash: string) =>
    left.get(object) === hash ||
    (!left.has(object) && MONTHLY_PARTITION.test(object) && monthly.has(hash));
  const changed = [...now].filter(([object, hash]) => !isExpected(object, hash));
  const gone = [...left.keys()].filter((object) => !now.has(object) && !detached.has(object));
  return [...changed.map(([object]) => object), ...gone].sort();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

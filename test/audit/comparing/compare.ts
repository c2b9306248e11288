import pg from "pg";
import { storeCheckpoint } from "../../../src/audit/checkpoint-store.ts";
import { compareAll } from "../../../src/audit/comparing/compare-all.ts";
import { storedCheckpoint } from "../../../src/audit/comparing/compare-tree.ts";
import type { Divergence } from "../../../src/audit/comparing/divergence.ts";
import { storeDivergences } from "../../../src/audit/comparing/divergence-store.ts";
import { snapshotsOn } from "../../../src/audit/comparing/snapshot.ts";
import { openTree } from "../../../src/audit/log-tree.ts";
import { sealBatch } from "../../../src/audit/seal-batch.ts";
import type { TestDatabase } from "../../database/test-database.ts";
import { checkpointSigner, testKeys } from "../test-keys.ts";

/** Seals all that waits and signs the tree, as the sealing process does. */
export async function sealAll(database: TestDatabase): Promise<void> {
  const sealer = await database.pool("sealer").connect();
  try {
    let tree = await openTree(sealer);
    for (;;) {
      const batch = await sealBatch(sealer, tree, testKeys, 1000);
      tree = batch.tree;
      if (batch.sealed === 0) break;
    }
    const note = await (await checkpointSigner()).sign(tree);
    await storeCheckpoint(sealer, { size: tree.size, root: tree.root(), note });
  } finally {
    sealer.release();
  }
}

/** All that a full comparison finds, kept in the database as well; in slices so small that each table has several. */
export async function findDivergences(database: TestDatabase): Promise<Divergence[]> {
  const sealer = await database.pool("sealer").connect();
  const found: Divergence[] = [];
  try {
    const snapshot = snapshotsOn(sealer);
    for await (const compared of compareAll(snapshot, {
      rolePrefix: database.prefix,
      slice: 7,
      signed: () => snapshot(storedCheckpoint),
    })) {
      await storeDivergences(sealer, compared);
      found.push(...compared.divergences);
    }
  } finally {
    sealer.release();
  }
  return unique(found);
}

/** The same row is found from both sides. */
function unique(divergences: readonly Divergence[]): Divergence[] {
  const byPlace = new Map(
    divergences.map((each) => [`${each.kind} ${each.entityType} ${each.entityId}`, each]),
  );
  return [...byPlace.values()];
}

/** What was found, as "ROW_CHANGED people 12: name". */
export function placesOf(divergences: readonly Divergence[]): string[] {
  return divergences
    .map(
      ({ kind, entityType, entityId, fields }) =>
        `${kind} ${entityType} ${entityId}${fields.length > 0 ? `: ${fields.join(", ")}` : ""}`,
    )
    .sort();
}

/** Runs statements as the database's superuser, in one session. */
export async function asSuperuser(database: TestDatabase, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

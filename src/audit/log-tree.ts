import type pg from "pg";
import { z } from "zod";
import { AuditFault } from "./fault.ts";
import { splitLeafHashes } from "./leaf-hashes.ts";
import { TileReader } from "./tile-reader.ts";
import { loadTile, storeTiles, tiledSize } from "./tile-store.ts";
import { appendLeaves, parseTilePath } from "./tiles.ts";
import { type CompactRange, sameHash } from "./tree.ts";

/** A reader of the first `size` leaves, by the database's tiles. */
export function tileReader(client: pg.ClientBase, size: number): TileReader {
  // A session answers one question at a time; that pg lines them up by itself is to end with its version 9.
  let before: Promise<unknown> = Promise.resolve();
  return new TileReader((path) => {
    const read = before.then(() => readTile(client, path));
    before = read.catch(() => undefined);
    return read;
  }, size);
}

async function readTile(client: pg.ClientBase, path: string): Promise<Uint8Array> {
  const tile = parseTilePath(path);
  const hashes = tile && (await loadTile(client, tile));
  if (!hashes) throw new AuditFault("MISSING_FILE", `O registro não tem ${path}.`);
  return hashes;
}

/**
 * The tree as the tiles have it, each tile checked against the one above it, and brought up to the leaves that have no
 * tiles yet: those of an installation that sealed before there were any.
 *
 * @throws AuditFault when the tiles contradict each other, or have leaves that were taken away
 */
export async function openTree(client: pg.ClientBase): Promise<CompactRange> {
  let tree = await tileReader(client, await tiledSize(client)).compactRange();
  for (;;) {
    const { rows } = await client.query<{ leaf_hashes: unknown }>(
      `select substr(leaf_hashes, 32 * ($1 - first_index)::int + 1) as leaf_hashes
       from blindagem_audit.sealed_runs
       where first_index + cardinality(record_ids) > $1
         and first_index >= coalesce((
           select first_index from blindagem_audit.sealed_runs where first_index <= $1 order by first_index desc limit 1), 0)
       order by first_index limit 1`,
      [tree.size],
    );
    if (!rows[0]) {
      await requireLeaves(client, tree.size);
      return tree;
    }
    const leaves = z.instanceof(Buffer).parse(rows[0].leaf_hashes);
    tree = await growTree(client, tree, leaves);
  }
}

/** @throws AuditFault ROLLBACK when fewer leaves are there */
async function requireLeaves(client: pg.ClientBase, size: number): Promise<void> {
  const { rows } = await client.query<{ end: string }>(
    `select first_index + cardinality(record_ids) as end
     from blindagem_audit.sealed_runs order by first_index desc limit 1`,
  );
  const sealed = Number(rows[0]?.end ?? 0);
  if (sealed >= size) return;
  throw new AuditFault(
    "ROLLBACK",
    `A árvore tem ${size} folhas, mas só ${sealed} registros estão selados: alguém os tirou. Nada é selado até que alguém decida (docs/operations.md, "Selagem recusada").`,
  );
}

/**
 * Appends leaves to the tree and its tiles.
 *
 * @param leafHashes 32 bytes each, one after the other
 * @returns the tree with them; the one given stays as it is, so that a transaction can be rolled back
 */
export async function growTree(
  client: pg.ClientBase,
  tree: CompactRange,
  leafHashes: Uint8Array,
): Promise<CompactRange> {
  const { range, pieces } = appendLeaves(tree, splitLeafHashes(leafHashes));
  await storeTiles(client, pieces);
  return range;
}

/**
 * That the log continues what was signed: its first leaves still have that root.
 *
 * @param signed a checkpoint whose signature was checked
 * @throws AuditFault ROLLBACK when the log is smaller, FORK when its beginning is another
 */
export async function requireContinuation(
  client: pg.ClientBase,
  tree: CompactRange,
  signed: { size: number; root: Uint8Array },
): Promise<void> {
  if (tree.size < signed.size) {
    throw new AuditFault(
      "ROLLBACK",
      `O registro tem ${tree.size} folhas, mas ${signed.size} já foram assinadas: o banco foi restaurado de uma cópia antiga, ou perdeu registros. Nada é selado até que alguém decida (docs/operations.md, "Selagem recusada").`,
    );
  }
  const root =
    signed.size === tree.size ? tree.root() : await tileReader(client, tree.size).root(signed.size);
  if (!sameHash(root, signed.root)) {
    throw new AuditFault(
      "FORK",
      `As primeiras ${signed.size} folhas do registro não são as que foram assinadas: alguém o alterou. Nada é selado até que alguém decida (docs/operations.md, "Selagem recusada").`,
    );
  }
}

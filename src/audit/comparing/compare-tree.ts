import type pg from "pg";
import { z } from "zod";
import { splitLeafHashes } from "../leaf-hashes.ts";
import { appendLeaves, NARROW_WIDTH, type TilePiece } from "../tiles.ts";
import { CompactRange, HASH_SIZE, sameHash } from "../tree.ts";
import { type Compared, type Divergence, TREE } from "./divergence.ts";

/** What a checkpoint says: the root of the first `size` leaves. */
export interface SignedTree {
  size: number;
  root: Uint8Array;
}

/** What the newest checkpoint in the database says, without a look at its signature; undefined before the first. */
export async function storedCheckpoint(client: pg.ClientBase): Promise<SignedTree | undefined> {
  const { rows } = await client.query<Record<string, unknown>>(
    "select tree_size::text as size, root from blindagem_audit.checkpoints order by tree_size desc limit 1",
  );
  return z
    .object({ size: z.coerce.number(), root: z.instanceof(Buffer) })
    .optional()
    .parse(rows[0]);
}

const run = z.object({ first_index: z.coerce.number(), leaf_hashes: z.instanceof(Buffer) });

/** One divergence tells as much as thousands: the first ones are named. */
const MOST_TILES = 20;

/**
 * Builds the tree anew, run by run, from the sealed leaves, and looks whether the stored tiles are the tree's: proofs and
 * whoever reads the log from outside get their hashes from these, while sealing goes on from the leaves.
 */
export class TreeWalk {
  #range = new CompactRange();
  readonly #altered = new Set<string>();
  readonly #signed: SignedTree;

  constructor(signed: SignedTree) {
    this.#signed = signed;
  }

  /** Whether the checkpoint's size is reached, or no leaf is left. */
  isThrough = false;

  /** Takes the leaves of the next run; the last step says whether the root is the signed one. */
  async step(client: pg.ClientBase): Promise<Compared> {
    const { rows } = await client.query<Record<string, unknown>>(
      `select first_index::text, leaf_hashes from blindagem_audit.sealed_runs
       where first_index >= $1 order by sealed_runs.first_index limit 1`,
      [this.#range.size],
    );
    const next = run.optional().parse(rows[0]);
    const before = this.#range.size;
    if (next === undefined || next.first_index !== before) return this.#end(0, false);
    const leaves = splitLeafHashes(next.leaf_hashes).slice(0, this.#signed.size - before);
    const { range, pieces } = appendLeaves(this.#range, leaves);
    this.#range = range;
    for (const tile of await alteredTiles(client, pieces)) this.#altered.add(tile);
    const count = this.#range.size - before;
    if (this.#range.size < this.#signed.size) {
      return { entityType: TREE, scope: "all", kinds: [], count, divergences: [] };
    }
    return this.#end(count, sameHash(this.#range.root(), this.#signed.root));
  }

  #end(count: number, isSame: boolean): Compared {
    this.isThrough = true;
    return {
      entityType: TREE,
      scope: "all",
      kinds: ["TREE"],
      count,
      divergences: [...(isSame ? [] : ["root"]), ...[...this.#altered].slice(0, MOST_TILES)].map(
        divergenceOf,
      ),
    };
  }
}

/** The tiles in which these pieces do not stand as they were made, as "tile/LEVEL/INDEX". */
async function alteredTiles(
  client: pg.ClientBase,
  pieces: readonly TilePiece[],
): Promise<string[]> {
  const { rows } = await client.query<{ tile: string }>(
    `select concat_ws('/', 'tile', piece.level, piece.index) as tile
     from unnest($1::smallint[], $2::bigint[], $3::int[], $4::bytea[], $5::bytea[]) as piece (level, index, "offset", hashes, middles)
     left join blindagem_audit.tiles t on t.level = piece.level and t.index = piece.index
     where substring(t.hashes from piece."offset" * ${HASH_SIZE} + 1 for length(piece.hashes)) is distinct from piece.hashes
       or substring(t.middles from piece."offset" / ${NARROW_WIDTH} * ${HASH_SIZE} + 1 for length(piece.middles))
         is distinct from piece.middles`,
    [
      pieces.map(({ level }) => level),
      pieces.map(({ index }) => index),
      pieces.map(({ offset }) => offset),
      pieces.map(({ hashes }) => Buffer.concat(hashes)),
      pieces.map(({ middles }) => Buffer.concat(middles)),
    ],
  );
  return rows.map(({ tile }) => tile);
}

function divergenceOf(entityId: string): Divergence {
  return {
    kind: "TREE",
    entityType: TREE,
    entityId,
    organizationId: undefined,
    condominiumId: undefined,
    sensitivity: "ORDINARY",
    fields: [],
  };
}

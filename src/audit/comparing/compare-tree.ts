import type pg from "pg";
import { z } from "zod";
import { splitLeafHashes } from "../leaf-hashes.ts";
import { alteredTiles } from "../tile-store.ts";
import { appendLeaves } from "../tiles.ts";
import { CompactRange, sameHash } from "../tree.ts";
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

import { AuditFault } from "./fault.ts";
import { nodesAbove } from "./leaf-hashes.ts";
import { type Tile, tilePath } from "./tiles.ts";
import { HASH_SIZE, sameHash } from "./tree.ts";

/** A tile's hashes and the nodes above them, each computed once: what proofs of its leaves share. */
export class TileHashes {
  /** The tile's own, one after the other: an object for each cost as much as hashing it. */
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Row above row, as far as pairs are complete, from the tile's own hashes on; undefined until one is asked for. */
  #nodes: Uint8Array | undefined;

  readonly #tile: Tile;

  /** @throws AuditFault MALFORMED unless they are as many whole hashes as the tile has */
  constructor(tile: Tile, bytes: Uint8Array) {
    if (bytes.length % HASH_SIZE !== 0) {
      throw new AuditFault(
        "MALFORMED",
        `Hashes têm ${HASH_SIZE} bytes cada, e ${bytes.length} bytes não são um número inteiro deles.`,
      );
    }
    this.#tile = tile;
    this.bytes = bytes;
    this.count = bytes.length / HASH_SIZE;
    if (this.count !== tile.width) {
      throw new AuditFault(
        "MALFORMED",
        `${tilePath(tile)} tem ${this.count} hashes; deviam ser ${tile.width}.`,
      );
    }
  }

  /** @throws AuditFault TILE_MISMATCH unless the hash in the tile above is the one that stands for this tile, a full one */
  requireUnder(above: Uint8Array): void {
    if (sameHash(this.root(0, this.count), above)) return;
    const { level } = this.#tile;
    throw new AuditFault(
      "TILE_MISMATCH",
      `${tilePath(this.#tile)} não tem o hash que o representa no nível ${level + 1}: um dos dois foi alterado.`,
    );
  }

  /** The root of the perfect subtree over `count` of the hashes, from `offset` on. */
  root(offset: number, count: number): Uint8Array {
    if (offset % count !== 0 || offset + count > this.count) {
      throw new Error(`Hashes ${offset} to ${offset + count} are no subtree.`);
    }
    const place = (offset / count) * HASH_SIZE;
    if (count === 1) return this.bytes.subarray(place, place + HASH_SIZE);
    this.#nodes ??= nodesAbove(this.bytes);
    let row = 0;
    for (let width = 2; width < count; width *= 2) row += Math.floor(this.count / width);
    const start = row * HASH_SIZE + place;
    return this.#nodes.subarray(start, start + HASH_SIZE);
  }
}

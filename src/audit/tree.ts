import { hash } from "node:crypto";
import { AuditFault } from "./fault.ts";

/** Bytes of a SHA-256 hash. */
export const HASH_SIZE = 32;

/** The root of a tree without leaves: the hash of nothing (RFC 6962 section 2.1). */
export const EMPTY_ROOT: Uint8Array = hash("sha256", "", "buffer");

// One-shot hashing of one buffer is several times faster than an object that is fed in parts; entries are small. The digest
// as a string of its bytes costs a quarter of one as a buffer with memory of its own.
let scratch = Buffer.alloc(64 * 1024);
const pair = Buffer.alloc(1 + 2 * HASH_SIZE);
pair[0] = 0x01;

/** The hash of a leaf, SHA-256(0x00 || entry) (RFC 6962 section 2.1). A text counts as its UTF-8 bytes. */
export function leafHash(entry: string | Uint8Array): Uint8Array {
  const largest = 1 + (typeof entry === "string" ? 3 * entry.length : entry.length);
  if (largest > scratch.length) scratch = Buffer.alloc(2 * largest);
  let length = entry.length;
  if (typeof entry === "string") length = scratch.write(entry, 1);
  else scratch.set(entry, 1);
  return bytesOfHash(hash("sha256", scratch.subarray(0, 1 + length), "binary"));
}

/** The hash of an inner node, SHA-256(0x01 || left || right) (RFC 6962 section 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_SIZE);
  return bytesOfHash(hash("sha256", pair, "binary"));
}

function bytesOfHash(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/**
 * The hashes of the perfect subtrees that a tree consists of, from left to right: as many as its size has binary ones.
 * All that is needed to append leaves and to compute the root.
 */
export class CompactRange {
  #size = 0;
  #hashes: Uint8Array[] = [];

  /** @throws AuditFault MALFORMED unless the hashes are as many as that size asks for, of 32 bytes each */
  static of(size: number, hashes: readonly Uint8Array[]): CompactRange {
    requireSize(size);
    const expected = subtreesOf(0, size).length;
    if (hashes.length !== expected) {
      throw new AuditFault(
        "MALFORMED",
        `Uma árvore de ${size} folhas tem ${expected} subárvores perfeitas, não ${hashes.length}.`,
      );
    }
    for (const each of hashes) requireHash(each);
    const range = new CompactRange();
    range.#size = size;
    range.#hashes = [...hashes];
    return range;
  }

  get size(): number {
    return this.#size;
  }

  /** The subtrees' hashes, the largest (left) first. */
  hashes(): Uint8Array[] {
    return [...this.#hashes];
  }

  /**
   * Adds a leaf on the right.
   *
   * @param completed is told of each perfect subtree that the leaf completes, from the leaf itself (height 0) upwards
   * @throws AuditFault MALFORMED when that is no hash of 32 bytes
   */
  append(leaf: Uint8Array, completed?: (height: number, hash: Uint8Array) => void): void {
    requireHash(leaf);
    let subtree = leaf;
    let height = 0;
    completed?.(height, subtree);
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) {
      subtree = nodeHash(this.#hashes.pop() ?? EMPTY_ROOT, subtree);
      height += 1;
      completed?.(height, subtree);
    }
    this.#hashes.push(subtree);
    this.#size += 1;
  }

  /** The tree's root. */
  root(): Uint8Array {
    return this.#hashes.length === 0
      ? EMPTY_ROOT
      : this.#hashes.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** The leaves `start` to before `end` of a tree, as far as RFC 6962's recursion has a node for them. */
export interface Subtree {
  start: number;
  end: number;
}

/** The perfect subtrees of these leaves, from left to right; their hashes fold from the right to the subtree's own. */
export function subtreesOf(start: number, end: number): Subtree[] {
  if (start === end) return [];
  const split = start + largestPowerUpTo(end - start);
  return [{ start, end: split }, ...subtreesOf(split, end)];
}

/** The subtrees whose hashes make the inclusion proof of a leaf, its sibling first (RFC 6962 section 2.1.1). */
export function inclusionPath(index: number, size: number): Subtree[] {
  requireIndex(index, size);
  const path: Subtree[] = [];
  for (let tree = { start: 0, end: size }; tree.end - tree.start > 1; ) {
    const split = splitOf(tree);
    const left = { start: tree.start, end: split };
    const right = { start: split, end: tree.end };
    path.unshift(index < split ? right : left);
    tree = index < split ? left : right;
  }
  return path;
}

/**
 * The subtrees whose hashes prove that the tree of `oldSize` leaves is the beginning of that of `size`, the lowest
 * first (RFC 6962 section 2.1.2).
 */
export function consistencyPath(oldSize: number, size: number): Subtree[] {
  requireSize(size);
  if (!Number.isSafeInteger(oldSize) || oldSize < 1 || oldSize > size) {
    throw new AuditFault("MALFORMED", `Não há prova de consistência de ${oldSize} a ${size}.`);
  }
  const path: Subtree[] = [];
  let tree = { start: 0, end: size };
  while (tree.end !== oldSize) {
    const split = splitOf(tree);
    const left = { start: tree.start, end: split };
    const right = { start: split, end: tree.end };
    path.unshift(oldSize <= split ? right : left);
    tree = oldSize <= split ? left : right;
  }
  // The old tree's own root is known to whoever asks; a subtree inside of it is not.
  if (tree.start > 0) path.unshift(tree);
  return path;
}

/**
 * Checks that a leaf stands at its index in the tree with that root (RFC 9162 section 2.1.3.2, which spells out the
 * algorithm for RFC 6962's proofs).
 *
 * @throws AuditFault NOT_INCLUDED when it does not; MALFORMED for an index outside the tree or a hash of another length
 */
export function verifyInclusion(proof: {
  index: number;
  size: number;
  leafHash: Uint8Array;
  path: readonly Uint8Array[];
  root: Uint8Array;
}): void {
  requireIndex(proof.index, proof.size);
  for (const each of [proof.leafHash, proof.root, ...proof.path]) requireHash(each);
  let node = proof.index;
  let last = proof.size - 1;
  let computed = proof.leafHash;
  for (const sibling of proof.path) {
    if (last === 0) throw notIncluded(proof.index, "a prova é longa demais");
    if (node % 2 === 1 || node === last) {
      computed = nodeHash(sibling, computed);
      while (node % 2 === 0 && node > 0) [node, last] = [half(node), half(last)];
    } else {
      computed = nodeHash(computed, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) throw notIncluded(proof.index, "a prova é curta demais");
  if (!sameHash(computed, proof.root)) {
    throw notIncluded(proof.index, "a prova não leva à raiz assinada");
  }
}

/**
 * Checks that a tree is the beginning of another (RFC 9162 section 2.1.4.2). Of the empty tree there is nothing to
 * prove, so an old size of 0 is refused.
 *
 * @throws AuditFault FORK when it is not; ROLLBACK when it is the larger one; MALFORMED for sizes or hashes of no tree
 */
export function verifyConsistency(proof: {
  oldSize: number;
  oldRoot: Uint8Array;
  size: number;
  root: Uint8Array;
  path: readonly Uint8Array[];
}): void {
  const { oldSize, size, path } = proof;
  requireSize(size);
  if (!Number.isSafeInteger(oldSize) || oldSize < 1) {
    throw new AuditFault("MALFORMED", `Não há prova de consistência desde ${oldSize} folhas.`);
  }
  for (const each of [proof.oldRoot, proof.root, ...path]) requireHash(each);
  if (oldSize > size) {
    throw new AuditFault("ROLLBACK", `O registro encolheu: tinha ${oldSize} folhas e tem ${size}.`);
  }
  if (oldSize === size) {
    if (path.length > 0) throw forked(proof, "a prova devia estar vazia");
    if (!sameHash(proof.oldRoot, proof.root)) throw forked(proof, "as raízes são diferentes");
    return;
  }
  const [first, ...rest] =
    largestPowerUpTo(oldSize) === oldSize ? [proof.oldRoot, ...path] : [...path];
  if (first === undefined || path.length === 0) throw forked(proof, "a prova é curta demais");
  let node = oldSize - 1;
  let last = size - 1;
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let computedOld = first;
  let computed = first;
  for (const sibling of rest) {
    if (last === 0) throw forked(proof, "a prova é longa demais");
    if (node % 2 === 1 || node === last) {
      computedOld = nodeHash(sibling, computedOld);
      computed = nodeHash(sibling, computed);
      while (node % 2 === 0 && node > 0) [node, last] = [half(node), half(last)];
    } else {
      computed = nodeHash(computed, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) throw forked(proof, "a prova é curta demais");
  if (!sameHash(computedOld, proof.oldRoot) || !sameHash(computed, proof.root)) {
    throw forked(proof, "a prova não leva de uma raiz à outra");
  }
}

/** Whether two hashes are equal; hashes are no secrets, so the time it takes may tell. */
export function sameHash(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

/** @throws AuditFault MALFORMED unless it has 32 bytes */
export function requireHash(bytes: Uint8Array): void {
  if (bytes.length !== HASH_SIZE) {
    throw new AuditFault("MALFORMED", `Um hash tem ${HASH_SIZE} bytes, não ${bytes.length}.`);
  }
}

function requireSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new AuditFault("MALFORMED", `${size} não é o tamanho de uma árvore.`);
  }
}

function requireIndex(index: number, size: number): void {
  requireSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new AuditFault("MALFORMED", `Uma árvore de ${size} folhas não tem o índice ${index}.`);
  }
}

/** Where RFC 6962 parts a tree of two leaves or more: its left half is the largest power of two below its size. */
function splitOf({ start, end }: Subtree): number {
  return start + largestPowerUpTo(end - start - 1);
}

function largestPowerUpTo(count: number): number {
  let power = 1;
  while (power * 2 <= count) power *= 2;
  return power;
}

/** Not `>> 1`, which cuts to 32 bits. */
function half(count: number): number {
  return Math.floor(count / 2);
}

function notIncluded(index: number, why: string): AuditFault {
  return new AuditFault("NOT_INCLUDED", `A folha ${index} não está provada: ${why}.`);
}

function forked({ oldSize, size }: { oldSize: number; size: number }, why: string): AuditFault {
  return new AuditFault("FORK", `A árvore de ${size} folhas não continua a de ${oldSize}: ${why}.`);
}

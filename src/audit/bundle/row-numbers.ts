import { randomBytes } from "node:crypto";

const FNV_PRIME = 0x01000193;
/** By chance, so that nobody can choose ids that all meet. */
const FNV_BASIS = randomBytes(4).readInt32LE();

/** Numbers for the ids of rows, from 0 on, found by their bytes: a string for each costs more than all that is done with it. */
export class RowNumbers {
  #count = 0;
  /** An id's number + 1, or 0, and its hash; twice as many as there are ids, at least. */
  #slots = new Int32Array(2 * 64);
  /** Of all ids, one after the other. */
  #bytes = Buffer.allocUnsafe(1024);
  /** By number, where the id begins; and where the next one will. */
  #starts = new Float64Array(64);
  #last = -1;

  /** The number of the id that stands there: as many as were known before when it is a new one. */
  numberOf(bytes: Uint8Array, start: number, end: number): number {
    const next = this.#last + 1;
    // Rows that were inserted one after the other are mostly changed in the same order.
    this.#last =
      next < this.#count && this.#isId(next, bytes, start, end)
        ? next
        : this.#lookUp(bytes, start, end);
    return this.#last;
  }

  #lookUp(bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const last = slots.length - 2;
    const hash = hashOf(bytes, start, end);
    let slot = (2 * hash) & last;
    for (; slots[slot] !== 0; slot = (slot + 2) & last) {
      if (slots[slot + 1] !== hash) continue;
      const number = (slots[slot] ?? 0) - 1;
      if (this.#isId(number, bytes, start, end)) return number;
    }
    slots[slot] = this.#count + 1;
    slots[slot + 1] = hash;
    return this.#add(bytes, start, end);
  }

  #isId(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const first = this.#starts[number] ?? 0;
    if ((this.#starts[number + 1] ?? 0) - first !== end - start) return false;
    for (let at = start; at < end; at++) {
      if (this.#bytes[first + at - start] !== bytes[at]) return false;
    }
    return true;
  }

  #add(bytes: Uint8Array, start: number, end: number): number {
    const number = this.#count;
    const first = this.#starts[number] ?? 0;
    const next = first + end - start;
    if (next > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * next);
    for (let at = start; at < end; at++) this.#bytes[first + at - start] = bytes[at] ?? 0;
    if (number + 1 === this.#starts.length) {
      const starts = new Float64Array(2 * this.#starts.length);
      starts.set(this.#starts);
      this.#starts = starts;
    }
    this.#starts[number + 1] = next;
    this.#count += 1;
    if (4 * this.#count > this.#slots.length) this.#spread();
    return number;
  }

  #spread(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const last = slots.length - 2;
    for (let at = 0; at < this.#slots.length; at += 2) {
      const hash = this.#slots[at + 1] ?? 0;
      if (this.#slots[at] === 0) continue;
      let slot = (2 * hash) & last;
      while (slots[slot] !== 0) slot = (slot + 2) & last;
      slots[slot] = this.#slots[at] ?? 0;
      slots[slot + 1] = hash;
    }
    this.#slots = slots;
  }
}

/** FNV-1a of 32 bits, its upper ones mixed into the lower. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = FNV_BASIS;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME);
  return hash ^ (hash >>> 15);
}

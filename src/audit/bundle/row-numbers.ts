import { randomBytes } from "node:crypto";

const FNV_PRIME = 0x01000193;
/** By chance, so that nobody can choose ids that all meet. */
const FNV_BASIS = randomBytes(4).readInt32LE();

/** Numbers for the ids of rows, from 0 on, found by their bytes: a string for each costs more than all that is done with it. */
export class RowNumbers {
  #count = 0;
  /** An id's number + 1, or 0; twice as many as there are ids, at least. */
  #slots = new Int32Array(64);
  /** Of all ids, one after the other. */
  #bytes = Buffer.allocUnsafe(1024);
  /** By number, where the id begins; and where the next one will. */
  #starts = new Float64Array(64);

  /** The number of the id that stands there: as many as were known before when it is a new one. */
  numberOf(bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(bytes, start, end) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] ?? 0) - 1;
      if (number < 0) break;
      if (this.#isId(number, bytes, start, end)) return number;
    }
    this.#slots[slot] = this.#count + 1;
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
    if (2 * this.#count > this.#slots.length) this.#spread();
    return number;
  }

  #spread(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      const start = this.#starts[number] ?? 0;
      let slot = hashOf(this.#bytes, start, this.#starts[number + 1] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
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

import { ExpectedBytes, type Words } from "./expected-bytes.ts";
import { COLON, isDigit, QUOTE } from "./json-bytes.ts";

const ROOM = 1024;
const NAMES = ROOM / 2;

interface Name {
  name: string;
  /** As it stands in JSON without spaces. */
  key: ExpectedBytes;
}

/** Names of columns as small numbers, found by their bytes, so that a name that was seen before costs no string. */
export class ColumnNames {
  readonly #slots = new Int16Array(ROOM).fill(-1);
  readonly #names: Name[] = [];
  /** Which name came after another the last time, by the other's number + 1: it mostly comes again. */
  readonly #next = new Int16Array(NAMES + 1).fill(-1);

  /**
   * The name of small letters, digits and _ that stands there as a key.
   *
   * @param words the same bytes
   * @param before the name that came before it in its row; -1 for the first
   * @returns -1 for what is no such key, and when there are more names than any database of the platform has
   */
  idAt(bytes: Buffer, words: Words, at: number, before: number): number {
    const expected = this.#next[before + 1] ?? -1;
    if (expected >= 0 && this.#names[expected]?.key.isAt(words, at)) return expected;
    const end = endOfKey(bytes, at);
    const id = end < 0 ? -1 : this.#idOf(bytes, words, at, end);
    this.#next[before + 1] = id;
    return id;
  }

  name(id: number): string {
    return this.#names[id]?.name ?? "";
  }

  /** Of `"name":` */
  lengthOfKey(id: number): number {
    return this.#names[id]?.key.length ?? 0;
  }

  #idOf(bytes: Buffer, words: Words, start: number, end: number): number {
    let slot = 0;
    for (let at = start; at < end; at++) slot = (Math.imul(slot, 31) + (bytes[at] ?? 0)) | 0;
    for (slot &= ROOM - 1; ; slot = (slot + 1) & (ROOM - 1)) {
      const id = this.#slots[slot] ?? -1;
      if (id < 0) break;
      if (this.#names[id]?.key.isAt(words, start)) return id;
    }
    if (this.#names.length === NAMES) return -1;
    this.#slots[slot] = this.#names.length;
    const name = bytes.toString("latin1", start + 1, end - 2);
    return this.#names.push({ name, key: new ExpectedBytes(bytes.subarray(start, end)) }) - 1;
  }
}

/** Where the key that stands there ends, with its colon. */
function endOfKey(bytes: Buffer, at: number): number {
  if (bytes[at] !== QUOTE) return -1;
  let end = at + 1;
  while (isNamePart(bytes[end])) end += 1;
  const isKey = end > at + 1 && bytes[end] === QUOTE && bytes[end + 1] === COLON;
  return isKey ? end + 2 : -1;
}

function isNamePart(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x61 && byte <= 0x7a) || byte === 0x5f || isDigit(byte));
}

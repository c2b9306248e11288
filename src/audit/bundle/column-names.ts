const ROOM = 1024;
const NAMES = ROOM / 2;

/** Names of columns as small numbers, found by their bytes, so that a name that was seen before costs no string. */
export class ColumnNames {
  readonly #slots = new Int16Array(ROOM).fill(-1);
  readonly #names: { bytes: Uint8Array; name: string; key: string }[] = [];

  /** @returns undefined when there are more names than any database of the platform has */
  idOf(bytes: Buffer, start: number, end: number): number | undefined {
    let slot = 0;
    for (let at = start; at < end; at++) slot = (Math.imul(slot, 31) + (bytes[at] ?? 0)) | 0;
    for (slot &= ROOM - 1; ; slot = (slot + 1) & (ROOM - 1)) {
      const id = this.#slots[slot] ?? -1;
      if (id < 0) break;
      if (this.#isName(id, bytes, start, end)) return id;
    }
    if (this.#names.length === NAMES) return undefined;
    const name = bytes.toString("latin1", start, end);
    this.#slots[slot] = this.#names.length;
    return this.#names.push({ bytes: Buffer.from(name), name, key: `"${name}":` }) - 1;
  }

  name(id: number): string {
    return this.#names[id]?.name ?? "";
  }

  /** As it stands in JSON without spaces. */
  key(id: number): string {
    return this.#names[id]?.key ?? "";
  }

  #isName(id: number, bytes: Buffer, start: number, end: number): boolean {
    const known = this.#names[id]?.bytes;
    if (known?.length !== end - start) return false;
    for (let at = 0; at < known.length; at++) if (known[at] !== bytes[start + at]) return false;
    return true;
  }
}

/**
 * Bytes that have to stand somewhere, four or more of them. They are compared by four: keys are half of an entry, and the
 * same ones each time.
 */
export class ExpectedBytes {
  readonly length: number;
  readonly #words: Int32Array;
  /** The last four, some of which may be in the words, too. */
  readonly #last: number;

  constructor(bytes: Uint8Array) {
    const { view } = new Words(bytes);
    this.length = bytes.length;
    this.#words = Int32Array.from({ length: Math.floor(bytes.length / 4) }, (_, word) =>
      view.getInt32(4 * word),
    );
    this.#last = view.getInt32(bytes.length - 4);
  }

  /** Whether they stand there. @param bytes which need not reach so far */
  isAt({ view, length }: Words, at: number): boolean {
    const last = at + this.length - 4;
    if (at < 0 || last + 4 > length) return false;
    const words = this.#words;
    for (let word = 0, place = at; word < words.length; word++, place += 4) {
      if (view.getInt32(place) !== words[word]) return false;
    }
    return view.getInt32(last) === this.#last;
  }

  /** Where they end if they stand there; -1 if they do not. */
  after(bytes: Words, at: number): number {
    return this.isAt(bytes, at) ? at + this.length : -1;
  }
}

/** Bytes to be compared by four. A view tells its length by a call, which costs as much as a comparison. */
export class Words {
  readonly view: DataView;
  readonly length: number;

  constructor({ buffer, byteOffset, length }: Uint8Array) {
    this.view = new DataView(buffer, byteOffset, length);
    this.length = length;
  }
}

import { createReadStream } from "node:fs";
import { mkdir, open, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

const BLOCK = 512;
/** What a bundle's files are named (manifest.ts): nothing else is ever written to a disk. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
const SIZE = { at: 124, length: 12 };
const CHECKSUM = { at: 148, length: 8 };

/**
 * A directory as a tar archive (POSIX.1-1988, ustar), which any system unpacks: its files, each readable by its owner alone.
 *
 * @param root the directory's name in the archive
 */
export async function* tarOf(directory: string, root: string): AsyncGenerator<Buffer> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) {
    const file = join(parentPath, name);
    const { size, mtime } = await stat(file);
    yield header(`${root}${file.slice(directory.length)}`, size, mtime);
    const bytes: AsyncIterable<Buffer> = createReadStream(file);
    yield* bytes;
    yield Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
}

function header(name: string, size: number, mtime: Date): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`${name} is too long a name for a tar.`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number) =>
    `${value.toString(8).padStart(length - 1, "0")}\0`;
  block.write(name, 0);
  block.write(octal(0o600, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, SIZE.length), SIZE.at);
  block.write(octal(Math.floor(mtime.getTime() / 1000), 12), 136);
  // An ordinary file.
  block.write("0", 156);
  block.write("ustar\u000000", 257);
  return sealed(block);
}

/** The checksum counts itself as spaces. */
function sealed(block: Buffer): Buffer {
  block.write(`${checksumOf(block).toString(8).padStart(6, "0")}\0 `, CHECKSUM.at);
  return block;
}

function checksumOf(block: Buffer): number {
  let sum = CHECKSUM.length * 0x20;
  for (const [at, byte] of block.entries()) {
    if (at < CHECKSUM.at || at >= CHECKSUM.at + CHECKSUM.length) sum += byte;
  }
  return sum;
}

/**
 * Writes the files of such an archive, without the name of its directory.
 *
 * @param directory may exist, and is made otherwise; files are readable by their owner alone
 * @throws Error when it is none, is cut off, or has a file that no bundle has
 */
export async function unpackTar(
  archive: AsyncIterable<Uint8Array>,
  directory: string,
): Promise<void> {
  const bytes = new Bytes(archive);
  for (;;) {
    const block = await bytes.take(BLOCK);
    if (block.every((byte) => byte === 0)) return;
    const { name, size } = parseHeader(block);
    const file = join(directory, name.slice(name.indexOf("/") + 1));
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, "wx", 0o600);
    try {
      for (let left = size; left > 0; ) {
        const part = await bytes.some(left);
        await handle.appendFile(part);
        left -= part.length;
      }
    } finally {
      await handle.close();
    }
    await bytes.take((BLOCK - (size % BLOCK)) % BLOCK);
  }
}

function parseHeader(block: Buffer): { name: string; size: number } {
  const text = (at: number, length: number) =>
    block.toString("utf8", at, at + length).replace(/[\0 ].*$/s, "");
  const name = text(0, 100);
  const isOurs =
    Number.parseInt(text(CHECKSUM.at, CHECKSUM.length), 8) === checksumOf(block) &&
    block[156] === 0x30 &&
    NAME.test(name) &&
    name.includes("/");
  if (!isOurs) throw new Error("O que a API enviou não é um pacote.");
  return { name, size: Number.parseInt(text(SIZE.at, SIZE.length), 8) };
}

/** Bytes of a stream as many as are wanted. */
class Bytes {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const part = await this.some(left);
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** At least one byte, and no more than those. */
  async some(limit: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#source.next();
      if (done) throw new Error("O pacote chegou incompleto: peça-o de novo.");
      this.#rest = Buffer.from(value);
    }
    const part = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(limit);
    return part;
  }
}

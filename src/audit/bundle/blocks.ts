import { createReadStream } from "node:fs";

const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * A file in blocks of whole lines, without the last newline of each: an await for every line of a million costs more than
 * what is done with them.
 *
 * @returns blocks that are the caller's own
 * @throws the file system's error
 */
export async function* blocksOf(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  const chunks: AsyncIterable<Buffer> = createReadStream(file, { highWaterMark: CHUNK });
  for await (const bytes of chunks) {
    const end = bytes.lastIndexOf(NEWLINE);
    if (end < 0) {
      rest.push(bytes);
      continue;
    }
    yield Buffer.concat([...rest, bytes.subarray(0, end)]);
    rest = [bytes.subarray(end + 1)];
  }
  const last = Buffer.concat(rest);
  if (last.length > 0) yield last;
}

/** Where the line that begins there ends: at its newline, or with the block. */
export function endOfLine(block: Buffer, start: number): number {
  const end = block.indexOf(NEWLINE, start);
  return end < 0 ? block.length : end;
}

import { open } from "node:fs/promises";

const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * A file in blocks of whole lines, without the last newline of each: an await for every line of a million costs more than
 * what is done with them.
 *
 * @returns blocks that the caller may write to, each until the next: all stand in the same memory, since new memory for
 *   each costs as much as reading the file
 * @throws the file system's error
 */
export async function* blocksOf(file: string): AsyncGenerator<Buffer> {
  const handle = await open(file);
  try {
    let buffer = Buffer.allocUnsafe(CHUNK);
    // Of a line whose end is still to come; it stands at the buffer's beginning.
    let begun = 0;
    for (;;) {
      if (begun === buffer.length) buffer = Buffer.concat([buffer], 2 * begun);
      const { bytesRead } = await handle.read(buffer, begun, buffer.length - begun);
      if (bytesRead === 0) break;
      const filled = begun + bytesRead;
      const end = buffer.subarray(begun, filled).lastIndexOf(NEWLINE) + begun;
      if (end < begun) {
        begun = filled;
        continue;
      }
      yield buffer.subarray(0, end);
      buffer.copyWithin(0, end + 1, filled);
      begun = filled - end - 1;
    }
    if (begun > 0) yield buffer.subarray(0, begun);
  } finally {
    await handle.close();
  }
}

/** Where the line that begins there ends: at its newline, or with the block. */
export function endOfLine(block: Buffer, start: number): number {
  const end = block.indexOf(NEWLINE, start);
  return end < 0 ? block.length : end;
}

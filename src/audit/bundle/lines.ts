import { Buffer, isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";

const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * The lines of a UTF-8 file without their newlines, many at a time: an await for each of a million costs more than what
 * is done with them. A line that is no UTF-8 comes as undefined.
 *
 * @throws the file system's error
 */
export async function* linesOf(file: string): AsyncGenerator<(string | undefined)[]> {
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK })) {
    const bytes = Buffer.from(chunk);
    const end = bytes.lastIndexOf(NEWLINE);
    if (end < 0) {
      rest.push(bytes);
      continue;
    }
    yield split(Buffer.concat([...rest, bytes.subarray(0, end)]));
    rest = [bytes.subarray(end + 1)];
  }
  const last = Buffer.concat(rest);
  if (last.length > 0) yield split(last);
}

function split(bytes: Buffer): (string | undefined)[] {
  if (isUtf8(bytes)) return bytes.toString("utf8").split("\n");
  const lines: (string | undefined)[] = [];
  for (let start = 0; start <= bytes.length; ) {
    const found = bytes.indexOf(NEWLINE, start);
    const line = bytes.subarray(start, found < 0 ? bytes.length : found);
    lines.push(isUtf8(line) ? line.toString("utf8") : undefined);
    start += line.length + 1;
  }
  return lines;
}

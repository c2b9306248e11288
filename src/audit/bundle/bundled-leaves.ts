import { join } from "node:path";
import { blocksOf, endOfLine } from "./blocks.ts";
import { RECORDS_FILE } from "./manifest.ts";
import { leafHashOf, lineOf } from "./records.ts";

/**
 * The leaves of the records of a bundle, by ascending index, as its entries give them.
 *
 * @param directory of a bundle that was verified
 */
export async function* bundledLeaves(
  directory: string,
): AsyncGenerator<{ index: number; hash: Buffer }> {
  for await (const block of blocksOf(join(directory, RECORDS_FILE))) {
    for (let start = 0, end = 0; start <= block.length; start = end + 1) {
      end = endOfLine(block, start);
      const line = lineOf(block, start, end);
      if (line) yield { index: line.index, hash: Buffer.from(leafHashOf(line), "latin1") };
    }
  }
}

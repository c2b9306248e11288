import { createHash } from "node:crypto";

/** Deeper than any row; a bound, because the walk is recursive and the content a stranger's. */
const MAXIMUM_DEPTH = 32;

/**
 * The SHA-256 (lower-case hex) of a batch's content, by which a repeated submission under the same
 * idempotency key is told from another one. The order of keys does not count, the order of rows and
 * of every list does. Fields that are undefined are as good as absent.
 *
 * The form that is hashed is JSON without spaces and with sorted keys, like RFC 8785 but for numbers, of which a batch has none
 * that matter. Throws RangeError on content nested deeper than 32.
 */
export function contentHash(content: unknown): string {
  const hash = createHash("sha256");
  if (Array.isArray(content)) {
    // Row by row, so that the canonical form of a whole batch never stands in memory.
    hash.update("[");
    content.forEach((row, index) => {
      hash.update((index > 0 ? "," : "") + canonical(row, 1));
    });
    hash.update("]");
  } else {
    hash.update(canonical(content, 0));
  }
  return hash.digest("hex");
}

function canonical(value: unknown, depth: number): string {
  if (depth > MAXIMUM_DEPTH) {
    throw new RangeError("content is nested too deeply");
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`;
  }
  if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member, depth + 1)}`);
    return `{${members.join(",")}}`;
  }
  return typeof value === "bigint" ? `${value}n` : (JSON.stringify(value) ?? "null");
}

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Writes a file under a root, making its folders. */
export async function writeUnder(root: string, path: string, content: string | Uint8Array) {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

/** JSON with one line for each element of its outermost lists: small, and a change shows as one line. */
export function linesOf(value: unknown): string {
  const isTable = Array.isArray(value) || (typeof value === "object" && value !== null);
  if (!isTable) return JSON.stringify(value);
  const entries = Array.isArray(value)
    ? value.map((item) => JSON.stringify(item))
    : Object.entries(value).map(([key, item]) => {
        const text = Array.isArray(item) ? linesOf(item).trimEnd() : JSON.stringify(item);
        return `${JSON.stringify(key)}: ${text}`;
      });
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return entries.length === 0 ? `${open}${close}\n` : `${open}\n${entries.join(",\n")}\n${close}\n`;
}

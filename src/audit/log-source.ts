import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Reads a file of a log by its path: `checkpoint`, or a tile's. Throws when it is not there. */
export type LogSource = (path: string) => Promise<Uint8Array>;

const TIMEOUT_MS = 15_000;
/** Tiles have 8 KiB, checkpoints less. */
const LARGEST = 1024 * 1024;

/**
 * A log as it is published (C2SP tlog-tiles): under an http(s) address, or copied into a directory.
 *
 * @param place `https://registro.example/log/`, or the directory's path
 */
export function logSource(place: string): LogSource {
  if (!/^https?:\/\//.test(place)) return (path) => readFile(join(place, path));
  const base = new URL(place.endsWith("/") ? place : `${place}/`);
  return (path) => fetchFile(new URL(path, base));
}

async function fetchFile(url: URL): Promise<Uint8Array> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    (cause: unknown) => {
      throw new Error(`${url.href} não responde.`, { cause });
    },
  );
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${url.href} respondeu com o status ${response.status}.`);
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > LARGEST) throw new Error(`${url.href} é grande demais para ser de um registro.`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

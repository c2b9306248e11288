import { open, stat } from "node:fs/promises";
import type { ReceiptReader } from "./reader.ts";
import { type ReceiptReading, unreadable } from "./reading.ts";

/** Three times what an upload may have: raw scans are large. */
const FILE_BYTES_MAX = 32 * 1024 * 1024;

export interface FileReading {
  reading: ReceiptReading;
  /** Whether there was a file to look at, whatever it then was. */
  opened: boolean;
}

/**
 * Reads a document from a file. What cannot be opened is MANUAL_REVIEW with the reason UNREADABLE and a cause:
 * FILE_NOT_FOUND, FILE_NOT_READABLE, NOT_A_FILE (a folder, a device, a pipe) or FILE_TOO_LARGE.
 *
 * @throws as `ReceiptReader.read`.
 */
export async function readFileOf(reader: ReceiptReader, path: string): Promise<FileReading> {
  const bytes = await bytesOf(path).catch((error: unknown) => {
    const missing = error instanceof Error && Reflect.get(error, "code") === "ENOENT";
    return missing ? "FILE_NOT_FOUND" : "FILE_NOT_READABLE";
  });
  if (typeof bytes === "string") {
    return { reading: unreadable(bytes), opened: bytes === "FILE_TOO_LARGE" };
  }
  return { reading: await reader.read(bytes), opened: true };
}

/** The bytes, or why they are not read. A pipe is never opened, since that waits for who writes; nor is a device read. */
async function bytesOf(path: string): Promise<Uint8Array | "NOT_A_FILE" | "FILE_TOO_LARGE"> {
  const found = await stat(path);
  if (!found.isFile()) {
    return "NOT_A_FILE";
  }
  if (found.size > FILE_BYTES_MAX) {
    return "FILE_TOO_LARGE";
  }
  const file = await open(path);
  try {
    // Not to the end of the file: one that grows meanwhile has none.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(found.size), 0, found.size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

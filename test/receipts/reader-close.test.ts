import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "@jest/globals";

const READER = fileURLToPath(new URL("../../src/receipts/reader.ts", import.meta.url));

it("is closed before the process ends, though an idle reading process holds nobody", async () => {
  const program = `
    import { createReceiptReader } from ${JSON.stringify(READER)};
    const reader = createReceiptReader({ workers: 1, pageTimeoutMs: 30000, memoryMb: 1024 });
    await reader.read(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), { referenceDate: "2026-11-24" });
    await reader.close();
    process.stdout.write("closed");
  `;
  // A close that never settles ends the process with 13, which rejects here.
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--no-warnings",
    "--input-type=module",
    "--eval",
    program,
  ]);
  expect(stdout).toBe("closed");
}, 60_000);

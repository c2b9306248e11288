import { createHash } from "node:crypto";
import { render } from "../drawing/render.ts";
import type { DemoModel } from "../model.ts";
import { seedOf } from "../synthetic/random.ts";
import { linesOf, writeUnder } from "./json.ts";

/** Draws receipts/*, and describes each in data/receipts.json. */
export async function writeReceipts(root: string, model: DemoModel): Promise<void> {
  const drawn = new Map<string, Uint8Array>();
  const index: object[] = [];
  for (const { file, document, medium, damage, copyOf, late } of Object.values(model.receipts)) {
    const bytes =
      (copyOf === null ? undefined : drawn.get(copyOf)) ??
      (await render(document, {
        medium,
        seed: seedOf(file),
        ...(damage === null ? {} : { damage }),
      }));
    drawn.set(file, bytes);
    await writeUnder(root, `receipts/${file}`, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    index.push({ file, medium, damage, copyOf, late, sha256, bytes: bytes.length, document });
  }
  await writeUnder(root, "data/receipts.json", linesOf(index));
}

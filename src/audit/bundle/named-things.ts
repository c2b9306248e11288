import { z } from "zod";
import type { RecordView } from "./record-view.ts";
import { StateText } from "./state-text.ts";

/** A checkpoint that a condominium's month was closed on, by the record of the closing. */
export interface NamedCheckpoint {
  /** Of the record's leaf. */
  index: number;
  record: string;
  size: number;
  /** In base64. */
  root: string;
}

const closing = z.object({
  tree_size: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number),
  root: z.string(),
});

/** What a bundle's records name that stands outside of them: checkpoints of closings, files of documents. */
export class NamedThings {
  readonly checkpoints: NamedCheckpoint[] = [];
  /** SHA-256 in hexadecimal. */
  readonly documents = new Set<string>();

  record(index: number, { entity_type, id, after }: RecordView): void {
    if (entity_type !== "closings" && entity_type !== "expense_documents") return;
    const values = after instanceof StateText ? after.values() : after;
    if (entity_type === "closings") {
      const read = closing.safeParse(Object.fromEntries(values));
      if (!read.success) return;
      const { tree_size, root } = read.data;
      this.checkpoints.push({ index, record: String(id), size: tree_size, root });
      return;
    }
    const sha256 = values.get("sha256");
    if (typeof sha256 === "string") this.documents.add(sha256);
  }
}

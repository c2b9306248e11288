import { z } from "zod";
import { idText } from "../entry.ts";

/**
 * The files of a bundle, a directory with which records of the log can be verified by whoever has no access to it:
 *
 * - `manifest.json`: what the bundle is about
 * - `checkpoint`: the signed state of the log, cosignatures included
 * - `checkpoints/…`: earlier ones
 * - `keys`: the verifier keys by role (key-list.ts)
 * - `records`: the records by ascending index, one a line, `<index> <entry>`, each entry the very bytes that are the leaf
 * - `personal.jsonl`: by ascending index, what stands beside entries: the values that their commitments stand for, as far
 *   as the reader may know (commitment.ts), and what was erased; not there when there is nothing to say
 * - `withheld.jsonl`: by ascending index, records that are left out, since the reader may not see them or did not ask for
 *   them, but share the group of an intent with others: where they are and what they belong to, so that the group can be
 *   checked; not there when there are none
 * - `documents/…`: files that the records name, each under its SHA-256
 * - `tile/…`: the hash tiles of the whole tree (C2SP tlog-tiles), which say nothing about the records of others
 */
export const MANIFEST_FILE = "manifest.json";
export const CHECKPOINT_FILE = "checkpoint";
export const CHECKPOINTS_DIRECTORY = "checkpoints";
export const KEYS_FILE = "keys";
export const RECORDS_FILE = "records";
export const PERSONAL_FILE = "personal.jsonl";
export const WITHHELD_FILE = "withheld.jsonl";
export const DOCUMENTS_DIRECTORY = "documents";

export const manifestSchema = z.object({
  format: z.literal("blindagem-bundle-1"),
  /** Of the log's checkpoints. */
  origin: z.string().min(1),
  createdAt: z.iso.datetime(),
  /** Whose records these are. */
  organizations: z.array(idText),
  /** Where the records are those of some condominiums alone. */
  condominiums: z.array(idText).optional(),
  /** Where the records are those about one month alone. */
  month: z
    .string()
    .regex(/^\d{4}-(?:0[1-9]|1[0-2])$/)
    .optional(),
  /** Whether all documents have to be there that the records name. */
  documents: z.boolean().optional(),
  /** SHA-256 of those among them whose bytes were erased (LGPD): they are not missing. */
  erasedDocuments: z.array(z.string().regex(/^[0-9a-f]{64}$/)).optional(),
  /** Where the records are all that were written in a month (UTC), whoever's they are. */
  recordedIn: z
    .string()
    .regex(/^\d{4}-(?:0[1-9]|1[0-2])$/)
    .optional(),
  treeSize: z.int().nonnegative(),
  /**
   * Months of the log that had left the database, of whomever their records are: they stand in bundles of their own. `root`
   * is that of the Merkle tree over the leaf hashes of the month's records alone, in the order of their indexes.
   */
  elsewhere: z
    .array(
      z.object({
        month: z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/),
        records: z.int().positive(),
        root: z.base64().length(44),
      }),
    )
    .optional(),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Texts by name, whatever the name: a record in zod's sense is without `__proto__`, and what is not read is not checked. */
const texts = z.custom<Readonly<Record<string, string>>>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => typeof each === "string"),
);

/** A line of `personal.jsonl`. */
export const personalLineSchema = z.object({
  /** Of the record's leaf. */
  index: z.int().nonnegative(),
  personal: z
    .object({
      salt: z.base64(),
      contextSalt: z.base64().optional(),
      values: texts,
    })
    .optional(),
  /** That values and salt were erased, so that the commitments stand for what nobody knows. */
  erased: z
    .object({ erasedAt: z.iso.datetime({ offset: true }), erasureId: z.string() })
    .optional(),
});

export type PersonalLine = z.infer<typeof personalLineSchema>;

/** A line of `withheld.jsonl`: a record without its contents. */
export const withheldLineSchema = z.object({
  index: z.int().nonnegative(),
  id: idText,
  transaction_id: idText,
  organization_id: idText.optional(),
  condominium_id: idText.optional(),
  sensitivity: z.string(),
});

export type WithheldLine = z.infer<typeof withheldLineSchema>;

/** A record of a bundle with what stands beside it. */
export interface BundledRecord extends PersonalLine {
  /** The record itself, whose UTF-8 bytes are the leaf. */
  entry: string;
}

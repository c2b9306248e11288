/**
 * What can be wrong with the log, a checkpoint, a proof or a bundle. The independent verifier (verifier/) names the same
 * faults by the same codes.
 */
export type FaultCode =
  /** What was read does not have the form that its format asks for. */
  | "MALFORMED"
  /** A format that this version does not know. */
  | "UNKNOWN_FORMAT"
  /** A file that has to be there is not. */
  | "MISSING_FILE"
  /** A signature in the name of a known key does not verify. */
  | "FORGED"
  /** No known key has signed. */
  | "UNSIGNED"
  /** The key was not valid at that index or tree size. */
  | "KEY_OUT_OF_RANGE"
  /** A checkpoint of another log. */
  | "WRONG_ORIGIN"
  /** The tree's hashes do not give the signed root. */
  | "ROOT_MISMATCH"
  /** A tile does not have the hash that stands for it above. */
  | "TILE_MISMATCH"
  /** A record is not the leaf at its index. */
  | "LEAF_MISMATCH"
  /** An inclusion proof does not lead from the leaf to the root. */
  | "NOT_INCLUDED"
  /** Two views of one log that cannot both be true: what was in it has been altered. */
  | "FORK"
  /** The log is smaller than it was. */
  | "ROLLBACK"
  /** An index comes twice. */
  | "DUPLICATE_INDEX"
  /** Indexes, or the records of an entity, do not ascend. */
  | "WRONG_ORDER"
  /** A record outside what the bundle is about. */
  | "FOREIGN_RECORD"
  /** A record of a format that the log had left behind already. */
  | "OLD_FORMAT"
  /** A record claims an actor whose process has not signed for it. */
  | "UNATTESTED"
  /** An intent in a record of another transaction. */
  | "INTENT_MISMATCH"
  /** A value is not the one that its record commits to. */
  | "COMMITMENT_MISMATCH"
  /** A change starts from a state that is not the one before it left. */
  | "BROKEN_CHAIN"
  /** A document does not have the SHA-256 that the records name, or they name none such. */
  | "DOCUMENT_MISMATCH";

/** A check that failed: a code for programs, a Portuguese message for the person who reads it. */
export class AuditFault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AuditFault";
    this.code = code;
  }
}

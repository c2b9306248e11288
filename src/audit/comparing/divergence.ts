/** How what is there and what the log says can contradict each other. */
export const DIVERGENCE_KINDS = [
  "ROW_CHANGED",
  "ROW_MISSING",
  "ROW_UNKNOWN",
  "FACTS_ALTERED",
  "DECISION_MISSING",
  "RECORD_ALTERED",
  "RECORD_MISSING",
  "RECORD_UNSEALED",
  "TREE",
  "DEFINITIONS",
] as const;
export type DivergenceKind = (typeof DIVERGENCE_KINDS)[number];

/** What is not a table's row has these in the place of the table. */
export const RECORDS = "records";
export const TREE = "tree";
export const DEFINITIONS = "definitions";

/** A contradiction, and where it is; never with values. */
export interface Divergence {
  kind: DivergenceKind;
  /** The table, or RECORDS, TREE, DEFINITIONS. */
  entityType: string;
  /** The row's key as the log has it, the record's id, "root", or the object's name. */
  entityId: string;
  organizationId: string | undefined;
  condominiumId: string | undefined;
  sensitivity: string;
  /** Names of the fields that differ. */
  fields: string[];
}

/** What a step of the comparison looked at, and what it found there. */
export interface Compared {
  entityType: string;
  /** Ids, or an inclusive range of numeric ones, or all there are: what was found there earlier and now is not, is resolved. */
  scope: { ids: readonly string[] } | { from: bigint; to: bigint } | "all";
  /** Kinds that this step looks for; none while it is not through. */
  kinds: readonly DivergenceKind[];
  /** Rows or records compared. */
  count: number;
  divergences: Divergence[];
}

import { checkCommitments } from "../commitment.ts";
import type { Beside } from "../personal-values.ts";
import type { Reveal } from "./entity-state.ts";
import { jsonOf } from "./json-of.ts";

/** No value of a row: what should stand beside the record does not, or is not what the record commits to. */
const CONTRADICTED = Symbol("contradicted");

/**
 * Reveals what new states commit to, with the values that stand beside their records. One that is gone without an erasure,
 * or another than was committed to, is no value that a row could have: the field differs. With the records of a month that
 * is kept elsewhere went their values: nothing is told of these fields until the next change.
 *
 * @param besides by the ids of the records that are in the log
 */
export function revealFrom(besides: ReadonlyMap<bigint, Beside>): Reveal {
  return (record, field, commitment) => {
    const beside = besides.get(record);
    if (beside === undefined) return undefined;
    const { personal, erased } = beside;
    const path = `new_state.${field}`;
    const text = personal?.values[path];
    if (personal === undefined || text === undefined) return erased ? undefined : CONTRADICTED;
    const values = { [path]: text };
    const faults = checkCommitments(new Map([[path, commitment]]), { ...personal, values });
    return faults.length === 0 ? jsonOf(text) : CONTRADICTED;
  };
}

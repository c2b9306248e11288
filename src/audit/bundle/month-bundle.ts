import type pg from "pg";
import { encodeBase64 } from "../base64.ts";
import type { FaultCode } from "../fault.ts";
import type { ListedKey } from "../key-list.ts";
import type { Month } from "../month.ts";
import { CompactRange, sameHash } from "../tree.ts";
import { bundledLeaves } from "./bundled-leaves.ts";
import { monthLeaves } from "./month-records.ts";
import { verifyBundle } from "./verify.ts";

/** A month of the log that a bundle holds whole. */
export interface BundledMonth {
  records: number;
  /** Of the Merkle tree over its leaf hashes alone, in the order of their indexes; base64. */
  root: string;
}

/** Faults that lie in the log itself: a bundle that shows them is as good as one without. */
export const FAULTS_OF_THE_LOG = [
  "UNATTESTED",
  "BROKEN_CHAIN",
  "INTENT_MISMATCH",
  "OLD_FORMAT",
] as const satisfies FaultCode[];

/**
 * Verifies a bundle, and that it has every record of a month as the log has it.
 *
 * @param client of the sealer's login, in a transaction of one snapshot
 * @param keys of the log; those in the bundle count for nothing
 * @param known faults of the log that somebody knows and does not mind
 * @throws Error saying what is wrong with the bundle, or what it lacks
 */
export async function requireMonthIn(
  client: pg.ClientBase,
  directory: string,
  month: Month,
  keys: readonly ListedKey[],
  known: readonly (typeof FAULTS_OF_THE_LOG)[number][] = [],
): Promise<BundledMonth> {
  const { faultCounts } = await verifyBundle(directory, { trustedKeys: keys });
  const codes = Object.entries(faultCounts)
    .filter(([code]) => !known.some((each) => each === code))
    .map(([code, count]) => `${code} (${count})`);
  if (codes.length > 0) {
    throw new Error(
      `O pacote ${directory} não confere: ${codes.join(", ")}. Veja com \`blindagem audit verify ${directory}\`.`,
    );
  }
  const bundled = bundledLeaves(directory);
  const tree = new CompactRange();
  for await (const leaf of monthLeaves(client, month)) {
    let next = await bundled.next();
    while (!next.done && next.value.index < leaf.index) next = await bundled.next();
    if (next.done || next.value.index > leaf.index) {
      throw new Error(`O pacote não tem o registro do índice ${leaf.index}, que é de ${month}.`);
    }
    if (!sameHash(next.value.hash, leaf.hash)) {
      throw new Error(
        `O registro do índice ${leaf.index} não é no banco o que é no pacote: um dos dois foi alterado.`,
      );
    }
    tree.append(leaf.hash);
  }
  return { records: tree.size, root: encodeBase64(tree.root()) };
}

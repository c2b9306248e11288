import type pg from "pg";
import { encodeBase64 } from "../base64.ts";
import type { FaultCode } from "../fault.ts";
import type { ListedKey } from "../key-list.ts";
import type { Month } from "../month.ts";
import { loadRecordedErasures } from "../recorded-erasures.ts";
import { CompactRange, sameHash } from "../tree.ts";
import { bundledLeaves } from "./bundled-leaves.ts";
import { eraseFromBundle } from "./erase-from-bundle.ts";
import { monthLeaves } from "./month-records.ts";
import type { BundleReport, NoticeCode } from "./report.ts";
import { verifyBundle } from "./verify.ts";

/** A month of the log that a bundle holds whole. */
export interface BundledMonth {
  records: number;
  /** Of the Merkle tree over its leaf hashes alone, in the order of their indexes; base64. */
  root: string;
  /** In whose names the bundle's checkpoints have false signatures of witnesses. */
  forgedWitnesses: BundleReport["forgedWitnesses"];
}

/**
 * Faults that lie in the log itself: a bundle that shows them is as good as one without. A FORK is one only where it is a
 * closing's record that names a root that never was, and WITHHELD are values that the database has lost.
 */
export const FAULTS_OF_THE_LOG = [
  "UNATTESTED",
  "BROKEN_CHAIN",
  "INTENT_MISMATCH",
  "OLD_FORMAT",
  "FORK",
  "WITHHELD",
] as const satisfies (FaultCode | NoticeCode)[];

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
  const report = await verifyBundle(directory, { trustedKeys: keys });
  const codes = faultsOf(report)
    .filter(([code]) => !known.some((each) => each === code))
    .map(([code, count]) => `${code} (${count})`);
  if (known.includes("FORK") && isForked(report)) codes.push("FORK");
  if (codes.length > 0) {
    throw new Error(
      `O pacote ${directory} não confere: ${codes.join(", ")}. Veja com \`blindagem audit verify ${directory}\`.`,
    );
  }
  const { records: erased } = await eraseFromBundle(
    directory,
    await loadRecordedErasures(client),
    true,
  );
  if (erased > 0) {
    throw new Error(
      `O pacote ainda tem o que se apagou (LGPD) de ${erased} registros: rode antes \`blindagem erase bundle ${directory}\`.`,
    );
  }
  const bundled = bundledLeaves(directory);
  const tree = new CompactRange();
  try {
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
  } finally {
    // Gives the file back: a bundle may go on behind the month.
    await bundled.return(undefined);
  }
  const { forgedWitnesses } = report;
  return { records: tree.size, root: encodeBase64(tree.root()), forgedWitnesses };
}

/**
 * By code; the values are to be in the bundle, since the month takes them along. A false signature in a witness's name says
 * nothing against the records: whoever puts a line into a table would otherwise keep months from leaving.
 */
function faultsOf({ faultCounts, notices, forgedWitnesses }: BundleReport): [string, number][] {
  const forged = (faultCounts.FORGED ?? 0) - forgedWitnesses.length;
  const counts = Object.entries({ ...faultCounts, FORGED: forged }).filter(
    ([, count]) => count > 0,
  );
  const withheld = notices.filter(({ code }) => code === "WITHHELD");
  return [...counts, ...withheld.map(({ code, count }): [string, number] => [code, count])];
}

/** Whether the bundle's own checkpoints contradict each other: that is nobody's to know and not to mind. */
function isForked({ faults }: BundleReport): boolean {
  return faults.some(({ code, where }) => code === "FORK" && where.record === undefined);
}

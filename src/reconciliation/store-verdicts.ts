import type pg from "pg";
import type { MovementVerdict } from "./movement-verdicts.ts";
import { rowChanges } from "./row-changes.ts";

/** Makes the verdicts on a condominium's movements these, and writes only what differs. */
export async function storeVerdicts(
  client: pg.ClientBase,
  condominiumId: string,
  verdicts: readonly MovementVerdict[],
  standing: readonly MovementVerdict[],
): Promise<void> {
  const { removed, added, changed } = rowChanges(standing, verdicts, (one) => one.transactionId);
  if (removed.length > 0) {
    await client.query({
      name: "remove verdicts",
      text: `delete from blindagem.movement_verdicts v where v.condominium_id = $1 and v.transaction_id = any ($2::bigint[])`,
      values: [condominiumId, removed.map((one) => one.transactionId)],
    });
  }
  if (added.length > 0) {
    await client.query({
      name: "insert verdicts",
      text: `insert into blindagem.movement_verdicts (condominium_id, transaction_id, verdict, reversed_credit_id, reasons)
       select $1, transaction_id, verdict, reversed_credit_id, reasons
       from jsonb_to_recordset($2) as r (transaction_id bigint, verdict text, reversed_credit_id bigint, reasons jsonb)
       order by transaction_id`,
      values: [condominiumId, JSON.stringify(added.map(row))],
    });
  }
  if (changed.length > 0) {
    await client.query({
      name: "update verdicts",
      text: `update blindagem.movement_verdicts v
       set verdict = r.verdict, reversed_credit_id = r.reversed_credit_id, reasons = r.reasons
       from jsonb_to_recordset($2) as r (transaction_id bigint, verdict text, reversed_credit_id bigint, reasons jsonb)
       where v.condominium_id = $1 and v.transaction_id = r.transaction_id`,
      values: [condominiumId, JSON.stringify(changed.map(row))],
    });
  }
}

function row({ transactionId, verdict, reversedCreditId, reasons }: MovementVerdict) {
  return {
    transaction_id: transactionId,
    verdict,
    reversed_credit_id: reversedCreditId,
    reasons,
  };
}

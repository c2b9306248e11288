import type pg from "pg";
import type { MovementVerdict } from "./movement-verdicts.ts";

/** Makes the verdicts on a condominium's movements these, and writes only what differs. */
export async function storeVerdicts(
  client: pg.ClientBase,
  condominiumId: string,
  verdicts: readonly MovementVerdict[],
): Promise<void> {
  await client.query(
    `delete from blindagem.movement_verdicts v
     where v.condominium_id = $1 and v.transaction_id <> all ($2::bigint[])`,
    [condominiumId, verdicts.map(({ transactionId }) => transactionId)],
  );
  const rows = verdicts.map(({ transactionId, verdict, reversedCreditId, reasons }) => ({
    transaction_id: transactionId,
    verdict,
    reversed_credit_id: reversedCreditId,
    reasons,
  }));
  await client.query(
    `insert into blindagem.movement_verdicts as v (
       condominium_id, transaction_id, verdict, reversed_credit_id, reasons)
     select $1, transaction_id, verdict, reversed_credit_id, reasons
     from jsonb_to_recordset($2) as r (
       transaction_id bigint, verdict text, reversed_credit_id bigint, reasons jsonb)
     order by transaction_id
     on conflict (condominium_id, transaction_id) do update
     set verdict = excluded.verdict, reversed_credit_id = excluded.reversed_credit_id, reasons = excluded.reasons
     where (v.verdict, v.reversed_credit_id, v.reasons)
       is distinct from (excluded.verdict, excluded.reversed_credit_id, excluded.reasons)`,
    [condominiumId, JSON.stringify(rows)],
  );
}

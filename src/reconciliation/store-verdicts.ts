import type pg from "pg";
import type { MovementVerdict } from "./movement-verdicts.ts";
import { rowChanges } from "./row-changes.ts";
import { rowsOf, writeRows } from "./write-rows.ts";

/** The verdicts that a run found in a condominium, and those that there are. */
export interface CondominiumVerdicts {
  condominiumId: string;
  wanted: readonly MovementVerdict[];
  standing: readonly MovementVerdict[];
}

/** Makes the verdicts on condominiums' movements these, and writes only what differs. */
export async function storeVerdicts(
  client: pg.ClientBase,
  condominiums: readonly CondominiumVerdicts[],
): Promise<void> {
  const changes = condominiums.map(({ condominiumId, wanted, standing }) => ({
    condominiumId,
    ...rowChanges(standing, wanted, (one) => one.transactionId),
  }));
  await writeRows(client, "remove verdicts", REMOVAL, rowsOf(changes, "removed", columns));
  await writeRows(client, "insert verdicts", INSERTION, rowsOf(changes, "added", columns));
  await writeRows(client, "update verdicts", UPDATE, rowsOf(changes, "changed", columns));
}

const REMOVAL = `delete from blindagem.movement_verdicts v
  using jsonb_to_recordset($1) as r (condominium_id bigint, transaction_id bigint)
  where v.condominium_id = r.condominium_id and v.transaction_id = r.transaction_id`;

const INSERTION = `insert into blindagem.movement_verdicts (condominium_id, transaction_id, verdict, reversed_credit_id, reasons)
  select condominium_id, transaction_id, verdict, reversed_credit_id, reasons
  from jsonb_to_recordset($1) as r (
    condominium_id bigint, transaction_id bigint, verdict text, reversed_credit_id bigint, reasons jsonb)
  order by condominium_id, transaction_id`;

const UPDATE = `update blindagem.movement_verdicts v
  set verdict = r.verdict, reversed_credit_id = r.reversed_credit_id, reasons = r.reasons
  from jsonb_to_recordset($1) as r (
    condominium_id bigint, transaction_id bigint, verdict text, reversed_credit_id bigint, reasons jsonb)
  where v.condominium_id = r.condominium_id and v.transaction_id = r.transaction_id`;

function columns({ transactionId, verdict, reversedCreditId, reasons }: MovementVerdict) {
  return {
    transaction_id: transactionId,
    verdict,
    reversed_credit_id: reversedCreditId,
    reasons,
  };
}

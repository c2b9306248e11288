import type pg from "pg";
import { formatDecimal } from "../money/centavos.ts";
import type { DecidedRefund } from "./answers.ts";
import type { FixedRefund, RefundLink } from "./types.ts";

/**
 * Makes the machine-made refunds of a condominium those that a run found, and writes only what differs. People's
 * refunds are never touched.
 *
 * @param decided people's answers that no link holds yet
 * @param kept links that stood before the run, and stay
 * @returns how many rows were removed and written
 */
export async function storeRefunds(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly RefundLink[],
  decided: readonly DecidedRefund[],
  kept: readonly FixedRefund[],
): Promise<{ removed: number; written: number }> {
  const removed = await removeOthers(client, condominiumId, [...links, ...decided, ...kept]);
  const written = await upsert(client, condominiumId, [
    ...links.map((link) => ({ ...link, decidedBy: null })),
    ...decided.map((link) => ({ ...link, confidence: 1 })),
  ]);
  return { removed, written };
}

/** One of another amount goes too, before new ones come: so a debit never comes back beyond its amount in between. */
async function removeOthers(
  client: pg.ClientBase,
  condominiumId: string,
  standing: readonly FixedRefund[],
): Promise<number> {
  const { rowCount } = await client.query(
    `delete from blindagem.refunds r
     where r.condominium_id = $1 and r.decided_by is null
       and not exists (
         select from jsonb_to_recordset($2) as s (credit_id bigint, debit_id bigint, amount numeric)
         where s.credit_id = r.credit_id and s.debit_id = r.debit_id and s.amount = r.amount)`,
    [condominiumId, JSON.stringify(standing.map(row))],
  );
  return rowCount ?? 0;
}

async function upsert(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly (RefundLink & { decidedBy: string | null })[],
): Promise<number> {
  const rows = links.map((link) => ({
    ...row(link),
    confidence: link.confidence,
    reasons: link.reasons,
    decided_by: link.decidedBy,
  }));
  const { rowCount } = await client.query(
    `insert into blindagem.refunds as r (condominium_id, credit_id, debit_id, amount, confidence, reasons, decided_by)
     select $1, credit_id, debit_id, amount, confidence, reasons, decided_by
     from jsonb_to_recordset($2) as l (
       credit_id bigint, debit_id bigint, amount numeric, confidence numeric, reasons jsonb, decided_by bigint)
     order by credit_id, debit_id
     on conflict (condominium_id, credit_id, debit_id) do update
     set confidence = excluded.confidence, reasons = excluded.reasons, decided_by = excluded.decided_by
     where r.decided_by is null
       and (r.confidence, r.reasons, r.decided_by)
         is distinct from (excluded.confidence, excluded.reasons, excluded.decided_by)`,
    [condominiumId, JSON.stringify(rows)],
  );
  return rowCount ?? 0;
}

function row({ creditId, debitId, amount }: FixedRefund) {
  return { credit_id: creditId, debit_id: debitId, amount: formatDecimal(amount) };
}

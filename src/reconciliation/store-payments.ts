import type pg from "pg";
import { formatDecimal } from "../money/centavos.ts";
import type { DecidedPayment } from "./answers.ts";
import type { FixedPayment, PaymentLink } from "./types.ts";

/**
 * Makes the machine-made payments of a condominium those that a run found, and writes only what differs. People's
 * payments are never touched.
 *
 * @param decided people's answers that no link holds yet
 * @param kept links that stood before the run, and stay
 * @returns how many rows were removed and written
 */
export async function storePayments(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly PaymentLink[],
  decided: readonly DecidedPayment[],
  kept: readonly FixedPayment[],
): Promise<{ removed: number; written: number }> {
  const removed = await removeOthers(client, condominiumId, [...links, ...decided, ...kept]);
  const written = await upsert(client, condominiumId, [
    ...links.map((link) => ({ ...link, decidedBy: null })),
    ...decided.map((link) => ({ ...link, confidence: 1 })),
  ]);
  return { removed, written };
}

/** One of another amount goes too, before new ones come: so a debit is never claimed beyond its amount in between. */
async function removeOthers(
  client: pg.ClientBase,
  condominiumId: string,
  standing: readonly FixedPayment[],
): Promise<number> {
  const { rowCount } = await client.query(
    `delete from blindagem.payments p
     where p.condominium_id = $1 and p.decided_by is null
       and not exists (
         select from jsonb_to_recordset($2) as s (payable_id bigint, transaction_id bigint, amount numeric)
         where s.payable_id = p.payable_id and s.transaction_id = p.transaction_id and s.amount = p.amount)`,
    [condominiumId, JSON.stringify(standing.map(row))],
  );
  return rowCount ?? 0;
}

async function upsert(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly (PaymentLink & { decidedBy: string | null })[],
): Promise<number> {
  const rows = links.map((link) => ({
    ...row(link),
    confidence: link.confidence,
    reasons: link.reasons,
    decided_by: link.decidedBy,
  }));
  const { rowCount } = await client.query(
    `insert into blindagem.payments as p (condominium_id, payable_id, transaction_id, amount, confidence, reasons, decided_by)
     select $1, payable_id, transaction_id, amount, confidence, reasons, decided_by
     from jsonb_to_recordset($2) as l (
       payable_id bigint, transaction_id bigint, amount numeric, confidence numeric, reasons jsonb, decided_by bigint)
     order by payable_id, transaction_id
     on conflict (condominium_id, payable_id, transaction_id) do update
     set confidence = excluded.confidence, reasons = excluded.reasons, decided_by = excluded.decided_by
     where p.decided_by is null
       and (p.confidence, p.reasons, p.decided_by)
         is distinct from (excluded.confidence, excluded.reasons, excluded.decided_by)`,
    [condominiumId, JSON.stringify(rows)],
  );
  return rowCount ?? 0;
}

function row({ payableId, transactionId, amount }: FixedPayment) {
  return {
    payable_id: payableId,
    transaction_id: transactionId,
    amount: formatDecimal(amount),
  };
}

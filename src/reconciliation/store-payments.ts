import type pg from "pg";
import { formatDecimal } from "../money/centavos.ts";
import type { DecidedPayment } from "./answers.ts";
import type { StandingResults } from "./load-standing.ts";
import { rowChanges } from "./row-changes.ts";
import type { FixedPayment, PaymentLink } from "./types.ts";

type StoredPayment = PaymentLink & { decidedBy: string | null };

/**
 * Makes the machine-made payments of a condominium those that a run found, and writes only what differs. People's
 * payments are never touched.
 *
 * @param decided people's answers that no link holds yet
 * @returns how many rows were removed and written
 */
export async function storePayments(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly PaymentLink[],
  decided: readonly DecidedPayment[],
  standing: StandingResults["payments"],
): Promise<{ removed: number; written: number }> {
  const wanted: StoredPayment[] = [
    ...links.map((link) => ({ ...link, decidedBy: null })),
    ...decided.map((link) => ({ ...link, confidence: 1 })),
  ];
  const people = new Set(standing.filter(({ decidedBy }) => decidedBy !== null).map(pairOf));
  const open = standing.filter(({ decidedBy, fixed }) => decidedBy === null && !fixed);
  const { removed, added, changed } = rowChanges(
    open.map(({ fixed: _, ...link }): StoredPayment => link),
    wanted.filter((link) => !people.has(pairOf(link))),
    // One of another amount goes before the new one comes: so a debit is never claimed beyond its amount in between.
    (link) => `${pairOf(link)} ${link.amount}`,
  );
  if (removed.length > 0) await remove(client, condominiumId, removed);
  if (added.length > 0) await insert(client, condominiumId, added);
  if (changed.length > 0) await update(client, condominiumId, changed);
  return { removed: removed.length, written: added.length + changed.length };
}

async function remove(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly StoredPayment[],
): Promise<void> {
  await client.query({
    name: "remove payments",
    text: `delete from blindagem.payments p
     using jsonb_to_recordset($2) as l (payable_id bigint, transaction_id bigint)
     where p.condominium_id = $1 and p.payable_id = l.payable_id and p.transaction_id = l.transaction_id`,
    values: [condominiumId, JSON.stringify(links.map(row))],
  });
}

async function insert(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly StoredPayment[],
): Promise<void> {
  await client.query({
    name: "insert payments",
    text: `insert into blindagem.payments (condominium_id, payable_id, transaction_id, amount, confidence, reasons, decided_by)
     select $1, payable_id, transaction_id, amount, confidence, reasons, decided_by
     from jsonb_to_recordset($2) as l (
       payable_id bigint, transaction_id bigint, amount numeric, confidence numeric, reasons jsonb, decided_by bigint)
     order by payable_id, transaction_id`,
    values: [condominiumId, JSON.stringify(links.map(row))],
  });
}

async function update(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly StoredPayment[],
): Promise<void> {
  await client.query({
    name: "update payments",
    text: `update blindagem.payments p
     set confidence = l.confidence, reasons = l.reasons, decided_by = l.decided_by
     from jsonb_to_recordset($2) as l (
       payable_id bigint, transaction_id bigint, confidence numeric, reasons jsonb, decided_by bigint)
     where p.condominium_id = $1 and p.payable_id = l.payable_id and p.transaction_id = l.transaction_id`,
    values: [condominiumId, JSON.stringify(links.map(row))],
  });
}

function pairOf({ payableId, transactionId }: FixedPayment): string {
  return `${payableId} ${transactionId}`;
}

function row(link: StoredPayment) {
  return {
    payable_id: link.payableId,
    transaction_id: link.transactionId,
    amount: formatDecimal(link.amount),
    confidence: link.confidence,
    reasons: link.reasons,
    decided_by: link.decidedBy,
  };
}

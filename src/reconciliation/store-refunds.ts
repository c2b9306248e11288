import type pg from "pg";
import { formatDecimal } from "../money/centavos.ts";
import type { DecidedRefund } from "./answers.ts";
import type { StandingResults } from "./load-standing.ts";
import { rowChanges } from "./row-changes.ts";
import type { FixedRefund, RefundLink } from "./types.ts";

type StoredRefund = RefundLink & { decidedBy: string | null };

/**
 * Makes the machine-made refunds of a condominium those that a run found, and writes only what differs. People's
 * refunds are never touched.
 *
 * @param decided people's answers that no link holds yet
 * @returns how many rows were removed and written
 */
export async function storeRefunds(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly RefundLink[],
  decided: readonly DecidedRefund[],
  standing: StandingResults["refunds"],
): Promise<{ removed: number; written: number }> {
  const wanted: StoredRefund[] = [
    ...links.map((link) => ({ ...link, decidedBy: null })),
    ...decided.map((link) => ({ ...link, confidence: 1 })),
  ];
  const people = new Set(standing.filter(({ decidedBy }) => decidedBy !== null).map(pairOf));
  const open = standing.filter(({ decidedBy, fixed }) => decidedBy === null && !fixed);
  const { removed, added, changed } = rowChanges(
    open.map(({ fixed: _, ...link }): StoredRefund => link),
    wanted.filter((link) => !people.has(pairOf(link))),
    // One of another amount goes before the new one comes: so a debit never comes back beyond its amount in between.
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
  links: readonly StoredRefund[],
): Promise<void> {
  await client.query({
    name: "remove refunds",
    text: `delete from blindagem.refunds r
     using jsonb_to_recordset($2) as l (credit_id bigint, debit_id bigint)
     where r.condominium_id = $1 and r.credit_id = l.credit_id and r.debit_id = l.debit_id`,
    values: [condominiumId, JSON.stringify(links.map(row))],
  });
}

async function insert(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly StoredRefund[],
): Promise<void> {
  await client.query({
    name: "insert refunds",
    text: `insert into blindagem.refunds (condominium_id, credit_id, debit_id, amount, confidence, reasons, decided_by)
     select $1, credit_id, debit_id, amount, confidence, reasons, decided_by
     from jsonb_to_recordset($2) as l (
       credit_id bigint, debit_id bigint, amount numeric, confidence numeric, reasons jsonb, decided_by bigint)
     order by credit_id, debit_id`,
    values: [condominiumId, JSON.stringify(links.map(row))],
  });
}

async function update(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly StoredRefund[],
): Promise<void> {
  await client.query({
    name: "update refunds",
    text: `update blindagem.refunds r
     set confidence = l.confidence, reasons = l.reasons, decided_by = l.decided_by
     from jsonb_to_recordset($2) as l (
       credit_id bigint, debit_id bigint, confidence numeric, reasons jsonb, decided_by bigint)
     where r.condominium_id = $1 and r.credit_id = l.credit_id and r.debit_id = l.debit_id`,
    values: [condominiumId, JSON.stringify(links.map(row))],
  });
}

function pairOf({ creditId, debitId }: FixedRefund): string {
  return `${creditId} ${debitId}`;
}

function row(link: StoredRefund) {
  return {
    credit_id: link.creditId,
    debit_id: link.debitId,
    amount: formatDecimal(link.amount),
    confidence: link.confidence,
    reasons: link.reasons,
    decided_by: link.decidedBy,
  };
}

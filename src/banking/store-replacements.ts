import type { ClientBase } from "pg";
import { z } from "zod";
import { amountColumn } from "../reconciliation/amount-column.ts";
import { type ReplaceableMovement, replacementsOf } from "./replaced-movement.ts";

/** For so long after it was taken back a movement may come again under another id. */
const OPEN_DAYS = 30;

const row = z.object({
  id: z.string(),
  postedOn: z.string(),
  amount: amountColumn,
  description: z.string(),
  counterpartyName: z.string().nullable(),
  counterpartyDocument: z.string().nullable(),
  endToEndId: z.string().nullable(),
  status: z.enum(["POSTED", "PENDING"]),
  firstSeenAt: z.date(),
  isGone: z.boolean(),
});

/**
 * Settles what became of the movements of an account that the provider took back: those that it gives under another id
 * name their replacement, to which people's decisions pass; those that the bank's own statement has, and nothing stands
 * for, count again. The others stay deleted.
 *
 * @param from calendar day in Brasília, 'YYYY-MM-DD', of the earliest movement that is looked at
 */
export async function settleDeletions(
  client: ClientBase,
  accountId: string,
  from: string,
  now: Date,
): Promise<void> {
  const movements = await selectReplaceable(client, accountId, from, now);
  const gone = movements.filter(({ isGone }) => isGone);
  if (gone.length === 0) return;
  const { replacedBy, withoutTrace } = replacementsOf(
    gone,
    movements.filter(({ isGone }) => !isGone),
  );
  const pairs = JSON.stringify([...replacedBy].map(([old, fresh]) => ({ old, fresh })));
  await client.query(
    `update blindagem.bank_transactions t set file_key = old.file_key, status = 'POSTED'
     from jsonb_to_recordset($2) as p (old bigint, fresh bigint)
     join blindagem.bank_transactions old on old.id = p.old
     where t.account_id = $1 and t.id = p.fresh and t.file_key is null and old.file_key is not null`,
    [accountId, pairs],
  );
  await client.query(
    `update blindagem.bank_transactions t set replaced_by = p.fresh
     from jsonb_to_recordset($2) as p (old bigint, fresh bigint)
     where t.account_id = $1 and t.id = p.old`,
    [accountId, pairs],
  );
  await client.query(
    `update blindagem.bank_transactions t set deleted_at = null, provider_id = 'file:' || t.file_key
     where t.account_id = $1 and t.id = any ($2::bigint[]) and t.file_key is not null
       and not exists (select from blindagem.bank_transactions other
         where other.account_id = t.account_id and other.file_key = t.file_key and other.deleted_at is null)`,
    [accountId, withoutTrace],
  );
}

async function selectReplaceable(
  client: ClientBase,
  accountId: string,
  from: string,
  now: Date,
): Promise<(ReplaceableMovement & { isGone: boolean })[]> {
  const { rows } = await client.query(
    `with gone as materialized (
       select id, amount from blindagem.bank_transactions
       where account_id = $1 and part_of is null and posted_on >= $2::date and deleted_at > $3::timestamptz - make_interval(days => $4)
         and replaced_by is null
     )
     select t.id::text, t.posted_on::text as "postedOn", t.amount::text, t.description,
       t.counterparty_name as "counterpartyName", t.counterparty_document as "counterpartyDocument",
       t.end_to_end_id as "endToEndId", t.status, t.first_seen_at as "firstSeenAt", t.deleted_at is not null as "isGone"
     from blindagem.bank_transactions t
     where t.account_id = $1 and t.part_of is null and t.posted_on >= $2::date - 3 and t.amount in (select amount from gone)
       and (t.id in (select id from gone) or (t.deleted_at is null and t.provider_id not like 'file:%'
         and not exists (select from blindagem.bank_transactions old where old.account_id = $1 and old.replaced_by = t.id)))
     order by t.id`,
    [accountId, from, now, OPEN_DAYS],
  );
  return z.array(row).parse(rows);
}

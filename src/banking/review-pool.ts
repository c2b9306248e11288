import type { ClientBase } from "pg";
import { z } from "zod";
import { dateInBrasilia } from "../calendar/brasilia.ts";
import { claimAndEnqueue } from "../queue/enqueue.ts";
import { amountColumn } from "../reconciliation/amount-column.ts";
import { DEBIT_WITHOUT_EXPENSE_DAYS } from "../reconciliation/unexplained-debits.ts";
import { poolDoubts } from "./pool-doubts.ts";

const movementRow = z.object({
  id: z.string(),
  postedOn: z.string(),
  amount: amountColumn,
  description: z.string(),
  endToEndId: z.string().nullable(),
  originalEndToEndId: z.string().nullable(),
  ambiguous: z.boolean(),
});

/**
 * Makes the open doubts of a pool account those that its movements give rise to. Doing it again changes nothing; what a
 * person has assigned is no doubt any more.
 *
 * @returns how many there are
 */
export async function reviewPool(
  client: ClientBase,
  accountId: string,
  now: Date,
): Promise<number> {
  const { rows: settings } = await client.query<{ days: number }>(
    `select s.value as days from blindagem.bank_accounts a
     join blindagem.settings s on s.organization_id = a.organization_id and s.name = 'debit_without_expense_days'
     where a.id = $1`,
    [accountId],
  );
  const { rows } = await client.query(
    `select t.id::text, t.posted_on::text as "postedOn", t.amount::text, t.description,
       t.end_to_end_id as "endToEndId", t.original_end_to_end_id as "originalEndToEndId",
       t.id in (select blindagem_private.ambiguous_pool_debits($1)) as ambiguous
     from blindagem.bank_transactions t
     where t.account_id = $1 and t.condominium_id is null and t.deleted_at is null and t.status = 'POSTED'
       and not exists (select from blindagem.bank_transactions p where p.part_of = t.id and p.deleted_at is null)
     order by t.id`,
    [accountId],
  );
  const days = settings[0]?.days ?? DEBIT_WITHOUT_EXPENSE_DAYS;
  const doubts = poolDoubts(z.array(movementRow).parse(rows), dateInBrasilia(now), days);
  const values = [
    accountId,
    JSON.stringify(doubts.map(({ transactionId, kind }) => ({ id: transactionId, kind }))),
  ];
  await client.query(
    `update blindagem.pool_doubts d set outcome = 'SUPERSEDED', resolved_at = now()
     from blindagem.bank_transactions t
     where t.id = d.transaction_id and t.account_id = $1 and d.outcome is null
       and not exists (select from jsonb_to_recordset($2) as n (id bigint) where n.id = t.id)`,
    values,
  );
  await client.query(
    `insert into blindagem.pool_doubts as d (organization_id, transaction_id, kind)
     select a.organization_id, n.id, n.kind
     from blindagem.bank_accounts a, jsonb_to_recordset($2) as n (id bigint, kind text)
     where a.id = $1
     order by n.id
     on conflict (transaction_id) where outcome is null do update set kind = excluded.kind where d.kind <> excluded.kind`,
    values,
  );
  return doubts.length;
}

/**
 * Asks for a look at pool accounts, in the running transaction: those of a connection, or all.
 *
 * @param connectionId null: all
 */
export async function enqueuePoolReviews(
  client: ClientBase,
  connectionId: string | null,
): Promise<void> {
  const { rows } = await client.query<{ accountId: string; organizationId: string }>(
    `select id::text as "accountId", organization_id::text as "organizationId" from blindagem.bank_accounts
     where purpose = 'POOL' and ($1::bigint is null or connection_id = $1) order by id`,
    [connectionId],
  );
  await claimAndEnqueue(
    client,
    rows.map(({ accountId, organizationId }) => ({
      task: "review_pool",
      subject: accountId,
      payload: { accountId },
      organizationId,
    })),
  );
}

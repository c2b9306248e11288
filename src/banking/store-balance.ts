import type { ClientBase } from "pg";
import { addDays, dateInBrasilia } from "../calendar/brasilia.ts";
import { formatDecimal } from "../money/centavos.ts";

/**
 * Stores the balance that the provider tells of an account as the closing balance of the last whole day before it: what has
 * been posted since is taken off it. The statement begins where the one before ended, with its balance, so that what is
 * missing of the movements in between is found.
 *
 * @param balance centavos
 * @param asOf when the balance was so
 */
export async function storeBalance(
  client: ClientBase,
  accountId: string,
  balance: bigint,
  asOf: Date,
): Promise<void> {
  const day = addDays(dateInBrasilia(asOf), -1);
  await client.query(
    `insert into blindagem.bank_statements as s (account_id, starts_on, ends_on, opening_balance, closing_balance)
     select $1, coalesce(before.ends_on + 1, $2::date), $2::date, before.closing_balance, $3::numeric - coalesce((
       select sum(t.amount) from blindagem.bank_transactions t
       where t.account_id = $1 and t.posted_on > $2::date and t.deleted_at is null and t.status = 'POSTED' and t.part_of is null), 0)
     from (select) as one
     left join lateral (
       select b.ends_on, b.closing_balance from blindagem.bank_statements b
       where b.account_id = $1 and b.file_id is null and b.ends_on < $2::date
       order by b.ends_on desc limit 1) as before on true
     on conflict on constraint bank_statements_account_id_starts_on_ends_on_key do update
     set closing_balance = excluded.closing_balance
     where s.file_id is null and s.closing_balance is distinct from excluded.closing_balance`,
    [accountId, day, formatDecimal(balance)],
  );
}

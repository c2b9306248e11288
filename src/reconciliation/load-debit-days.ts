import type pg from "pg";
import { DEBIT_WITHOUT_EXPENSE_DAYS } from "./unexplained-debits.ts";

/** After how many days a debit of each condominium without an expense is asked about: as its administradora of today has it. */
export async function loadDebitDays(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<(condominiumId: string) => number> {
  const { rows } = await client.query<{ condominiumId: string; days: number }>({
    name: "days without expense",
    text: `select m.condominium_id::text as "condominiumId", min(s.value) as days from blindagem.managements m
     join blindagem.settings s on s.organization_id = m.organization_id and s.name = 'debit_without_expense_days'
     where m.condominium_id = any ($1::bigint[])
       and blindagem_private.has_scope(blindagem_private.today(), m.valid_from, m.valid_to)
     group by m.condominium_id`,
    values: [condominiumIds],
  });
  const days = new Map(rows.map((row) => [row.condominiumId, row.days]));
  return (condominiumId) => days.get(condominiumId) ?? DEBIT_WITHOUT_EXPENSE_DAYS;
}

/** Condominiums with a debit that has become old enough to be asked about, and is neither paid for nor asked about. */
export async function condominiumsWithOldDebits(
  client: pg.ClientBase,
  today: string,
): Promise<{ condominiumId: string; organizationId: string }[]> {
  const { rows } = await client.query<{ condominiumId: string; organizationId: string }>(
    `select m.condominium_id::text as "condominiumId", min(m.organization_id)::text as "organizationId"
     from blindagem.managements m
     left join blindagem.settings s on s.organization_id = m.organization_id and s.name = 'debit_without_expense_days'
     where blindagem_private.has_scope($1::date, m.valid_from, m.valid_to)
       and exists (
         select from blindagem.bank_transactions t
         -- A few days' worth: a night on which nothing ran is made up for.
         where t.condominium_id = m.condominium_id and t.amount < 0 and t.status = 'POSTED' and t.deleted_at is null
           and t.posted_on between $1::date - coalesce(s.value, $2) - 7 and $1::date - coalesce(s.value, $2) - 1
           and not exists (
             select from blindagem.payments p where p.condominium_id = t.condominium_id and p.transaction_id = t.id)
           and not exists (
             select from blindagem.reviews r
             where r.condominium_id = t.condominium_id and r.kind = 'PAYMENT' and r.subject = 'transaction:' || t.id))
     group by m.condominium_id
     order by m.condominium_id`,
    [today, DEBIT_WITHOUT_EXPENSE_DAYS],
  );
  return rows;
}

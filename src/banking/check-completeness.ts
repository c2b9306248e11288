import type { ClientBase } from "pg";
import { z } from "zod";
import { formatDecimal } from "../money/centavos.ts";
import { amountColumn } from "../reconciliation/amount-column.ts";
import type { Reason } from "../validation/reason.ts";
import {
  type CoveredPeriod,
  type StatementException,
  statementExceptions,
} from "./completeness.ts";

/** How far before its connecting the provider tells of an account. */
const FIRST_SYNC_DAYS = 120;

const accountRow = z.object({
  condominiumId: z.string(),
  id: z.string(),
  providedFrom: z.string().nullable(),
  providedTo: z.string().nullable(),
  periods: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      opening: amountColumn.nullable(),
      closing: amountColumn.nullable(),
    }),
  ),
});
const dayRow = z.object({ day: z.string(), amount: amountColumn });

/**
 * Records where the statements of condominiums' accounts do not join or do not add up, asks a person about each, and
 * resolves what is mended. Doing it again changes nothing.
 *
 * @returns how many exceptions there are in each condominium
 */
export async function checkCompleteness(
  client: ClientBase,
  condominiumIds: readonly string[],
): Promise<(condominiumId: string) => number> {
  const exceptions = new Map<string, number>();
  for (const account of await selectAccounts(client, condominiumIds)) {
    const { condominiumId, id, periods, providedFrom, providedTo } = account;
    const moved = await selectMoved(client, id, periods);
    const provided =
      providedFrom !== null && providedTo !== null ? { from: providedFrom, to: providedTo } : null;
    const found = statementExceptions(periods, moved, provided);
    await storeExceptions(client, condominiumId, id, found);
    exceptions.set(condominiumId, (exceptions.get(condominiumId) ?? 0) + found.length);
  }
  return (condominiumId) => exceptions.get(condominiumId) ?? 0;
}

async function selectAccounts(client: ClientBase, condominiumIds: readonly string[]) {
  const { rows } = await client.query({
    name: "accounts with statements",
    text: `select a.condominium_id::text as "condominiumId", a.id::text,
       ((c.created_at at time zone 'America/Sao_Paulo')::date - $2::int)::text as "providedFrom",
       ((c.known_until at time zone 'America/Sao_Paulo')::date - 1)::text as "providedTo",
       jsonb_agg(jsonb_build_object('from', s.starts_on, 'to', s.ends_on,
         'opening', s.opening_balance::text, 'closing', s.closing_balance::text)) as periods
     from blindagem.bank_accounts a
     join blindagem.bank_statements s on s.account_id = a.id
     left join blindagem.bank_connections c on c.id = a.connection_id
     where a.condominium_id = any ($1::bigint[])
     group by a.id, c.created_at, c.known_until
     order by a.id`,
    values: [condominiumIds, FIRST_SYNC_DAYS],
  });
  return z.array(accountRow).parse(rows);
}

async function selectMoved(
  client: ClientBase,
  accountId: string,
  periods: readonly CoveredPeriod[],
): Promise<Map<string, bigint>> {
  const { rows } = await client.query(
    `select posted_on::text as day, sum(amount)::text as amount from blindagem.bank_transactions
     where account_id = $1 and deleted_at is null and status = 'POSTED'
       and posted_on >= (select min(d) from unnest($2::date[]) as d)
     group by posted_on order by posted_on`,
    [accountId, periods.map(({ from }) => from)],
  );
  return new Map(
    z
      .array(dayRow)
      .parse(rows)
      .map(({ day, amount }) => [day, amount]),
  );
}

async function storeExceptions(
  client: ClientBase,
  condominiumId: string,
  accountId: string,
  exceptions: readonly StatementException[],
): Promise<void> {
  const rows = exceptions.map((one) => ({
    kind: one.kind,
    from_day: one.from,
    to_day: one.to,
    expected: one.expected === null ? null : formatDecimal(one.expected),
    found: one.found === null ? null : formatDecimal(one.found),
    reasons: [reasonOf(one)],
  }));
  const values = [condominiumId, accountId, JSON.stringify(rows)];
  await client.query(
    `with mended as (
       update blindagem.statement_exceptions x set resolved_at = now()
       where x.condominium_id = $1 and x.account_id = $2 and x.resolved_at is null
         and not exists (
           select from jsonb_to_recordset($3) as r (kind text, from_day date, to_day date)
           where r.kind = x.kind and r.from_day = x.from_day and r.to_day = x.to_day)
       returning x.id
     )
     update blindagem.reviews v set outcome = 'SUPERSEDED', resolved_at = now()
     from mended
     where v.condominium_id = $1 and v.kind = 'BANK' and v.subject = 'statement-exception:' || mended.id and v.outcome is null`,
    values,
  );
  await client.query(
    `with stored as (
       insert into blindagem.statement_exceptions as x (condominium_id, account_id, kind, from_day, to_day, expected, found)
       select $1, $2, r.kind, r.from_day, r.to_day, r.expected, r.found
       from jsonb_to_recordset($3) as r (kind text, from_day date, to_day date, expected numeric, found numeric)
       on conflict (account_id, kind, from_day, to_day) where resolved_at is null do update
       set expected = excluded.expected, found = excluded.found
       where (x.expected, x.found) is distinct from (excluded.expected, excluded.found)
       returning x.id, x.kind, x.from_day, x.to_day
     )
     insert into blindagem.reviews as v (condominium_id, kind, subject, reasons)
     select $1, 'BANK', 'statement-exception:' || s.id, r.reasons
     from stored s
     join jsonb_to_recordset($3) as r (kind text, from_day date, to_day date, reasons jsonb)
       on r.kind = s.kind and r.from_day = s.from_day and r.to_day = s.to_day
     order by s.id
     on conflict (condominium_id, kind, subject) where outcome is null do update set reasons = excluded.reasons`,
    values,
  );
}

function reasonOf({ kind, from, to, expected, found }: StatementException): Reason {
  return {
    code: `STATEMENT_${kind}`,
    severity: "REVIEW",
    evidence: {
      from,
      to,
      ...(expected !== null && found !== null
        ? { expected: formatDecimal(expected), found: formatDecimal(found) }
        : {}),
    },
  };
}

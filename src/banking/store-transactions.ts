import type { ClientBase } from "pg";
import { formatDecimal } from "../money/centavos.ts";
import type { BankMovement } from "./movement.ts";
import { recogniseFileMovements } from "./recognise-file-movements.ts";

export type StoredCounts = {
  inserted: number;
  /** Rows that differed, or that had been taken back and came again. */
  updated: number;
  unchanged: number;
  /** Entries of zero, which move no money, and those that a person has to tell apart first. */
  ignored: number;
};

/**
 * Stores the movements of one account by provider id: new ones are inserted, others updated in place
 * (so a PENDING entry that becomes POSTED keeps its row), and one that was taken back and comes again
 * counts again. A row that says the same already is not touched, so that syncing the same days every
 * night leaves nothing in the audit log; `last_seen_at` is when its content was last seen to change.
 * Of a movement that a file told of first it is the same row; what the bank's own statement has stays posted.
 * The condominium of a row is set once: in a pool account it is found later, by itemising.
 *
 * @param accountId blindagem.bank_accounts.id
 * @throws the database's error; none if the account does not exist, then nothing is stored
 */
export async function upsertBankTransactions(
  client: ClientBase,
  accountId: string,
  movements: readonly BankMovement[],
  seenAt: Date,
): Promise<StoredCounts> {
  // One statement cannot touch a row twice: of entries with the same id the last one counts.
  const entries = new Map(movements.map((movement) => [movement.providerId, movement]));
  const moving = [...entries.values()].filter((movement) => movement.amount !== 0n);
  const held = await recogniseFileMovements(client, accountId, moving);
  const rows = moving
    .filter(({ providerId }) => !held.has(providerId))
    .map((movement) => ({
      provider_id: movement.providerId,
      posted_at: movement.postedAt.toISOString(),
      amount: formatDecimal(movement.amount),
      description: movement.description,
      operation_type: movement.operationType,
      counterparty_document: movement.counterpartyDocument,
      counterparty_name: movement.counterpartyName,
      end_to_end_id: movement.endToEndId,
      original_end_to_end_id: movement.originalEndToEndId,
      check_number: movement.checkNumber,
      status: movement.status,
    }));
  const ignored = entries.size - rows.length;
  if (rows.length === 0) return { inserted: 0, updated: 0, unchanged: 0, ignored };

  const result = await client.query<{ inserted: number; updated: number }>(
    `
    with entry as (
      select * from jsonb_to_recordset($2::jsonb) as entry (
        provider_id text, posted_at timestamptz, amount numeric(14, 2), description text,
        operation_type text, counterparty_document text, counterparty_name text,
        end_to_end_id text, original_end_to_end_id text, check_number text, status text
      )
    ),
    known as (
      select provider_id from blindagem.bank_transactions
      where account_id = $1 and provider_id in (select provider_id from entry)
    ),
    written as (
      insert into blindagem.bank_transactions as stored (
        condominium_id, account_id, provider_id, posted_at, posted_on, amount, description,
        operation_type, counterparty_document, counterparty_name,
        end_to_end_id, original_end_to_end_id, check_number, status, first_seen_at, last_seen_at
      )
      select
        account.condominium_id, account.id, provider_id, posted_at,
        (posted_at at time zone 'America/Sao_Paulo')::date, amount, description,
        operation_type, counterparty_document, counterparty_name,
        end_to_end_id, original_end_to_end_id, check_number, status, $3, $3
      from blindagem.bank_accounts account, entry
      where account.id = $1
      -- In one order, so that two syncs of the same account wait for each other and do not lock up.
      order by provider_id
      on conflict (account_id, provider_id) do update set
        posted_at = excluded.posted_at,
        posted_on = excluded.posted_on,
        amount = excluded.amount,
        description = excluded.description,
        operation_type = excluded.operation_type,
        counterparty_document = excluded.counterparty_document,
        counterparty_name = excluded.counterparty_name,
        end_to_end_id = excluded.end_to_end_id,
        original_end_to_end_id = excluded.original_end_to_end_id,
        check_number = excluded.check_number,
        status = case when stored.file_key is null then excluded.status else stored.status end,
        last_seen_at = excluded.last_seen_at,
        deleted_at = null
      where stored.deleted_at is not null or (
        stored.posted_at, stored.amount, stored.description, stored.operation_type,
        stored.counterparty_document, stored.counterparty_name, stored.end_to_end_id,
        stored.original_end_to_end_id, stored.check_number, stored.status
      ) is distinct from (
        excluded.posted_at, excluded.amount, excluded.description, excluded.operation_type,
        excluded.counterparty_document, excluded.counterparty_name, excluded.end_to_end_id,
        excluded.original_end_to_end_id, excluded.check_number,
        case when stored.file_key is null then excluded.status else stored.status end
      )
      returning provider_id
    )
    select
      count(*) filter (where known.provider_id is null)::int as inserted,
      count(*) filter (where known.provider_id is not null)::int as updated
    from written left join known using (provider_id)
    `,
    [accountId, JSON.stringify(rows), seenAt],
  );
  const { inserted, updated } = result.rows[0] ?? { inserted: 0, updated: 0 };
  return { inserted, updated, unchanged: rows.length - inserted - updated, ignored };
}

import type { ClientBase } from "pg";
import { z } from "zod";
import { dateInBrasilia } from "../calendar/brasilia.ts";
import { formatDecimal } from "../money/centavos.ts";
import { amountColumn } from "../reconciliation/amount-column.ts";
import type { Reason } from "../validation/reason.ts";
import type { BankMovement } from "./movement.ts";
import { identifyMovements, type KnownMovement } from "./same-movement.ts";

const knownRow = z.object({
  id: z.string(),
  postedOn: z.string(),
  amount: amountColumn,
  description: z.string(),
  counterpartyName: z.string().nullable(),
  checkNumber: z.string().nullable(),
  endToEndId: z.string().nullable(),
});

/**
 * Gives the provider's id to movements that only files have told of so far, where an entry is surely the same: its
 * row is then updated, not doubled. Where it may be the same a person is asked.
 *
 * @param movements of one account, each id once
 * @returns ids of the entries that are not to be stored: those in doubt, and those that a person found to be there
 */
export async function recogniseFileMovements(
  client: ClientBase,
  accountId: string,
  movements: readonly BankMovement[],
): Promise<ReadonlySet<string>> {
  await lockAccount(client, accountId);
  const held = await selectHeld(client, accountId, movements);
  const entries = movements
    .filter(({ providerId }) => !held.has(providerId))
    .map((movement) => ({ ...movement, postedOn: dateInBrasilia(movement.postedAt) }));
  const known = await selectFileMovements(
    client,
    accountId,
    entries.map(({ postedOn }) => postedOn),
  );
  if (known.length === 0) return held;
  const stored = await selectStored(client, accountId, entries);
  const unknown = entries.filter(({ providerId }) => !stored.has(providerId));
  const { same, doubtful } = identifyMovements(unknown, known);
  await client.query(
    `update blindagem.bank_transactions t set provider_id = s.provider_id
     from jsonb_to_recordset($2) as s (id bigint, provider_id text)
     where t.account_id = $1 and t.id = s.id`,
    [accountId, JSON.stringify(same.map(({ told, id }) => ({ id, provider_id: told.providerId })))],
  );
  for (const { told, candidateIds } of doubtful) {
    await openDoubt(client, accountId, told, candidateIds);
    held.add(told.providerId);
  }
  return held;
}

/** A file of the account that is just being stored is waited for: neither would see what the other brings. */
async function lockAccount(client: ClientBase, accountId: string): Promise<void> {
  await client.query("select blindagem_private.lock_account($1)", [accountId]);
}

/** What is in doubt still, or was found to be one of several; of what was found to be the one there is the row has the id. */
async function selectHeld(
  client: ClientBase,
  accountId: string,
  movements: readonly BankMovement[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(
    `select entry_key as id from blindagem.statement_doubts
     where account_id = $1 and entry_key = any ($2::text[]) and file_id is null and outcome is distinct from 'NEW'
       and not exists (select from blindagem.bank_transactions t
         where t.account_id = $1 and t.provider_id = statement_doubts.entry_key)`,
    [accountId, movements.map(({ providerId }) => providerId)],
  );
  return new Set(rows.map(({ id }) => id));
}

async function selectFileMovements(
  client: ClientBase,
  accountId: string,
  days: readonly string[],
): Promise<KnownMovement[]> {
  const { rows } = await client.query(
    `select id::text, posted_on::text as "postedOn", amount::text, description,
       counterparty_name as "counterpartyName", check_number as "checkNumber", end_to_end_id as "endToEndId"
     from blindagem.bank_transactions
     where account_id = $1 and posted_on = any ($2::date[]) and deleted_at is null and provider_id like 'file:%'
     order by id`,
    [accountId, [...new Set(days)]],
  );
  return z.array(knownRow).parse(rows);
}

async function selectStored(
  client: ClientBase,
  accountId: string,
  movements: readonly BankMovement[],
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ id: string }>(
    "select provider_id as id from blindagem.bank_transactions where account_id = $1 and provider_id = any ($2::text[])",
    [accountId, movements.map(({ providerId }) => providerId)],
  );
  return new Set(rows.map(({ id }) => id));
}

/** A pool's account has no condominium to ask for: the row alone tells. */
async function openDoubt(
  client: ClientBase,
  accountId: string,
  movement: BankMovement & { postedOn: string },
  candidateIds: readonly string[],
): Promise<void> {
  const { raw: _, accountProviderId: __, ...told } = movement;
  const amount = formatDecimal(movement.amount);
  const reason: Reason = {
    code: "STATEMENT_ENTRY_AMBIGUOUS",
    severity: "REVIEW",
    evidence: { day: movement.postedOn, amount, transactionIds: [...candidateIds] },
  };
  await client.query(
    `with doubt as (
       insert into blindagem.statement_doubts (condominium_id, account_id, entry_key, entry, candidate_ids)
       select a.condominium_id, a.id, $2, $3, $4::bigint[] from blindagem.bank_accounts a where a.id = $1
       on conflict (account_id, entry_key) do nothing
       returning id, condominium_id
     )
     insert into blindagem.reviews (condominium_id, kind, subject, reasons)
     select condominium_id, 'BANK', 'statement-entry:' || id, $5 from doubt where condominium_id is not null`,
    [
      accountId,
      movement.providerId,
      JSON.stringify({ ...told, amount }),
      candidateIds,
      JSON.stringify([reason]),
    ],
  );
}

import { createHash } from "node:crypto";
import type pg from "pg";
import { z } from "zod";
import { parseEndToEndId } from "../identifiers/end-to-end-id.ts";
import { formatDecimal } from "../money/centavos.ts";
import { amountColumn } from "../reconciliation/amount-column.ts";
import { readMemo } from "../reconciliation/memo-grammar.ts";
import { fold } from "../reconciliation/memo-text.ts";
import { accountKey, maskAccountNumber } from "./account-key.ts";
import type { PayerAccount, PaymentReturn } from "./cnab240.ts";
import { identifyEntries } from "./identify-entries.ts";
import { itemsOf } from "./returned-items.ts";
import { type Statement, type StatementEntry, StatementFileError } from "./statement.ts";
import { readStatementFile } from "./statement-file.ts";
import { periodOf } from "./statement-period.ts";

/** A file with what its reader says about it. */
export interface StatementImport {
  bytes: Uint8Array;
  fileName: string;
  /** Whose the accounts are; null: the administradora's pool. */
  condominiumId: string | null;
  /** The account that the file is of, where its number is not known yet. Only for a file of one account. */
  accountId: string | null;
  /** The file's account is none of the known ones. */
  newAccount: boolean;
  reason: string | null;
}

/** What came of one account's part of a file. */
export interface ImportedAccount {
  accountId: string;
  from: string | null;
  to: string | null;
  /** Movements that were not known. */
  added: number;
  /** Movements that an earlier file, or the provider, had told of. */
  known: number;
  /** Entries that a person has to tell apart first. */
  doubtful: number;
  /** Items of a payment return that were not known. */
  items: number;
}

export interface ImportResult {
  fileId: string;
  kind: "OFX" | "CNAB240";
  /** The same file was handed in before; nothing has changed. */
  repeated: boolean;
  accounts: ImportedAccount[];
}

const begun = z.object({ fileId: z.string(), result: z.unknown() });
const stored = z.object({
  kind: z.enum(["OFX", "CNAB240"]),
  accounts: z.array(
    z.object({
      accountId: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      added: z.int(),
      known: z.int(),
      doubtful: z.int(),
      items: z.int(),
    }),
  ),
});
const knownMovement = z.object({
  id: z.string(),
  provider_id: z.string(),
  file_key: z.string().nullable(),
  posted_on: z.string(),
  amount: amountColumn,
  description: z.string(),
  counterparty_name: z.string().nullable(),
  check_number: z.string().nullable(),
  end_to_end_id: z.string().nullable(),
});

/**
 * Reads and stores a bank's file in the running transaction, whose settings (blindagem.*) say who hands it in, and
 * enqueues the reconciliation. The same file again changes nothing; of another that overlaps it only what is new counts.
 *
 * @throws StatementFileError when the file cannot be read; database errors of class BLD (BLD02 the role may not, BLD03 no
 *   such condominium or account, BLD04 the account has to be named)
 */
export async function importStatement(
  client: pg.ClientBase,
  file: StatementImport,
): Promise<ImportResult> {
  const read = readStatementFile(file.bytes);
  const { kind } = read;
  const { rows } = await client.query<{ answer: unknown }>(
    "select blindagem_private.begin_statement_import($1, $2, $3, $4, $5, $6) as answer",
    [
      file.condominiumId,
      kind,
      createHash("sha256").update(file.bytes).digest("hex"),
      file.fileName,
      file.bytes.length,
      file.reason,
    ],
  );
  const { fileId, result } = begun.parse(rows[0]?.answer);
  if (result !== null) return { fileId, repeated: true, ...stored.parse(result) };
  const accounts =
    read.kind === "OFX"
      ? await storeStatements(client, fileId, file, read.statements)
      : await storeReturn(client, fileId, file, read.paymentReturn);
  await client.query("select blindagem_private.finish_statement_import($1, $2)", [
    fileId,
    JSON.stringify({ kind, accounts }),
  ]);
  return { fileId, kind, repeated: false, accounts };
}

async function storeStatements(
  client: pg.ClientBase,
  fileId: string,
  file: StatementImport,
  statements: readonly Statement[],
): Promise<ImportedAccount[]> {
  if (statements.length > 1 && file.accountId !== null) throw severalAccounts();
  const accounts: ImportedAccount[] = [];
  for (const statement of statements) {
    const { bankCode, branch, account } = statement;
    const accountId = await accountOf(client, fileId, file, { bankCode, branch, account });
    accounts.push(await storeStatement(client, fileId, accountId, statement));
  }
  return accounts;
}

async function storeStatement(
  client: pg.ClientBase,
  fileId: string,
  accountId: string,
  statement: Statement,
): Promise<ImportedAccount> {
  // A statement tells the lines of no amount, too; they move no money.
  const entries = statement.entries.filter(({ amount }) => amount !== 0n).map(movementOf);
  const days = entries.map(({ postedOn }) => postedOn).sort();
  const [first] = days;
  const last = days.at(-1);
  const movements =
    first !== undefined && last !== undefined
      ? await selectKnown(client, fileId, accountId, first, last)
      : [];
  const { same, fresh, doubtful } = identifyEntries(entries, movements, statement);
  await client.query("select blindagem_private.store_statement($1, $2, $3, $4, $5, $6)", [
    fileId,
    accountId,
    JSON.stringify(periodOf(statement)),
    JSON.stringify(fresh.map(rowOf)),
    JSON.stringify(same.map(({ told, id }) => ({ fileKey: told.entryKey, transactionId: id }))),
    JSON.stringify(
      doubtful.map(({ told, candidateIds }) => ({ entry: rowOf(told), candidateIds })),
    ),
  ]);
  return {
    accountId,
    from: statement.from,
    to: statement.to,
    added: fresh.length,
    known: entries.length - fresh.length - doubtful.length,
    doubtful: doubtful.length,
    items: 0,
  };
}

async function storeReturn(
  client: pg.ClientBase,
  fileId: string,
  file: StatementImport,
  paymentReturn: PaymentReturn,
): Promise<ImportedAccount[]> {
  const { bankCode, batches } = paymentReturn;
  const byAccount = Map.groupBy(batches, ({ payer }) => payerKey(bankCode, payer));
  if (byAccount.size > 1 && file.accountId !== null) throw severalAccounts();
  const accounts: ImportedAccount[] = [];
  for (const ofAccount of byAccount.values()) {
    const payer = ofAccount[0]?.payer ?? paymentReturn.payer;
    if (payer.account === null) {
      throw new StatementFileError("falta o número da conta que paga (posições 59 a 70).", null);
    }
    const accountId = await accountOf(client, fileId, file, {
      bankCode,
      branch: payer.branch,
      account: payer.account,
    });
    const items = itemsOf({ ...paymentReturn, batches: ofAccount });
    const { rows } = await client.query<{ items: number }>(
      "select blindagem_private.store_returned_payments($1, $2, $3) as items",
      [fileId, accountId, JSON.stringify(items)],
    );
    const added = rows[0]?.items ?? 0;
    accounts.push({
      ...{ accountId, from: null, to: null, added: 0, doubtful: 0 },
      known: items.length - added,
      items: added,
    });
  }
  return accounts;
}

async function accountOf(
  client: pg.ClientBase,
  fileId: string,
  { accountId, newAccount }: StatementImport,
  told: { bankCode: string | null; branch: string | null; account: string },
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    "select blindagem_private.statement_account($1, $2, $3, $4, $5, $6)::text as id",
    [
      fileId,
      accountKey(told.bankCode, told.branch, told.account),
      accountId,
      newAccount,
      told.bankCode === null ? "Conta bancária" : `Conta no banco ${told.bankCode}`,
      maskAccountNumber(told.account),
    ],
  );
  const [row] = rows;
  if (!row) throw new Error("The account of a statement was not stored.");
  return row.id;
}

async function selectKnown(
  client: pg.ClientBase,
  fileId: string,
  accountId: string,
  first: string,
  last: string,
) {
  const { rows } = await client.query(
    "select * from blindagem_private.known_movements($1, $2, $3, $4)",
    [fileId, accountId, first, last],
  );
  return z
    .array(knownMovement)
    .parse(rows)
    .map((row) => ({
      id: row.id,
      fileKey: row.file_key,
      postedOn: row.posted_on,
      amount: row.amount,
      description: row.description,
      counterpartyName: row.counterparty_name,
      checkNumber: row.check_number,
      endToEndId: row.end_to_end_id,
    }));
}

/** Banks that give a Pix's id write it into the memo; in a return's it is that of the payment which it gives back. */
function movementOf(entry: StatementEntry) {
  const { description, amount } = entry;
  const ids = description
    .match(/\b[0-9A-Za-z]{32}\b/g)
    ?.flatMap((word) => parseEndToEndId(word) ?? []);
  const meaning = readMemo(fold(description), amount < 0n ? "DEBIT" : "CREDIT")?.meaning;
  const returns = meaning === "REFUND" || meaning === "INCOME_REVERSAL";
  const [payment] = ids?.filter(({ kind }) => kind === "PAYMENT") ?? [];
  const [refund] = ids?.filter(({ kind }) => kind === "REFUND") ?? [];
  return {
    ...entry,
    endToEndId: refund?.id ?? (returns ? null : (payment?.id ?? null)),
    originalEndToEndId: refund || returns ? (payment?.id ?? null) : null,
  };
}

function rowOf(entry: ReturnType<typeof movementOf>) {
  return {
    fileKey: entry.entryKey,
    postedOn: entry.postedOn,
    postedAt: entry.postedAt.toISOString(),
    amount: formatDecimal(entry.amount),
    description: entry.description,
    counterpartyName: entry.counterpartyName,
    endToEndId: entry.endToEndId,
    originalEndToEndId: entry.originalEndToEndId,
    checkNumber: entry.checkNumber,
  };
}

function payerKey(bankCode: string, { branch, account }: PayerAccount): string {
  return accountKey(bankCode, branch, account ?? "");
}

function severalAccounts(): StatementFileError {
  return new StatementFileError(
    "o arquivo traz várias contas, e accountId diz qual é uma só.",
    null,
    "exporte no banco um arquivo de cada conta e importe cada um com a sua.",
  );
}

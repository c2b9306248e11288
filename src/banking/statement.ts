/** One entry of a statement file, whatever its format. */
export type StatementEntry = {
  /** The bank's own id of the entry; null where the file gives none, or the same to several of a day and amount. */
  bankId: string | null;
  /**
   * Equal for the same entry in every file of the account, different for every other: the bank's id with day and
   * amount, or else what the
   * entry says and its place among those that say the same.
   */
  entryKey: string;
  /**
   * What another file may have called it: there the bank's id stood once, or it stood for several; null where there is no
   * other way.
   */
  otherKey: string | null;
  /** Calendar date in Brasília, YYYY-MM-DD, as the bank gives it. */
  postedOn: string;
  /** The instant; midnight in Brasília where the bank gives only a date. */
  postedAt: Date;
  /** Centavos; money that leaves the account is negative. */
  amount: bigint;
  description: string;
  counterpartyName: string | null;
  checkNumber: string | null;
};

/** A balance on a day, in centavos. */
export type StatementBalance = { amount: bigint; on: string };

/** One account's part of a statement file. */
export type Statement = {
  /** COMPE code, without the zeros that some banks put before it. */
  bankCode: string | null;
  branch: string | null;
  account: string;
  isCreditCard: boolean;
  /** Calendar dates between which the file says that it has all entries. */
  from: string | null;
  to: string | null;
  closingBalance: StatementBalance | null;
  entries: StatementEntry[];
};

/** What helps where the file is damaged, and the bank has it whole. */
const EXPORT_AGAIN = "exporte o arquivo de novo no banco e importe-o sem o alterar.";

/**
 * A file that is not taken as a whole; nothing of it is stored. Says what, where, and what to do instead, and never
 * quotes an entry.
 */
export class StatementFileError extends Error {
  /** Of the registry of errors. */
  readonly code = "BLD04";
  /** From 1; null when it is about the whole file. */
  readonly line: number | null;

  constructor(problem: string, line: number | null, remedy = EXPORT_AGAIN) {
    const place = line === null ? "" : `linha ${line}: `;
    super(`${place}${problem} Nada foi gravado; ${remedy}`);
    this.name = "StatementFileError";
    this.line = line;
  }
}

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

/** A file that cannot be read as a whole; nothing of it is to be stored. Says where, and never quotes an entry. */
export class StatementFileError extends Error {
  /** Of the registry of errors. */
  readonly code = "BLD04";
  /** What is wrong, without the line. */
  readonly problem: string;
  /** From 1; null when it is about the whole file. */
  readonly line: number | null;

  constructor(problem: string, line: number | null) {
    super(line === null ? problem : `linha ${line}: ${problem}`);
    this.name = "StatementFileError";
    this.problem = problem;
    this.line = line;
  }
}

import { addDays } from "../../../src/calendar/brasilia.ts";
import { formatDecimal } from "../../../src/money/centavos.ts";
import { BANKS, type Means, printed } from "./memos.ts";
import type { Random } from "./random.ts";
import { type Supplier, suppliersOf } from "./suppliers.ts";

export type Expense = {
  id: string;
  condominiumId: string;
  description: string;
  category: string;
  supplierCnpj: string | null;
  supplierCpf?: string;
  supplierName: string | null;
  amount: string;
  netAmount?: string;
  dueDate: string;
  digitableLine: string | null;
  endToEndId: string | null;
  instalment?: string;
};

export type Transaction = {
  id: string;
  condominiumId: string;
  accountId: string;
  postedAt: string;
  amount: string;
  description: string;
  operationType: string | null;
  counterpartyDocument: string | null;
  counterpartyName: string | null;
  endToEndId: string | null;
  originalEndToEndId: string | null;
  checkNumber: string | null;
  status: "POSTED" | "PENDING";
};

/** What is right, and by which shape it came about. A link that is not in here is wrong, however likely it looks. */
export type Truth = {
  payments: { expenseId: string; transactionId: string; shape: string }[];
  refunds: { creditId: string; debitId: string; shape: string }[];
  reversals: { debitId: string; creditId: string | null; shape: string }[];
  orphans: { creditId: string; shape: string }[];
  income: { creditId: string; shape: string }[];
  /** Credits that are anything but income. */
  notIncome: { creditId: string; shape: string }[];
  /** What only a person can know: a review has to name it. */
  questions: { transactionId: string; shape: string }[];
};

export type GeneratedCase = { expenses: Expense[]; transactions: Transaction[]; truth: Truth };

const ZONE = "-03:00";
const MEANS: readonly Means[] = ["PIX", "PIX", "PIX", "BOLETO", "BOLETO", "TED"];

/** A condominium's months as they are built up, with what is true of them. */
export class CaseBuilder {
  readonly random: Random;
  readonly condominiumId: string;
  readonly accountId: string;
  readonly truth: Truth = {
    payments: [],
    refunds: [],
    reversals: [],
    orphans: [],
    income: [],
    notIncome: [],
    questions: [],
  };
  readonly people: Supplier[];
  shape = "";
  readonly #bank: (typeof BANKS)[number];
  readonly #companies: Supplier[];
  readonly #expenses: Expense[] = [];
  readonly #transactions: Transaction[] = [];
  #next = 0;
  #nextSupplier = 0;

  constructor(random: Random, condominiumId: string, accountId = `${condominiumId}-conta`) {
    this.random = random;
    this.condominiumId = condominiumId;
    this.accountId = accountId;
    this.#bank = random.pick(BANKS);
    const { companies, people } = suppliersOf(random);
    this.#companies = companies;
    this.people = people;
  }

  /** How many expenses and transactions there are. */
  get size(): [expenses: number, transactions: number] {
    return [this.#expenses.length, this.#transactions.length];
  }

  /** The next supplier: one comes again only when all have come, so that two shapes do not share supplier and amount. */
  supplier(): Supplier {
    const supplier = this.#companies[this.#nextSupplier % this.#companies.length];
    if (!supplier) throw new Error("a condominium without suppliers");
    this.#nextSupplier += 1;
    return supplier;
  }

  suppliers(count: number): Supplier[] {
    return Array.from({ length: count }, () => this.supplier());
  }

  /** Centavos; now and then one that others have, too. */
  amount(least = 80, most = 9_000): bigint {
    if (this.random.chance(0.15)) return this.random.pick([30_000n, 45_000n, 50_000n, 120_000n]);
    return BigInt(this.random.integer(least * 100, most * 100));
  }

  /** A working day of the quarter. */
  day(first = "2026-09-01", last = 85): string {
    return workingDay(addDays(first, this.random.integer(0, last)));
  }

  expense(
    supplier: Supplier,
    amount: bigint,
    dueDate: string,
    more: Partial<Expense> = {},
  ): Expense {
    const expense: Expense = {
      id: this.#id("d"),
      condominiumId: this.condominiumId,
      description: supplier.description,
      category: supplier.category,
      supplierCnpj: supplier.cnpj,
      ...(supplier.cpf !== null && { supplierCpf: supplier.cpf }),
      supplierName: supplier.name,
      amount: formatDecimal(amount),
      dueDate,
      digitableLine: null,
      endToEndId: null,
      ...more,
    };
    this.#expenses.push(expense);
    return expense;
  }

  means(): Means {
    return this.random.pick(MEANS);
  }

  /** A debit to that supplier as the condominium's bank prints it, with what banks leave out left out. */
  pay(
    supplier: Supplier,
    amount: bigint,
    date: string,
    means: Means = this.means(),
    more: Partial<Transaction> = {},
  ): Transaction {
    const template = this.random.pick(this.#bank.paid[means]);
    return this.line(
      -amount,
      date,
      printed(template, supplier.name, date, this.#bank, this.random),
      {
        operationType: this.random.chance(0.7) ? means : this.random.pick([null, "OUTROS"]),
        ...this.#counterparty(supplier),
        endToEndId: means === "PIX" && this.random.chance(0.4) ? this.pixId("E", date) : null,
        ...more,
      },
    );
  }

  /** The credit by which a debit comes back. */
  refund(
    supplier: Supplier,
    amount: bigint,
    date: string,
    means: Means,
    more: Partial<Transaction> = {},
  ): Transaction {
    const template = this.random.pick(this.#bank.back[means]);
    const credit = this.line(
      amount,
      date,
      printed(template, supplier.name, date, this.#bank, this.random),
      {
        operationType: this.random.chance(0.5) ? means : null,
        ...this.#counterparty(supplier),
        ...more,
      },
    );
    this.notIncome(credit);
    return credit;
  }

  line(
    amount: bigint,
    date: string,
    description: string,
    more: Partial<Transaction> = {},
  ): Transaction {
    const transaction: Transaction = {
      id: this.#id("m"),
      condominiumId: this.condominiumId,
      accountId: this.accountId,
      postedAt: this.moment(date),
      amount: formatDecimal(amount),
      description,
      operationType: null,
      counterpartyDocument: null,
      counterpartyName: null,
      endToEndId: null,
      originalEndToEndId: null,
      checkNumber: null,
      status: "POSTED",
      ...more,
    };
    this.#transactions.push(transaction);
    return transaction;
  }

  /** Some lines have an hour, some only a date. Later calls of a day are later in it. */
  moment(date: string): string {
    this.#next += 1;
    if (this.random.chance(0.4)) return `${date}T03:00:00.000Z`;
    const minute = 8 * 60 + (this.#next % 700);
    const clock = `${two(Math.floor(minute / 60))}:${two(minute % 60)}:00`;
    return new Date(`${date}T${clock}${ZONE}`).toISOString();
  }

  /** A payment happens on or about its due date. */
  paidOn(dueDate: string): string {
    const shift = this.random.pick([0, 0, 0, 0, -1, -1, -2, -3, 1, 1, 2, 3]);
    return workingDay(addDays(dueDate, shift));
  }

  pixId(letter: "E" | "D", date: string): string {
    const minute = `${date.replaceAll("-", "")}${two(this.random.integer(8, 20))}${two(this.random.integer(0, 59))}`;
    return `${letter}60701190${minute}${this.random.digits(11)}`;
  }

  pays(expense: Expense, ...transactions: Transaction[]): void {
    for (const { id } of transactions) {
      this.truth.payments.push({ expenseId: expense.id, transactionId: id, shape: this.shape });
    }
  }

  givesBack(credit: Transaction, debit: Transaction): void {
    this.truth.refunds.push({ creditId: credit.id, debitId: debit.id, shape: this.shape });
  }

  income(credit: Transaction): void {
    this.truth.income.push({ creditId: credit.id, shape: this.shape });
  }

  notIncome(credit: Transaction): void {
    this.truth.notIncome.push({ creditId: credit.id, shape: this.shape });
  }

  asks(transaction: Transaction): void {
    this.truth.questions.push({ transactionId: transaction.id, shape: this.shape });
  }

  /** The case, its lists in an order that tells nothing. */
  build(): GeneratedCase {
    return {
      expenses: this.random.shuffled(this.#expenses),
      transactions: this.random.shuffled(this.#transactions),
      truth: this.truth,
    };
  }

  #counterparty(supplier: Supplier): Partial<Transaction> {
    const document = supplier.cnpj ?? supplier.cpf;
    return {
      counterpartyDocument:
        document !== null && this.random.chance(0.5) ? punctuated(document) : null,
      counterpartyName: this.random.chance(0.3) ? supplier.name.toUpperCase() : null,
    };
  }

  #id(letter: string): string {
    this.#next += 1;
    return `${this.condominiumId}-${letter}${this.#next}`;
  }
}

/** That day, or the Monday after it. */
export function workingDay(date: string): string {
  const weekday = new Date(`${date}T12:00:00Z`).getUTCDay();
  return addDays(date, weekday === 6 ? 2 : weekday === 0 ? 1 : 0);
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function punctuated(document: string): string {
  return document.length === 14
    ? document.replace(/^(..)(...)(...)(....)(..)$/, "$1.$2.$3/$4-$5")
    : document.replace(/^(...)(...)(...)(..)$/, "$1.$2.$3-$4");
}

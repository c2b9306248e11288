import { addDays } from "../../../src/calendar/brasilia.ts";
import { type CaseBuilder, type Expense, type Transaction, workingDay } from "./generated-case.ts";
import type { Means } from "./memos.ts";
import { cents, type Shape, times } from "./payment-shapes.ts";
import type { Supplier } from "./suppliers.ts";

export const REFUND_SHAPES: readonly Shape[] = [
  {
    name: "came back, not paid again",
    add(to) {
      const { supplier, amount, paid, debit, means } = payment(to);
      const credit = to.refund(supplier, amount, soon(to, paid), means);
      to.givesBack(credit, debit);
    },
  },
  {
    name: "came back, paid again",
    add(to) {
      const { supplier, amount, paid, debit, means, expense } = payment(to);
      const back = soon(to, paid);
      to.givesBack(to.refund(supplier, amount, back, means), debit);
      to.pays(
        expense,
        to.pay(supplier, amount, workingDay(addDays(back, to.random.integer(1, 4)))),
      );
    },
  },
  {
    name: "by the original's identifier",
    add(to) {
      const { supplier, amount, paid, expense } = owed(to);
      const endToEndId = to.pixId("E", paid);
      const debit = to.pay(supplier, amount, paid, "PIX", { endToEndId });
      const back = addDays(paid, to.random.integer(1, 80));
      const part = to.random.chance(0.5) ? amount / 3n : amount;
      const credit = to.line(part, back, to.random.pick(["PIX RECEBIDO", "DEV PIX"]), {
        endToEndId: to.pixId("D", back),
        originalEndToEndId: endToEndId,
      });
      to.notIncome(credit);
      to.givesBack(credit, debit);
      if (part < amount) to.pays(expense, debit);
    },
  },
  {
    name: "by the check number, with re-debit",
    add(to) {
      const { supplier, amount, paid, expense } = owed(to);
      const checkNumber = to.random.digits(8);
      const memo = "PAGTO TITULO";
      const debit = to.line(-amount, paid, memo, { checkNumber });
      const credit = to.line(amount, paid, "ESTORNO DE DÉBITO", { checkNumber });
      to.notIncome(credit);
      to.givesBack(credit, debit);
      const again = to.pay(supplier, amount, workingDay(addDays(paid, 1)), "BOLETO", {
        checkNumber,
      });
      to.pays(expense, again);
    },
  },
  {
    name: "in parts",
    add(to) {
      const supplier = to.supplier();
      const amount = to.amount(500, 6_000) + 13n;
      const expense = to.expense(supplier, amount, to.day("2026-09-01", 50));
      const paid = to.paidOn(expense.dueDate);
      const known = { counterpartyDocument: supplier.cnpj, counterpartyName: supplier.name };
      const debit = to.pay(supplier, amount, paid, "PIX", known);
      to.pays(expense, debit);
      for (const at of times(to.random.integer(1, 2), (one) => one)) {
        const credit = to.refund(
          supplier,
          amount / 3n + BigInt(at),
          addDays(paid, 3 + 5 * at),
          "PIX",
          known,
        );
        to.givesBack(credit, debit);
      }
    },
  },
  {
    name: "two debits alike, a nameless estorno",
    add(to) {
      const amount = to.amount() + 7n;
      const paid = to.day();
      for (const supplier of to.suppliers(2)) {
        to.expense(supplier, amount, paid);
        to.asks(to.pay(supplier, amount, paid, "PIX", { counterpartyName: supplier.name }));
      }
      const credit = to.line(amount, addDays(paid, 2), "ESTORNO DE DEBITO");
      to.notIncome(credit);
      to.asks(credit);
      // Nobody knows which of the two came back, so neither is a certain payment.
    },
  },
  {
    name: "identical ones, first in first out",
    add(to) {
      const supplier = to.supplier();
      const amount = to.amount();
      const paid = to.day();
      const named = { counterpartyName: supplier.name };
      const debits = times(3, (at) =>
        to.pay(supplier, amount, paid, "PIX", { ...named, postedAt: `${paid}T1${2 + at}:00:00Z` }),
      );
      for (const [at, debit] of debits.entries()) {
        const postedAt = `${addDays(paid, 1)}T1${2 + at}:30:00Z`;
        const credit = to.refund(supplier, amount, paid, "PIX", { ...named, postedAt });
        to.givesBack(credit, debit);
      }
    },
  },
  {
    name: "refund without its debit",
    add(to) {
      const supplier = to.supplier();
      const credit = to.refund(supplier, to.amount() + 3n, to.day(), to.means());
      to.truth.orphans.push({ creditId: credit.id, shape: to.shape });
    },
  },
  {
    name: "income taken back",
    add(to) {
      const person = to.random.pick(to.people);
      const amount = to.amount(300, 1_500) + 1n;
      const day = to.day();
      const credit = to.line(amount, day, `PIX RECEBIDO ${person.name}`, { operationType: "PIX" });
      const memo = to.random.pick([
        "Pix-Recebimento devolvido",
        "DEV PIX RECEBIDO",
        "PIX RECEBIDO DEVOLVIDO",
      ]);
      const debit = to.line(-amount, addDays(day, 1), `${memo} ${person.name}`, {
        operationType: "PIX",
      });
      to.truth.reversals.push({ debitId: debit.id, creditId: credit.id, shape: to.shape });
    },
  },
  {
    name: "cheque deposited, returned",
    add(to) {
      const amount = to.amount(300, 1_500) + 1n;
      const day = to.day();
      const credit = to.line(amount, day, "DEPOSITO CHEQUE");
      const debit = to.line(
        -amount,
        addDays(day, 2),
        to.random.pick(["CHEQUE DEVOLVIDO", "DEV CH DEPOSITADO"]),
      );
      to.truth.reversals.push({ debitId: debit.id, creditId: credit.id, shape: to.shape });
    },
  },
  {
    name: "TED and its return",
    add(to) {
      const { supplier, amount, paid, debit } = payment(to, "TED");
      const back = workingDay(addDays(paid, to.random.integer(0, 3)));
      to.givesBack(to.refund(supplier, amount, back, "TED"), debit);
    },
  },
  {
    name: "months later",
    add(to) {
      const supplier = to.supplier();
      const amount = to.amount(500, 6_000) + 29n;
      to.expense(supplier, amount, "2026-09-08");
      const named = { counterpartyName: supplier.name };
      const debit = to.pay(supplier, amount, "2026-09-08", "PIX", named);
      const back = addDays("2026-09-08", to.random.integer(25, 80));
      to.givesBack(to.refund(supplier, amount, back, "PIX", named), debit);
    },
  },
  {
    name: "fee given back",
    add(to) {
      const amount = to.amount(20, 90) + 9n;
      const day = to.day();
      const debit = to.line(-amount, day, "TARIFA PACOTE DE SERVICOS");
      const memo = to.random.pick([
        "ESTORNO TARIFA PACOTE DE SERVICOS",
        "EST TARIFA PACOTE SERV",
        "EST TAR",
      ]);
      const credit = to.line(amount, addDays(day, 2), memo);
      to.notIncome(credit);
      to.givesBack(credit, debit);
    },
  },
  {
    name: "paid twice, one came back",
    add(to) {
      const supplier = to.supplier();
      const amount = to.amount() + 5n;
      const expense = to.expense(supplier, amount, to.day());
      const named = { counterpartyDocument: supplier.cnpj, counterpartyName: supplier.name };
      const first = to.pay(supplier, amount, expense.dueDate, "PIX", named);
      const second = to.pay(
        supplier,
        amount,
        workingDay(addDays(expense.dueDate, 1)),
        "PIX",
        named,
      );
      const back = workingDay(addDays(expense.dueDate, 4));
      // First in, first out: the second is the payment.
      to.givesBack(to.refund(supplier, amount, back, "PIX", named), first);
      to.pays(expense, second);
    },
  },
  {
    name: "a supplier's credit without a word of return",
    add(to) {
      const { supplier, amount, paid, expense, debit } = payment(to, "PIX");
      to.pays(expense, debit);
      const credit = to.line(amount, addDays(paid, 3), `PIX RECEBIDO ${supplier.name}`, {
        counterpartyDocument: supplier.cnpj,
        counterpartyName: supplier.name,
      });
      to.notIncome(credit);
      to.asks(credit);
    },
  },
  {
    name: "item of a batch came back",
    add(to) {
      const dueDate = to.day();
      const suppliers = to.suppliers(3);
      const expenses = suppliers.map((supplier) =>
        to.expense(supplier, to.amount() + 17n, dueDate),
      );
      const total = expenses.reduce((sum, one) => sum + cents(one.amount), 0n);
      const debit = to.line(-total, dueDate, "SISPAG FORNECEDORES");
      const [supplier] = suppliers;
      const [expense] = expenses;
      if (!supplier || !expense) return;
      for (const one of expenses.slice(1)) to.pays(one, debit);
      to.pays(expense, debit);
      const memo = `DEV SISPAG ${supplier.name.slice(0, 16).toUpperCase()}`;
      const credit = to.line(cents(expense.amount), addDays(dueDate, 1), memo);
      to.notIncome(credit);
      to.givesBack(credit, debit);
    },
  },
  {
    name: "residents' credits",
    add(to) {
      for (const at of times(4, (one) => one)) {
        const person = to.random.pick(to.people);
        const memo = to.random.pick([
          `PIX RECEBIDO ${person.name}`,
          `PIX RECEBIDO UNIDADE ${101 + at} ${person.name}`,
          "COBRANCA LIQUIDADA",
          "CRED COBRANCA TITULOS",
          "DEPOSITO EM DINHEIRO",
          `TED RECEBIDA ${person.name}`,
          "RECEBIMENTO BOLETOS",
        ]);
        to.income(to.line(to.amount(300, 1_500), to.day(), memo));
      }
    },
  },
];

type Owed = { supplier: Supplier; amount: bigint; expense: Expense; paid: string };

/** An expense of an amount that is the only one of its kind, and the day on which it is paid. */
function owed(to: CaseBuilder): Owed {
  const supplier = to.supplier();
  const amount = to.amount() + BigInt(to.random.integer(1, 97));
  const expense = to.expense(supplier, amount, to.day("2026-09-01", 60));
  return { supplier, amount, expense, paid: to.paidOn(expense.dueDate) };
}

/** The same with its debit. */
function payment(
  to: CaseBuilder,
  means: Means = to.means(),
): Owed & { debit: Transaction; means: Means } {
  const one = owed(to);
  return { ...one, means, debit: to.pay(one.supplier, one.amount, one.paid, means) };
}

function soon(to: CaseBuilder, paid: string): string {
  return workingDay(addDays(paid, to.random.integer(0, 6)));
}

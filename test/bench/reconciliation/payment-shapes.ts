import { addDays, daysBetween } from "../../../src/calendar/brasilia.ts";
import { formatDecimal } from "../../../src/money/centavos.ts";
import { type CaseBuilder, workingDay } from "./generated-case.ts";
import { CITY, type Supplier, TAX_OFFICE, UTILITIES } from "./suppliers.ts";

/** One way in which expenses and debits belong together; adds one instance of it to a case. */
export type Shape = { name: string; add(to: CaseBuilder): void };

export const PAYMENT_SHAPES: readonly Shape[] = [
  {
    name: "one debit, one expense",
    add(to) {
      for (const supplier of to.suppliers(3)) {
        const expense = to.expense(supplier, to.amount(), to.day());
        to.pays(expense, to.pay(supplier, cents(expense.amount), to.paidOn(expense.dueDate)));
      }
    },
  },
  {
    name: "same amount, two suppliers",
    add(to) {
      const amount = to.amount();
      const dueDate = to.day();
      for (const supplier of to.suppliers(2)) {
        const expense = to.expense(supplier, amount, addDays(dueDate, to.random.integer(0, 3)));
        to.pays(expense, to.pay(supplier, amount, to.paidOn(expense.dueDate), "PIX"));
      }
    },
  },
  {
    name: "every month the same",
    add(to) {
      const supplier = to.supplier();
      const amount = to.amount();
      const first = to.random.integer(1, 24);
      for (const month of ["09", "10", "11"]) {
        const dueDate = workingDay(`2026-${month}-${String(first).padStart(2, "0")}`);
        const expense = to.expense(supplier, amount, dueDate);
        if (!to.random.chance(0.15)) {
          to.pays(expense, to.pay(supplier, amount, to.paidOn(dueDate)));
        }
      }
    },
  },
  {
    name: "utility, before its bill",
    add(to) {
      const supplier = to.random.pick(UTILITIES);
      for (const month of ["09", "10", "11"]) {
        const paid = workingDay(`2026-${month}-${to.random.pick(["06", "08", "10"])}`);
        const amount = to.amount(150, 4_000);
        const expense = to.expense(supplier, amount, addDays(paid, to.random.integer(0, 25)));
        to.pays(expense, to.line(-amount, paid, to.random.pick(utilityMemos(supplier))));
      }
    },
  },
  {
    name: "one debit, several expenses of a supplier",
    add(to) {
      const supplier = to.supplier();
      const dueDate = to.day();
      const expenses = times(to.random.integer(2, 4), () =>
        to.expense(supplier, to.amount(), addDays(dueDate, to.random.integer(0, 6))),
      );
      const debit = to.pay(supplier, totalOf(expenses), to.paidOn(dueDate));
      for (const expense of expenses) to.pays(expense, debit);
    },
  },
  {
    name: "payroll in one debit",
    add(to) {
      const dueDate = workingDay(to.random.pick(["2026-09-05", "2026-10-05", "2026-11-05"]));
      const staff = to.random.shuffled(to.people).slice(0, to.random.integer(3, 8));
      const expenses = staff.map((person) => to.expense(person, to.amount(1_400, 3_500), dueDate));
      const memo = to.random.pick(["SISPAG SALARIOS", "FOLHA DE PAGAMENTO", "PAGTO SALARIOS LOTE"]);
      const debit = to.line(-totalOf(expenses), to.paidOn(dueDate), memo);
      for (const expense of expenses) to.pays(expense, debit);
    },
  },
  {
    name: "salaries one by one",
    add(to) {
      const dueDate = workingDay("2026-10-30");
      for (const person of to.people.slice(0, 3)) {
        const expense = to.expense(person, to.amount(1_400, 3_500), dueDate);
        to.pays(expense, to.pay(person, cents(expense.amount), dueDate, "PIX"));
      }
    },
  },
  {
    name: "batch of several suppliers in one debit",
    add(to) {
      const dueDate = to.day();
      const expenses = to
        .suppliers(to.random.integer(2, 4))
        .map((supplier) => to.expense(supplier, to.amount(), dueDate));
      const memo = to.random.pick(["SISPAG FORNECEDORES", "PAGTO FORNECEDORES LOTE 0012"]);
      const debit = to.line(-totalOf(expenses), dueDate, memo);
      for (const expense of expenses) to.pays(expense, debit);
    },
  },
  {
    name: "instalments as expenses",
    add(to) {
      const supplier = to.supplier();
      const amount = to.amount(300, 6_000);
      const dueDate = to.day("2026-09-01", 20);
      const count = to.random.integer(2, 3);
      times(count, (at) => {
        const instalment = `${at + 1}/${count}`;
        const expense = to.expense(supplier, amount, addDays(dueDate, at * 30), { instalment });
        to.pays(expense, to.pay(supplier, amount, to.paidOn(expense.dueDate)));
      });
    },
  },
  {
    name: "several debits, one expense",
    add(to) {
      const supplier = to.supplier();
      const count = to.random.integer(2, 3);
      const dueDate = to.day("2026-09-01", 40);
      const whole = to.amount(1_000, 9_000);
      const parts = to.random.chance(0.5)
        ? equalParts(whole, count)
        : unequalParts(whole, count, to);
      const expense = to.expense(supplier, whole, dueDate);
      const gap = to.random.pick([1, 7, 15]);
      to.pays(
        expense,
        ...parts.map((part, at) => to.pay(supplier, part, workingDay(addDays(dueDate, at * gap)))),
      );
    },
  },
  {
    name: "fine and interest",
    add(to) {
      const supplier = to.supplier();
      const dueDate = to.day();
      const paid = workingDay(addDays(dueDate, to.random.integer(3, 20)));
      const days = BigInt(daysBetween(dueDate, paid));
      const amount = to.amount(200, 9_000) + 37n;
      const late = amount + rounded(amount * 2n, 100n) + rounded(amount * days, 3_000n);
      to.pays(to.expense(supplier, amount, dueDate), to.pay(supplier, late, paid));
    },
  },
  {
    name: "discount",
    add(to) {
      const supplier = to.supplier();
      const dueDate = to.day();
      const amount = to.amount(200, 9_000) + 37n;
      const rate = BigInt(to.random.pick([2, 3, 5, 10]));
      const paid = workingDay(addDays(dueDate, -to.random.integer(3, 8)));
      const debit = to.pay(supplier, amount - rounded(amount * rate, 100n), paid);
      to.pays(to.expense(supplier, amount, dueDate), debit);
    },
  },
  {
    name: "net of retained taxes, each guia by itself",
    add(to) {
      const supplier = to.supplier();
      const gross = to.amount(4_000, 20_000);
      const dueDate = to.day("2026-09-01", 50);
      const share = (thousandths: bigint) => rounded(gross * thousandths, 10_000n);
      const taxes: [Supplier, bigint, string][] = [
        [TAX_OFFICE, share(1_100n), "DARF"],
        [TAX_OFFICE, share(465n), "PAGTO DARF"],
        [CITY, share(500n), "PAGTO ISS PREF SP"],
      ];
      const net = taxes.reduce((left, [, tax]) => left - tax, gross);
      const expense = to.expense(supplier, gross, dueDate, { netAmount: formatDecimal(net) });
      to.pays(expense, to.pay(supplier, net, to.paidOn(dueDate)));
      for (const [payee, tax, memo] of taxes) {
        const guia = to.expense(payee, tax, workingDay(addDays(dueDate, 15)));
        to.pays(guia, to.line(-tax, guia.dueDate, memo));
      }
    },
  },
  {
    name: "by the Pix identifier alone",
    add(to) {
      const supplier = to.supplier();
      const dueDate = to.day();
      const paid = workingDay(addDays(dueDate, to.random.integer(-12, 20)));
      const endToEndId = to.pixId("E", paid);
      const expense = to.expense(supplier, to.amount(), dueDate, { endToEndId });
      const nameless = { counterpartyName: null, counterpartyDocument: null, endToEndId };
      to.pays(expense, to.line(-cents(expense.amount), paid, "PIX ENVIADO", nameless));
    },
  },
  {
    name: "scheduled, then paid or not",
    add(to) {
      const supplier = to.supplier();
      const expense = to.expense(supplier, to.amount(), to.day());
      const amount = cents(expense.amount);
      to.line(-amount, addDays(expense.dueDate, -4), `PIX AGENDADO ${supplier.name}`);
      if (to.random.chance(0.6)) to.pays(expense, to.pay(supplier, amount, expense.dueDate));
    },
  },
  {
    name: "pending, then posted",
    add(to) {
      const supplier = to.supplier();
      const expense = to.expense(supplier, to.amount(), to.day());
      const amount = cents(expense.amount);
      to.pay(supplier, amount, expense.dueDate, "PIX", { status: "PENDING" });
      to.pays(expense, to.pay(supplier, amount, expense.dueDate, "PIX"));
    },
  },
  {
    name: "card bill is no expense",
    add(to) {
      const account = `${to.accountId}-cartao`;
      const purchases = to.suppliers(3).map((supplier) => {
        const expense = to.expense(supplier, to.amount(40, 900), to.day("2026-10-01", 20));
        const memo = `COMPRA CARTAO ${supplier.name}`.slice(0, 36);
        const debit = to.line(-cents(expense.amount), to.paidOn(expense.dueDate), memo, {
          accountId: account,
          operationType: "CARTAO",
        });
        to.pays(expense, debit);
        return expense;
      });
      const total = totalOf(purchases);
      to.line(-total, "2026-11-10", "PAGTO FATURA CARTAO");
      to.notIncome(
        to.line(total, "2026-11-10", "PAGAMENTO FATURA RECEBIDO", { accountId: account }),
      );
    },
  },
  {
    name: "expense without debit, debit without expense",
    add(to) {
      const [owed, paid] = to.suppliers(2);
      if (owed) to.expense(owed, to.amount(), to.day());
      if (paid) to.pay(paid, to.amount(), to.day());
    },
  },
  {
    name: "another month's debit of a varying bill",
    add(to) {
      const supplier = to.supplier();
      const amount = to.amount(500, 5_000) + 11n;
      const more =
        (amount * BigInt(to.random.integer(10_050, 11_200))) / 10_000n +
        BigInt(to.random.integer(0, 99));
      to.expense(supplier, amount, "2026-09-21");
      to.pay(supplier, more, "2026-10-20");
    },
  },
  {
    name: "two equal expenses, one debit",
    add(to) {
      const supplier = to.supplier();
      const amount = to.amount();
      const dueDate = to.day();
      to.expense(supplier, amount, dueDate);
      to.expense(supplier, amount, addDays(dueDate, 1));
      to.asks(to.pay(supplier, amount, dueDate, "PIX"));
    },
  },
  {
    name: "fees, sweeps and own accounts",
    add(to) {
      const day = to.day();
      to.line(-to.amount(20, 90), day, to.random.pick(["TAR PACOTE SERVICOS", "TARIFA BANCARIA"]));
      to.line(-to.amount(1, 20), day, "IOF");
      const [out, back] = to.random.pick([
        ["APLICACAO CONTAMAX", "RESGATE CONTAMAX"],
        ["BB RENDE FACIL", "BB RENDE FACIL"],
        ["APL APLIC AUT MAIS", "RES APLIC AUT MAIS"],
        ["APLIC.INVEST FACIL", "RESGATE INVEST FACIL"],
      ] as const);
      const swept = to.amount(1_000, 40_000);
      to.line(-swept, day, out);
      to.notIncome(to.line(swept, addDays(day, 2), back));
      to.income(to.line(to.amount(1, 90), day, "REND PAGO APLIC AUT MAIS"));
      const moved = to.amount(1_000, 40_000);
      const reserve = { accountId: `${to.accountId}-reserva` };
      const ways: readonly (readonly [string, string, string | null])[] = [
        ["TRANSF ENTRE CONTAS", "TRANSF ENTRE CONTAS", null],
        ["TED MESMA TITULARIDADE", "TED RECEBIDA MESMA TITULARIDADE", null],
        [
          "PIX ENVIADO CONDOMINIO EDIFICIO AURORA",
          "PIX RECEBIDO CONDOMINIO EDIFICIO AURORA",
          "45.723.174/0001-10",
        ],
        ["TRANSF FUNDO DE RESERVA", "CRED TRANSF CC", null],
      ];
      const [sent, received, own] = to.random.pick(ways);
      const holder = { counterpartyDocument: own };
      to.line(-moved, day, sent, holder);
      to.notIncome(to.line(moved, day, received, { ...reserve, ...holder }));
    },
  },
];

function utilityMemos({ category }: Supplier): string[] {
  switch (category) {
    case "AGUA_ESGOTO":
      return ["DEB AUTOM SABESP", "PAGTO CONTA AGUA", "DA SABESP 0012345", "CONTA DE AGUA/ESGOTO"];
    case "ENERGIA":
      return ["DEB AUT ENEL", "PAGTO CONTA LUZ", "CONTA DE LUZ ENEL SP", "PAGTO ENERGIA ELETRICA"];
    default:
      return ["DEB AUTOMATICO COMGAS", "PAGTO CONTA GAS", "CONTA DE GAS COMGAS"];
  }
}

export function cents(decimal: string): bigint {
  return BigInt(decimal.replace(".", ""));
}

export function times<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

function totalOf(expenses: readonly { amount: string }[]): bigint {
  return expenses.reduce((sum, expense) => sum + cents(expense.amount), 0n);
}

function rounded(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator / 2n) / denominator;
}

function equalParts(whole: bigint, count: number): bigint[] {
  const part = whole / BigInt(count);
  return times(count, (at) => (at === 0 ? whole - part * BigInt(count - 1) : part));
}

function unequalParts(whole: bigint, count: number, { random }: CaseBuilder): bigint[] {
  const first = (whole * BigInt(random.integer(35, 55))) / 100n;
  return count === 2 ? [first, whole - first] : [first, ...equalParts(whole - first, count - 1)];
}

import type { DemoExpense, DemoModel, ExpectedMovement } from "../model.ts";
import type { End } from "./end.ts";
import { ends } from "./traps.ts";

/** Condominiums whose bank connection did not come through: nothing is known of their payments. */
const bankOutOfDate = new Set(["BV-04", "IP-03"]);

/** The end of a demo expense: its trap's, from the table written by hand. */
export function endOf({ trap, condominiumCode }: DemoExpense): End {
  const end = ends[trap];
  return bankOutOfDate.has(condominiumCode)
    ? { ...end, paymentStatus: "UNPAID", paymentKnown: false }
    : end;
}

export type ExpectedExpense = {
  externalId: string;
  organization: string;
  condominium: string;
  trap: string;
} & End;

/** The end of every expense, with the flips named as applied. */
export function expectedExpenses(model: DemoModel, flipped: readonly string[]): ExpectedExpense[] {
  const changed: Record<string, End> = Object.assign(
    {},
    ...flipped.map((trap) => model.flips[trap]?.ends),
  );
  return Object.values(model.expenses).map((expense) => ({
    externalId: expense.row.externalId,
    organization: expense.organization,
    condominium: expense.condominiumCode,
    trap: expense.trap,
    ...(changed[expense.row.externalId] ?? endOf(expense)),
  }));
}

/** What each odd movement is, with the flips named as applied. */
export function expectedMovements(
  model: DemoModel,
  flipped: readonly string[],
): ({ transactionId: string } & ExpectedMovement)[] {
  const changed: Record<string, ExpectedMovement | null> = Object.assign(
    {},
    ...flipped.map((trap) => model.flips[trap]?.movements),
  );
  return Object.entries({ ...model.movements, ...changed }).flatMap(([transactionId, expected]) =>
    expected === null ? [] : [{ transactionId, ...expected }],
  );
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { ExpenseOutcome, MovementOutcome, Outcome } from "./outcome.ts";

const expectedExpense = z.object({
  externalId: z.string(),
  trap: z.string(),
  status: z.string(),
  paymentStatus: z.string(),
  paymentKnown: z.boolean(),
  reasons: z.array(z.string()),
});
type ExpectedExpense = z.infer<typeof expectedExpense>;

const movement = { transactionId: z.string(), trap: z.string() };
const expectedMovement = z.discriminatedUnion("outcome", [
  z.looseObject({
    ...movement,
    outcome: z.literal("REFUND"),
    debitId: z.string(),
    amount: z.string(),
  }),
  z.looseObject({ ...movement, outcome: z.literal("AMBIGUOUS") }),
  z.looseObject({ ...movement, outcome: z.literal("ORPHAN") }),
  z.looseObject({
    ...movement,
    outcome: z.literal("INCOME_REVERSAL"),
    creditId: z.string().nullable(),
  }),
  z.looseObject({ ...movement, outcome: z.literal("INCOME") }),
  z.looseObject({ ...movement, outcome: z.literal("NEUTRAL") }),
  z.looseObject({ ...movement, outcome: z.literal("PENDING") }),
]);
type ExpectedMovement = z.infer<typeof expectedMovement>;

/** An end that is not the expected one. */
export interface Difference {
  subject: string;
  trap: string;
  expected: string;
  actual: string;
}

/** Compares what the platform made of the demo with the ends written by hand under `root`/expected. */
export async function differences(root: string, outcome: Outcome): Promise<Difference[]> {
  const expenses = z
    .array(expectedExpense)
    .parse(JSON.parse(await readFile(join(root, "expected", "expenses.json"), "utf8")));
  const movements = z
    .array(expectedMovement)
    .parse(JSON.parse(await readFile(join(root, "expected", "bank.json"), "utf8")));
  const actual = new Map(outcome.expenses.map((expense) => [expense.externalId, expense]));
  return [
    ...expenses.flatMap((expected) => {
      const found = actual.get(expected.externalId);
      const end = found && endOf(found);
      return end && isExpected(expected, end)
        ? []
        : [
            {
              subject: expected.externalId,
              trap: expected.trap,
              expected: textOf(expected),
              actual: end ? textOf(end) : "missing",
            },
          ];
    }),
    ...outcome.expenses
      .filter(({ externalId }) => !expenses.some((expected) => expected.externalId === externalId))
      .map(({ externalId }) => ({
        subject: externalId,
        trap: "none",
        expected: "no such expense",
        actual: "stored",
      })),
    ...movements.flatMap((expected) => movementDifference(expected, outcome.movements)),
  ];
}

type End = Pick<ExpectedExpense, "status" | "paymentStatus" | "paymentKnown" | "reasons">;

/** Only what blocks or calls a person counts as a reason here: notes change no status. */
function endOf({ status, paymentStatus, paymentKnown, statusReasons }: ExpenseOutcome): End {
  const codes = statusReasons.filter(({ severity }) => severity !== "NOTE").map(({ code }) => code);
  return { status, paymentStatus, paymentKnown, reasons: [...new Set(codes)].sort() };
}

/** Every expected reason must be there; where none is expected, none may be. */
function isExpected(expected: End, end: End): boolean {
  return (
    expected.status === end.status &&
    expected.paymentStatus === end.paymentStatus &&
    expected.paymentKnown === end.paymentKnown &&
    expected.reasons.every((code) => end.reasons.includes(code)) &&
    (expected.reasons.length > 0 || end.reasons.length === 0)
  );
}

function textOf({ status, paymentStatus, paymentKnown, reasons }: End): string {
  const known = paymentKnown ? "" : " (unknown)";
  return `${status} ${paymentStatus}${known} [${[...reasons].sort().join(", ")}]`;
}

const VERDICT_OF = {
  REFUND: "REFUND",
  AMBIGUOUS: "AMBIGUOUS",
  ORPHAN: "SUSPENSE",
  INCOME_REVERSAL: "INCOME_REVERSAL",
  INCOME: "INCOME",
  NEUTRAL: "NEITHER",
  PENDING: "none",
} as const;

function movementDifference(expected: ExpectedMovement, actual: MovementOutcome): Difference[] {
  const id = expected.transactionId;
  const found = actual.verdicts.get(id);
  const links = (actual.refunds.get(id) ?? []).map(({ debitId, amount }) => `${debitId} ${amount}`);
  const isIncome = actual.income.has(id);
  const wanted = {
    verdict: VERDICT_OF[expected.outcome],
    refunds: expected.outcome === "REFUND" ? [`${expected.debitId} ${expected.amount}`] : [],
    reverses: expected.outcome === "INCOME_REVERSAL" ? expected.creditId : null,
    income: expected.outcome === "INCOME",
  };
  const got = {
    verdict: found?.verdict ?? "none",
    refunds: links,
    reverses: found?.reversedCredit ?? null,
    income: isIncome,
  };
  const [wantedText, gotText] = [JSON.stringify(wanted), JSON.stringify(got)];
  return wantedText === gotText
    ? []
    : [
        {
          subject: `transaction ${id}`,
          trap: expected.trap,
          expected: wantedText,
          actual: gotText,
        },
      ];
}

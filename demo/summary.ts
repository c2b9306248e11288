import type { LoadedDemo } from "./load.ts";
import type { Outcome } from "./outcome.ts";

/** A demo's end in figures, per administradora. */
export interface Summary {
  organization: string;
  expenses: number;
  status: Record<string, number>;
  paymentStatus: Record<string, number>;
  paymentUnknown: number;
}

const COLUMNS = [
  ["APPROVED", "aprovadas"],
  ["AWAITING_SECOND_APPROVAL", "2ª aprovação"],
  ["MANUAL_REVIEW", "em revisão"],
  ["REJECTED", "recusadas"],
  ["PENDING", "esperando"],
] as const;

/** Counts the expenses of each administradora by status. */
export function summarize(demo: LoadedDemo, outcome: Outcome): Summary[] {
  const admins = demo.people.filter(({ role }) => role === "admin");
  const names = new Map(
    admins.map(({ organization, organizationName }) => [organization, organizationName]),
  );
  return [...names].map(([key, organization]) => {
    const own = outcome.expenses.filter((expense) => expense.organization === key);
    return {
      organization,
      expenses: own.length,
      status: countBy(own.map(({ status }) => status)),
      paymentStatus: countBy(own.map(({ paymentStatus }) => paymentStatus)),
      paymentUnknown: own.filter(({ paymentKnown }) => !paymentKnown).length,
    };
  });
}

/** The summary as a table for people. */
export function summaryTable(summaries: readonly Summary[]): string {
  const header = [
    "Administradora",
    "despesas",
    ...COLUMNS.map(([, title]) => title),
    "pagas",
    "estornadas",
    "sem dado do banco",
  ];
  const rows = summaries.map((summary) => [
    summary.organization,
    String(summary.expenses),
    ...COLUMNS.map(([status]) => String(summary.status[status] ?? 0)),
    String(summary.paymentStatus.PAID ?? 0),
    String((summary.paymentStatus.REFUNDED ?? 0) + (summary.paymentStatus.PARTIALLY_REFUNDED ?? 0)),
    String(summary.paymentUnknown),
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ");
  return [line(header), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)].join(
    "\n",
  );
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

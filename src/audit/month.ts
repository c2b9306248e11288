/** A month of the log, in UTC: "2026-01". */
export type Month = string;

/** @throws Error saying what a month looks like */
export function parseMonth(text: string): Month {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new Error(`"${text}" não é um mês: espera-se ano e mês, como 2026-01.`);
}

/** Its first instant, and the first one after it. */
export function boundsOf(month: Month): { from: Date; until: Date } {
  return { from: startOf(month, 0), until: startOf(month, 1) };
}

/** Whether so many whole months lie between the month and the one that runs. */
export function isOlderThan(month: Month, months: number, now: Date): boolean {
  const first = startOf(month, 0);
  const passed =
    (now.getUTCFullYear() - first.getUTCFullYear()) * 12 + now.getUTCMonth() - first.getUTCMonth();
  return passed > months;
}

function startOf(month: Month, later: number): Date {
  const [year = "", number = ""] = month.split("-");
  return new Date(Date.UTC(Number(year), Number(number) - 1 + later));
}

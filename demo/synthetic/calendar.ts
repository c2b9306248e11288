/**
 * The demo's days. Everything is dated around 5 November 2026, a Thursday; nothing reads a clock.
 * Monday the 2nd is a holiday (Finados), and so is Friday the 20th (Consciência Negra).
 */
export const AS_OF = "2026-11-24T12:00:00-03:00";

/** When the banks' data was last brought up to date, as Pluggy writes it. */
export const BANK_UPDATED_AT = "2026-11-24T09:12:53.732Z";

/** Payments are made on these days. */
export const PAYMENT_DAYS = ["2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06", "2026-11-09"];

/** Retained federal taxes fall due on the 20th of the month after the note, or the working day before. */
export const GUIA_DAY = "2026-11-19";

/** "2026-11-05" at "14:07:12" in Brasília, which has had no summer time since 2019. */
export const at = (day: string, time: string) => `${day}T${time}-03:00`;

/** How Pluggy writes an instant: UTC with milliseconds. */
export const utc = (instant: string) => new Date(instant).toISOString();

/** How Pluggy writes an entry of which the bank gives only the day: midnight in Brasília. */
export const dateOnly = (day: string) => `${day}T03:00:00.000Z`;

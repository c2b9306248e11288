/** How long to wait after a 429 that does not say: the public limit is counted per minute. */
const DEFAULT_WAIT_MS = 60_000;

/**
 * No wait is believed beyond this: blocks of an hour are reported, and a garbled date must not put a
 * look-up off for years.
 */
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** What JavaScript's `Date.prototype.toString` writes: "Fri Sep 27 2024 09:28:55 GMT-0300". */
const DATE_IN_TEXT =
  /[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT([+-]\d{2})(\d{2})/;

/**
 * The instant named in the text of a CNPJ.ws 429 ("Liberação ocorrerá em Fri Sep 27 2024 09:28:55
 * GMT-0300 (Brasilia Standard Time)"), the only place where the service says it; undefined if none is.
 */
export function releaseTimeInText(text: string): Date | undefined {
  const [, monthName = "", day, year, time, hours, minutes] = DATE_IN_TEXT.exec(text) ?? [];
  const month = MONTHS.indexOf(monthName) + 1;
  if (month === 0) return undefined;
  const instant = new Date(
    `${year}-${String(month).padStart(2, "0")}-${day}T${time}${hours}:${minutes}`,
  );
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

/** `Retry-After` as seconds or as an HTTP date (RFC 9110, 10.2.3); undefined if it is neither. */
function releaseTimeInHeader(header: string | null, now: Date): Date | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return new Date(now.getTime() + Number(header) * 1000);
  const instant = new Date(header);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

/**
 * When to ask again after a 429: from `Retry-After`, else from the text of the answer, else in a
 * minute. A time that has passed already (clocks differ) or lies beyond a day counts as not given.
 */
export function releaseTime(retryAfter: string | null, text: string, now: Date): Date {
  const believable = (instant: Date | undefined): Date | undefined => {
    if (instant === undefined) return undefined;
    const wait = instant.getTime() - now.getTime();
    return wait > 0 && wait <= LONGEST_WAIT_MS ? instant : undefined;
  };
  return (
    believable(releaseTimeInHeader(retryAfter, now)) ??
    believable(releaseTimeInText(text)) ??
    new Date(now.getTime() + DEFAULT_WAIT_MS)
  );
}

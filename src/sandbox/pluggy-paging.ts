import type { PluggyTransaction } from "../banking/pluggy-shapes.ts";

export type Page = { results: PluggyTransaction[]; after: string | null };

/**
 * A page of an account's entries, newest first, as `GET /v2/transactions` gives it.
 * @returns undefined for parameters that Pluggy refuses with 400
 */
export function pageOf(
  transactions: readonly PluggyTransaction[],
  query: URLSearchParams,
  pageSize: number,
): Page | undefined {
  const dateFrom = timeOf(query.get("dateFrom"));
  const createdAtFrom = timeOf(query.get("createdAtFrom"));
  const ids = query.get("ids")?.split(",");
  const after = query.get("after");
  const place = after === null ? null : readCursor(after);
  if (dateFrom !== null && createdAtFrom !== null) return undefined;
  if (Number.isNaN(dateFrom) || Number.isNaN(createdAtFrom)) return undefined;
  if (place === undefined || (ids && ids.length > 500)) return undefined;

  const found = transactions
    .filter((entry) => entry.accountId === query.get("accountId"))
    .filter((entry) => !ids || ids.includes(entry.id))
    .filter((entry) => dateFrom === null || Date.parse(entry.date) >= dateFrom)
    .filter((entry) => createdAtFrom === null || createdAt(entry) >= createdAtFrom)
    .sort(newestFirst);
  const rest = place ? found.filter((entry) => newestFirst(place, entry) < 0) : found;
  const results = rest.slice(0, pageSize);
  const last = results.at(-1);
  return { results, after: last && rest.length > pageSize ? writeCursor(last) : null };
}

/** When Pluggy learned of an entry, in milliseconds. */
function createdAt(entry: PluggyTransaction): number {
  return Date.parse(entry.createdAt ?? entry.date);
}

type Place = { date: string; id: string };

function newestFirst(a: Place, b: Place): number {
  return Date.parse(b.date) - Date.parse(a.date) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Milliseconds; null if absent, NaN if malformed. A day without an hour starts at midnight UTC. */
function timeOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}

/** In base64 this reads `+//+`: a client that does not encode query values breaks at the first page. */
const MARK = Buffer.from([0xfb, 0xff, 0xfe]);

/** The cursor names the last entry given, not a position: entries added meanwhile shift nothing. */
function writeCursor(last: Place): string {
  const place = JSON.stringify([last.date, last.id]);
  return Buffer.concat([MARK, Buffer.from(place)]).toString("base64");
}

function readCursor(cursor: string): Place | undefined {
  if (!/^\+\/\/\+[A-Za-z0-9+/]+=*$/.test(cursor)) return undefined;
  const text = Buffer.from(cursor, "base64").subarray(MARK.length).toString();
  const place = /^\["([^"]+)","([^"]+)"\]$/.exec(text);
  return place?.[1] && place[2] ? { date: place[1], id: place[2] } : undefined;
}

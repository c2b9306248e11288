import type pg from "pg";
import { IDS_PER_REQUEST } from "./pluggy-client.ts";

/** The item, and its accounts. */
const FIRST_REQUESTS = 2;
/** A page of what was dated lately and one of what came late; in a first sync two pages of all. */
const PAGES_OF_AN_ACCOUNT = 2;

/**
 * How many requests a sync will probably make. Of further pages, new accounts and a new key nobody knows before: they
 * take their slots when they come.
 */
export async function expectedRequests(
  client: pg.ClientBase,
  connectionId: string,
  namedIds: number,
): Promise<number> {
  const { rows } = await client.query<{ accounts: number }>(
    "select count(*)::int as accounts from blindagem.bank_accounts where connection_id = $1",
    [connectionId],
  );
  const accounts = Math.max(1, rows[0]?.accounts ?? 0);
  const pagesOfNamed = Math.ceil(namedIds / IDS_PER_REQUEST);
  return FIRST_REQUESTS + accounts * PAGES_OF_AN_ACCOUNT + pagesOfNamed;
}

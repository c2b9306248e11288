import type pg from "pg";
import { z } from "zod";
import {
  type ListedErasure,
  listedErasure,
  readErasureFile,
  writeErasures,
} from "./erasure-file.ts";

/** What the list and the database say of each other. */
export interface ErasureListState {
  /** How many erasures of the list the database does not have: above 0, it was restored from an older copy. */
  missing: number;
  /** Numbers of the list's lines that are no erasure: they have to be put right by a person. */
  damaged: readonly number[];
}

/** What keeping the list did to it. */
export interface KeptErasures extends ErasureListState {
  added: number;
  /** Whether a last line that a crash had cut off was taken out. */
  mended: boolean;
}

/** Keeps the list while the log is sealed: an erasure is in it as soon as its record is signed for. */
export class ErasureList {
  readonly file: string;
  #seen: string | undefined;
  #state: ErasureListState = { missing: 0, damaged: [] };

  constructor(file: string) {
    this.file = file;
  }

  /**
   * Adds the erasures that the list does not have yet. The two are compared whole, not from the highest id on: an id is
   * given before its transaction commits, and another one with a higher id may commit first.
   *
   * What cannot be read does not keep the log from being sealed: a list that stops it would be a way to stop it. A last
   * line that a crash cut off is taken out; a damaged one stays where it is, for a person to look at. The database has the
   * erasure of either, unless it was restored meanwhile, and it is added anew.
   *
   * @param client that sees all erasures: the sealer's
   */
  async keep(client: pg.ClientBase): Promise<KeptErasures> {
    const seen = await countOf(client);
    if (seen === this.#seen) return { ...this.#state, added: 0, mended: false };
    const { erasures: listed, damaged, whole, cutOff } = await readErasureFile(this.file);
    const added = await unlistedOf(client, listed);
    if (added.length > 0 || cutOff) await writeErasures(this.file, { whole, cutOff }, added);
    this.#state = { missing: await missingOf(client, listed), damaged };
    // A damaged line is looked at again and again: nobody tells when it was put right.
    this.#seen = damaged.length > 0 ? undefined : seen;
    return { ...this.#state, added: added.length, mended: cutOff !== undefined };
  }

  /**
   * How list and database stand to each other. Changes nothing, so it may be asked before anybody knows whether this
   * database continues the log.
   *
   * @param client that sees all erasures: the sealer's
   */
  async state(client: pg.ClientBase): Promise<ErasureListState> {
    const { erasures, damaged } = await readErasureFile(this.file);
    return { missing: await missingOf(client, erasures), damaged };
  }
}

/** Changes whenever an erasure was committed, in whatever order: they never change nor go away. */
async function countOf(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query(
    "select concat(count(*), ' ', max(id)) as count from blindagem.erasures",
  );
  return z.object({ count: z.string() }).parse(rows[0]).count;
}

/** Those that the list does not have. By the instant: how its text was written depends on a session's time zone. */
async function unlistedOf(
  client: pg.ClientBase,
  listed: readonly ListedErasure[],
): Promise<ListedErasure[]> {
  const { rows } = await client.query(
    `select e.id::text, e.organization_id::text as "organizationId",
       to_char(e.requested_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"+00"') as "requestedAt", e.subject,
       e.person_id::text as "personId", e.targets, e.documents, e.kept, (
       select coalesce(jsonb_agg(jsonb_build_object('id', r->>'id', 'at', r->>'at')), '[]')
       from jsonb_array_elements(blindagem_audit.times_of(e.record_ids)) as r) as records
     from blindagem.erasures e
     where not exists (
       select from jsonb_to_recordset($1::jsonb) as l (id bigint, "requestedAt" timestamptz)
       where l.id = e.id and l."requestedAt" = e.requested_at)
     order by e.id`,
    [JSON.stringify(listed.map(({ id, requestedAt }) => ({ id, requestedAt })))],
  );
  return z.array(listedErasure).parse(rows);
}

async function missingOf(client: pg.ClientBase, listed: readonly ListedErasure[]): Promise<number> {
  const { rows } = await client.query(
    `select count(*)::int as missing from jsonb_to_recordset($1::jsonb) as l (id bigint, "organizationId" bigint, "requestedAt" text)
     where not exists (
       select from blindagem.erasures e where e.organization_id = l."organizationId"
         and (e.id = l.id and e.requested_at = l."requestedAt"::timestamptz or e.reason like '%(' || l."requestedAt" || ')'))`,
    [JSON.stringify(listed)],
  );
  return z.object({ missing: z.number() }).parse(rows[0]).missing;
}

import { appendFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import type pg from "pg";
import { z } from "zod";
import { errorCode } from "../database/error-code.ts";

/** A line of the list of erasures: what a restored copy of the database has to lose again. No value is in it. */
export const listedErasure = z.object({
  id: z.string(),
  organizationId: z.string(),
  /** By it and the id an erasure is known. */
  requestedAt: z.string(),
  subject: z.enum(["PAYEE", "PERSON"]),
  personId: z.string().nullable(),
  /** `field` where the row is somebody else's but for it. */
  targets: z.array(z.object({ table: z.string(), id: z.string(), field: z.string().optional() })),
  /** Records of the log, with the instants of their writing: ids may be given away anew after a restore. */
  records: z.array(z.object({ id: z.string(), at: z.string() })),
  documents: z.array(z.string()),
  kept: z.array(z.unknown()),
});
export type ListedErasure = z.infer<typeof listedErasure>;

const LIST = "erasures.jsonl";

/** The file in the directory that keeps the checkpoints, which a restored database does not take back with it. */
export function erasureListFile(directory: string): string {
  return path.join(directory, LIST);
}

/** @throws Error naming the line that is no erasure; an absent file is an empty list */
export async function readErasures(file: string): Promise<ListedErasure[]> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  });
  return text.split("\n").flatMap((line, at) => {
    if (line === "") return [];
    try {
      return [listedErasure.parse(JSON.parse(line))];
    } catch {
      throw new Error(`A linha ${at + 1} de ${file} não é de um apagamento.`);
    }
  });
}

/** Keeps the list while the log is sealed: an erasure is in it as soon as its record is signed for. */
export class ErasureList {
  readonly #file: string;
  #seen: string | undefined;
  #missing = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Adds the erasures that the list does not have yet. The two are compared whole, not from the highest id on: an id is
   * given before its transaction commits, and another one with a higher id may commit first.
   *
   * @param client that sees all erasures: the sealer's
   * @returns how many were added, and how many of the list the database does not have
   * @throws Error naming the line of the list that is no erasure
   */
  async keep(client: pg.ClientBase): Promise<{ added: number; missing: number }> {
    const seen = await countOf(client);
    if (seen === this.#seen) return { added: 0, missing: this.#missing };
    const listed = await readErasures(this.#file);
    const known = new Set(listed.map(keyOf));
    const stored = await keysOf(client);
    const added = await erasuresOf(
      client,
      stored.filter((key) => !known.has(keyOf(key))).map(({ id }) => id),
    );
    if (added.length > 0) {
      await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o755 });
      const lines = added.map((erasure) => `${JSON.stringify(erasure)}\n`);
      await appendFile(this.#file, lines.join(""), { mode: 0o600 });
    }
    this.#missing = await missingOf(client, listed);
    this.#seen = seen;
    return { added: added.length, missing: this.#missing };
  }

  /**
   * How many erasures of the list the database does not have: above 0, it was restored from an older copy. Adds nothing,
   * so it may be asked before anybody knows whether this database continues the log.
   *
   * @param client that sees all erasures: the sealer's
   * @throws Error naming the line of the list that is no erasure
   */
  async missing(client: pg.ClientBase): Promise<number> {
    return missingOf(client, await readErasures(this.#file));
  }
}

const key = z.object({ id: z.string(), requestedAt: z.string() });

/** Changes whenever an erasure was committed, in whatever order: they never change nor go away. */
async function countOf(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query(
    "select concat(count(*), ' ', max(id)) as count from blindagem.erasures",
  );
  return z.object({ count: z.string() }).parse(rows[0]).count;
}

async function keysOf(client: pg.ClientBase): Promise<z.infer<typeof key>[]> {
  const { rows } = await client.query(
    `select id::text, requested_at::text as "requestedAt" from blindagem.erasures order by id`,
  );
  return z.array(key).parse(rows);
}

async function erasuresOf(client: pg.ClientBase, ids: readonly string[]): Promise<ListedErasure[]> {
  const { rows } = await client.query(
    `select e.id::text, e.organization_id::text as "organizationId", e.requested_at::text as "requestedAt", e.subject,
       e.person_id::text as "personId", e.targets, e.documents, e.kept, (
       select coalesce(jsonb_agg(jsonb_build_object('id', r->>'id', 'at', r->>'at')), '[]')
       from jsonb_array_elements(blindagem_audit.times_of(e.record_ids)) as r) as records
     from blindagem.erasures e where e.id = any ($1) order by e.id`,
    [ids],
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

function keyOf({ id, requestedAt }: z.infer<typeof key>): string {
  return `${id} ${requestedAt}`;
}

import type pg from "pg";
import { z } from "zod";
import { parseCheckpoint } from "./checkpoint.ts";
import { type Cosignature, checkCosignatures } from "./cosignature.ts";
import { keysOf, type ListedKey } from "./key-list.ts";
import { formatNote, parseNote } from "./note.ts";
import { type SizedNote, withTrueCosignatures } from "./true-cosignatures.ts";
import { idBytes } from "./verifier-key.ts";

/**
 * The newest checkpoint with its cosignatures, of which it seldom has one yet, as a note; undefined before the first.
 *
 * @param keys the key list; its witnesses' lines are there however many others somebody has put in
 */
export function newestWithCosignatures(
  client: pg.ClientBase,
  keys: readonly ListedKey[],
): Promise<string | undefined> {
  return noteOf(client, keys, "order by c.tree_size desc limit 1", []);
}

/** The checkpoint of that many leaves, likewise; undefined where the log has not kept one. */
export function checkpointOfSize(
  client: pg.ClientBase,
  keys: readonly ListedKey[],
  size: number,
): Promise<string | undefined> {
  return noteOf(client, keys, "where c.tree_size = $3", [size]);
}

/** Those of these many leaves, in no order. */
export function checkpointsOfSizes(
  client: pg.ClientBase,
  keys: readonly ListedKey[],
  sizes: readonly string[],
): Promise<SizedNote[]> {
  return cosignedCheckpoints(client, keys, "where c.tree_size = any ($3::bigint[])", [sizes]);
}

/**
 * Checkpoints with their cosignatures: of each witness of the list a true one, if the database has it.
 *
 * @param which the rest of a statement about checkpoints (c), with knownWitnesses as $1 and $2
 * @param values from $3 on
 */
export async function cosignedCheckpoints(
  client: pg.ClientBase,
  keys: readonly ListedKey[],
  which: string,
  values: readonly unknown[],
): Promise<SizedNote[]> {
  const { rows } = await client.query(
    `select c.tree_size::text as size,
       blindagem_audit.cosigned_note(c.tree_size, c.note, $1::text[], $2::bytea[]) as note
     from blindagem_audit.checkpoints c ${which}`,
    [...knownWitnesses(keys), ...values],
  );
  return withTrueCosignatures(client, z.array(noteRow).parse(rows), keys);
}

const noteRow = z.object({ size: z.string(), note: z.string() });

/** The names and ids of the list's witnesses: somebody who reaches the database can invent more than a note has lines. */
function knownWitnesses(keys: readonly ListedKey[]): [names: string[], ids: Buffer[]] {
  const witnesses = keysOf(keys, "witness");
  return [witnesses.map(({ name }) => name), witnesses.map(idBytes)];
}

/** A checkpoint to prove records by: without false signatures in the names of witnesses of the list. */
export interface ProvingCheckpoint {
  note: string;
  /** Leaves of its tree. */
  size: number;
  /** The names of those witnesses under whose false signatures it is kept. */
  forged: string[];
}

/** The checkpoints that records are proven by. A record is best proven by the first that has it. */
export interface ProvingCheckpoints {
  /** The newest that a witness of the list has cosigned, so that more than the log alone vouches for what it has. */
  cosigned: ProvingCheckpoint | undefined;
  /** The newest of all; undefined before the first. */
  newest: ProvingCheckpoint | undefined;
}

/**
 * The checkpoints that records are proven by. What stands in the database in a witness's name is verified: somebody who
 * reaches it can add a line under the newest checkpoint at any time, and no proof must fail for that.
 *
 * @param keys the key list; its witnesses count
 */
export async function checkpointsToProve(
  client: pg.ClientBase,
  keys: readonly ListedKey[],
): Promise<ProvingCheckpoints> {
  const newest = await newestWithCosignatures(client, keys);
  return {
    cosigned: await newestCosigned(client, keys),
    newest: newest === undefined ? undefined : checked(newest, keys).checkpoint,
  };
}

/** What a witness of the list vouches for: all leaves of that tree. */
export interface WitnessStanding {
  /** Leaves of the tree. */
  size: number;
  cosignature: Cosignature;
}

/**
 * Of each witness of the list the newest checkpoint that it truly cosigned, whatever somebody has put in since: every record
 * that a witness has seen is in that one. The newest first.
 */
export async function witnessStandings(
  client: pg.ClientBase,
  keys: readonly ListedKey[],
): Promise<WitnessStanding[]> {
  const witnesses = new Map(keysOf(keys, "witness").map((key) => [key.text, key]));
  const found: WitnessStanding[] = [];
  for (const text of witnesses.keys()) {
    const own = keys.filter(({ role, key }) => role !== "witness" || key.text === text);
    const checkpoint = await newestCosigned(client, own);
    if (checkpoint === undefined) continue;
    const { note, size } = checkpoint;
    const { valid } = checkCosignatures(parseNote(note), own, size);
    found.push(...valid.map((cosignature) => ({ size, cosignature })));
  }
  return found.sort((one, other) => other.size - one.size);
}

const LOOKED_AT_ONCE = 16;
/** Checkpoints with false signatures alone that are passed over; behind more, records are proven as if none were cosigned. */
const MOST_LOOKED_AT = 1024;

async function newestCosigned(
  client: pg.ClientBase,
  keys: readonly ListedKey[],
): Promise<ProvingCheckpoint | undefined> {
  if (keysOf(keys, "witness").length === 0) return undefined;
  let below = Number.MAX_SAFE_INTEGER;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += LOOKED_AT_ONCE) {
    const checkpoints = await cosignedCheckpoints(
      client,
      keys,
      `where c.tree_size < $3 and exists (
         select from blindagem_audit.cosignatures s join unnest($1::text[], $2::bytea[]) as known (witness, key_id)
           using (witness, key_id)
         where s.tree_size = c.tree_size)
       order by c.tree_size desc limit ${LOOKED_AT_ONCE}`,
      [below],
    );
    const found = checkpoints.map(({ note }) => checked(note, keys));
    const first = found.find(({ isCosigned }) => isCosigned);
    if (first !== undefined || found.length < LOOKED_AT_ONCE) return first?.checkpoint;
    below = found.at(-1)?.checkpoint.size ?? 0;
  }
  return undefined;
}

function checked(
  source: string,
  keys: readonly ListedKey[],
): { checkpoint: ProvingCheckpoint; isCosigned: boolean } {
  const note = parseNote(source);
  const { size } = parseCheckpoint(note.text);
  const { valid, forged } = checkCosignatures(note, keys, size);
  const signatures = note.signatures.filter(
    ({ name, keyId }) => !forged.some((key) => key.name === name && key.id === keyId),
  );
  return {
    checkpoint: {
      note: forged.length === 0 ? source : formatNote({ text: note.text, signatures }),
      size,
      forged: forged.map(({ name }) => name),
    },
    isCosigned: valid.length > 0,
  };
}

async function noteOf(
  client: pg.ClientBase,
  keys: readonly ListedKey[],
  which: string,
  values: readonly unknown[],
): Promise<string | undefined> {
  const [checkpoint] = await cosignedCheckpoints(client, keys, which, values);
  return checkpoint?.note;
}

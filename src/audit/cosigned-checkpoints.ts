import type pg from "pg";
import { z } from "zod";

/** A signed checkpoint with the cosignatures that its witnesses have handed in, as a note. */
const noteRow = z.object({ note: z.string() });

/** The newest checkpoint with its cosignatures, of which it seldom has one yet; undefined before the first. */
export function newestWithCosignatures(client: pg.ClientBase): Promise<string | undefined> {
  return noteOf(client, "order by c.tree_size desc limit 1", []);
}

/** The checkpoint of that many leaves with its cosignatures; undefined where the log has not kept one. */
export function checkpointOfSize(client: pg.ClientBase, size: number): Promise<string | undefined> {
  return noteOf(client, "where c.tree_size = $1", [size]);
}

/**
 * The checkpoint that a leaf is best proven by: the newest that a witness cosigned and that has the leaf, so that more than
 * the log alone vouches for it; else the newest of all.
 */
export function checkpointToProve(
  client: pg.ClientBase,
  leafIndex: number,
): Promise<string | undefined> {
  return noteOf(
    client,
    `where c.tree_size = coalesce(
       (select s.tree_size from blindagem_audit.cosignatures s join blindagem_audit.checkpoints kept using (tree_size)
        where s.tree_size > $1 order by s.tree_size desc limit 1),
       (select max(newest.tree_size) from blindagem_audit.checkpoints newest))`,
    [leafIndex],
  );
}

async function noteOf(
  client: pg.ClientBase,
  which: string,
  values: number[],
): Promise<string | undefined> {
  const { rows } = await client.query(
    `select blindagem_audit.cosigned_note(c.tree_size, c.note) as note from blindagem_audit.checkpoints c ${which}`,
    values,
  );
  return noteRow.optional().parse(rows[0])?.note;
}

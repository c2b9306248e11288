import type pg from "pg";

/** The newest signed checkpoint, as it was signed; undefined before the first. */
export async function newestCheckpoint(client: pg.ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{ note: string }>(
    "select note from blindagem_audit.checkpoints order by tree_size desc limit 1",
  );
  return rows[0]?.note;
}

/** Keeps a checkpoint; one of a size that has one already is left as it is. */
export async function storeCheckpoint(
  client: pg.ClientBase,
  checkpoint: { size: number; root: Uint8Array; note: string },
): Promise<void> {
  await client.query(
    `insert into blindagem_audit.checkpoints (tree_size, root, note) values ($1, $2, $3)
     on conflict (tree_size) do nothing`,
    [checkpoint.size, Buffer.from(checkpoint.root), checkpoint.note],
  );
}

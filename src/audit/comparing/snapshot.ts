import type pg from "pg";

/** Runs `use` in a transaction of one snapshot, in which a row and its record are seen together or not at all. */
export type Snapshot = <T>(use: (client: pg.ClientBase) => Promise<T>) => Promise<T>;

/** Snapshots on that connection. Nothing is written in them, and every value has the log's text, whatever the login's settings. */
export function snapshotsOn(client: pg.ClientBase): Snapshot {
  return async (use) => {
    await client.query(
      `begin isolation level repeatable read read only;
       set local search_path to '';
       set local timezone to 'UTC'`,
    );
    try {
      return await use(client);
    } finally {
      await client.query("rollback");
    }
  };
}

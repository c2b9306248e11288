import type pg from "pg";
import type { Attest } from "../database/actor.ts";
import { actorOf } from "./request-settings.ts";

/**
 * Runs `use` in one transaction under a request's settings, and signs for what it wrote; committed when it returns, rolled back when it throws.
 *
 * @param settings of request-settings.ts
 */
export async function inRequestTransaction<T>(
  pool: pg.Pool,
  attest: Attest,
  settings: Readonly<Record<string, string>>,
  use: (client: pg.ClientBase) => Promise<T>,
  isolation: "read committed" | "repeatable read" = "read committed",
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`begin isolation level ${isolation}`);
    await client.query(
      "select set_config(key, value, true) from jsonb_each_text($1::jsonb) as s (key, value)",
      [JSON.stringify(settings)],
    );
    const result = await use(client);
    const actor = actorOf(settings);
    if (actor) await attest(client, actor);
    await client.query("commit");
    return result;
  } catch (error) {
    // A connection that cannot even roll back is thrown away.
    await client.query("rollback").catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

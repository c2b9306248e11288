import type pg from "pg";

/**
 * Gives the first statement on a connection that was taken from the pool so much time and no more. It is a `begin` or a
 * sign-in, which take milliseconds; on a connection that has died in the pool it is the one that hangs, and whoever asked
 * need not wait for as long as for a statement that has work to do.
 */
export function limitFirstAnswer(pool: pg.Pool, withinMs: number): void {
  const untried = new WeakSet<pg.ClientBase>();
  pool.on("acquire", (client) => untried.add(client));
  pool.on("connect", (client) => {
    const { query } = client;
    Object.assign(client, {
      query(asked: unknown, ...rest: unknown[]) {
        const limited = untried.delete(client) ? within(asked, withinMs) : asked;
        return Reflect.apply(query, client, [limited, ...rest]);
      },
    });
  });
}

/** As pg takes it: a text, a description, or a query object of somebody's own, which stays as it is. */
function within(asked: unknown, ms: number): unknown {
  if (typeof asked === "string") return { text: asked, query_timeout: ms };
  if (typeof asked !== "object" || asked === null || "submit" in asked) return asked;
  return { query_timeout: ms, ...asked };
}

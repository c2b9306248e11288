import pg from "pg";

/**
 * Ends a connection as soon as an answer has not come within its `query_timeout`. pg 8.23 tells whoever asked, and keeps
 * the connection: what is asked on it next waits for as long again, the rollback first, and then whoever the pool gives it
 * to. On one that has ended it fails at once, and the pool throws it away.
 *
 * @param onEnded told of it once, before whoever asked
 */
export function endUnanswered(client: pg.ClientBase, onEnded: () => void = () => undefined): void {
  let hasEnded = false;
  const note = (error: unknown) => {
    if (hasEnded || !isUnanswered(error)) return;
    hasEnded = true;
    onEnded();
    // Waits for nothing when a query hangs: it closes the socket.
    if (client instanceof pg.Client) void client.end();
  };
  const { query } = client;
  Object.assign(client, {
    query(...args: unknown[]) {
      const callback = args.at(-1);
      if (typeof callback === "function") {
        const noting = (error: unknown, ...rest: unknown[]) => {
          note(error);
          Reflect.apply(callback, undefined, [error, ...rest]);
        };
        return Reflect.apply(query, client, [...args.slice(0, -1), noting]);
      }
      const answer: unknown = Reflect.apply(query, client, args);
      if (answer instanceof Promise) answer.catch(note);
      return answer;
    },
  });
}

/** Whether a statement had no answer within `query_timeout`: the driver gives that neither a code nor a class of its own. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.message === "Query read timeout";
}

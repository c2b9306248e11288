import type pg from "pg";

/**
 * Notes from now on since when a connection waits for the answer to a statement.
 *
 * @returns that time by the process's own clock (`performance.now`), undefined while no answer is outstanding
 */
export function noteWaiting(client: pg.ClientBase): () => number | undefined {
  let outstanding = 0;
  let since: number | undefined;
  const answered = () => {
    outstanding -= 1;
    // The answers come one after the other: the next one is waited for from now on.
    since = outstanding > 0 ? performance.now() : undefined;
  };
  const { query } = client;
  Object.assign(client, {
    query(...args: unknown[]) {
      outstanding += 1;
      since ??= performance.now();
      const callback = args.at(-1);
      if (typeof callback === "function") {
        const noting = (...results: unknown[]) => {
          answered();
          Reflect.apply(callback, undefined, results);
        };
        return Reflect.apply(query, client, [...args.slice(0, -1), noting]);
      }
      const answer: unknown = Reflect.apply(query, client, args);
      if (answer instanceof Promise) answer.then(answered, answered);
      else answered();
      return answer;
    },
  });
  return () => since;
}

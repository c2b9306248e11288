import pg from "pg";

/**
 * A worker that imports this first is killed by reading the facts of the expense with this external id. Like a crash in native
 * code: nothing is caught, nothing is told, nothing is given back.
 */
const POISON = "POISON";

pg.types.setTypeParser(pg.types.builtins.TEXT, (text) => {
  if (text === POISON) process.kill(process.pid, "SIGKILL");
  return text;
});

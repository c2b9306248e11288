import { readFile } from "node:fs/promises";
import type pg from "pg";

/** Of /proc/PID/stat on Linux, everywhere (USER_HZ). */
const TICK_MS = 10;

/** Milliseconds of processor time that a process has used so far; 0 for one that has ended. */
export async function processorMs(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name, in parentheses, may hold spaces; utime and stime are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
}

/** The same of PostgreSQL's sessions, by who is connected. */
export async function sessionsMs(client: pg.Client): Promise<Record<string, number>> {
  const { rows } = await client.query<{ pid: number; who: string }>(
    `select pid, case
       when usename like '%authenticator' then 'submitting'
       when usename like '%worker' then 'deciding'
       when application_name = 'blindagem compare' then 'comparing'
       when usename like '%sealer' then 'sealing'
       else 'others' end as who
     from pg_stat_activity`,
  );
  const spent: Record<string, number> = {};
  for (const { pid, who } of rows) spent[who] = (spent[who] ?? 0) + (await processorMs(pid));
  return spent;
}

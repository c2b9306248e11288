import { readFile } from "node:fs/promises";

/** What a process has taken so far. */
export interface ProcessUse {
  /** Resident memory, MiB. */
  residentMb: number;
  /** Processor time of all its threads, milliseconds. */
  processorMs: number;
}

/** Linux counts processor time in hundredths of a second, whatever its clock (proc(5): USER_HZ). */
const MS_PER_TICK = 10;

/** Memory and processor time of a process, by /proc (proc(5): stat, status); undefined where there is none. */
export async function useOf(pid: number | undefined): Promise<ProcessUse | undefined> {
  try {
    const [status, stat] = await Promise.all([
      readFile(`/proc/${pid}/status`, "utf8"),
      readFile(`/proc/${pid}/stat`, "utf8"),
    ]);
    // The name, in parentheses, may hold spaces; utime and stime are fields 14 and 15, counted with it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return {
      residentMb: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024,
      processorMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
    };
  } catch {
    return undefined;
  }
}

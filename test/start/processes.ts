import { readdir, readFile } from "node:fs/promises";

/** A process of this machine. */
export interface SystemProcess {
  pid: number;
  /** Its command line, the arguments joined by spaces. */
  command: string;
}

/** The children of a process, as Linux lists them. */
export async function childrenOf(parent: number): Promise<SystemProcess[]> {
  const found: SystemProcess[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const [stat, command] = await Promise.all([
      readFile(`/proc/${entry}/stat`, "utf8").catch(() => ""),
      readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => ""),
    ]);
    // "pid (name) state ppid …"; the name may hold anything, brackets too.
    const [state, ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(ppid) === parent && state !== "Z") {
      found.push({ pid: Number(entry), command: command.replaceAll("\0", " ").trim() });
    }
  }
  return found;
}

/** Whether a process is there and not merely waiting to be reaped. */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
}

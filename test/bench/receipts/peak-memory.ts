import { readdir, readFile } from "node:fs/promises";

/** The most memory, in MB, that one of the processes started by this one has held so far (`VmHWM`, proc(5)); 0 without /proc. */
export async function peakMemoryOfChildren(): Promise<number> {
  const names = await readdir("/proc").catch(() => []);
  const peaks = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const status = await readFile(`/proc/${name}/status`, "utf8").catch(() => "");
        const isChild = new RegExp(String.raw`^PPid:\s+${process.pid}$`, "m").test(status);
        return isChild ? Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) : 0;
      }),
  );
  return Math.round(Math.max(0, ...peaks) / 1024);
}

import { isMainThread, Worker, workerData } from "node:worker_threads";

const LOOK_MS = 500;

/**
 * Ends this process once its parent is gone, even amid a computation that lets no message through: a thread of its own
 * looks. Whoever is killed cannot end its children, and a hostile PDF could keep one busy for ever.
 */
export function endWithParent(): void {
  new Worker(new URL(import.meta.url), { workerData: process.ppid, env: {} }).unref();
}

if (!isMainThread && typeof workerData === "number") {
  // An orphan is given another parent.
  setInterval(() => {
    if (process.ppid !== workerData) process.kill(process.pid, "SIGKILL");
  }, LOOK_MS);
}

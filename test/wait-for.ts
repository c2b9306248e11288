import { setTimeout as pause } from "node:timers/promises";

/** How often a condition is looked at. */
const INTERVAL_MS = 25;

/**
 * Looks at a condition until it gives something other than undefined or false, and returns that: for what happens in
 * another process, which no signal of ours tells.
 *
 * @throws Error naming `what` when it has not come after `timeoutMs`
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}.`);
    await pause(INTERVAL_MS);
  }
}

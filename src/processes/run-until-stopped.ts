/**
 * Waits until the process is asked to stop (SIGTERM, SIGINT, or the parent that started it is gone) or `finished`
 * settles, then stops. A second signal ends the process at once: somebody is in a hurry.
 *
 * @param finished rejects when the work ended by a fault; the fault is thrown after stopping
 */
export async function runUntilStopped(
  finished: Promise<void>,
  stop: () => Promise<void>,
): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    let signals = 0;
    const onSignal = () => {
      signals += 1;
      if (signals > 1) process.exit(130);
      resolve();
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
    if (process.channel) process.once("disconnect", resolve);
  });
  try {
    await Promise.race([asked, finished]);
  } finally {
    await stop();
    // An open channel to the parent would keep this process alive.
    if (process.connected) process.disconnect();
  }
}

/** Tells the parent, if one started this process, that it is ready, and under which address it serves. */
export function tellReady(url?: string): void {
  process.send?.({ ready: true, ...(url !== undefined && { url }) });
}

/**
 * For every connection that is kept: a peer that has vanished is noticed by the kernel's probes after 20 s (Node.js sends
 * them a second apart, and gives up after ten). Without the delay the first one goes out after two hours, as Linux comes.
 */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;

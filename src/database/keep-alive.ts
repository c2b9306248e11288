/**
 * For every connection that is kept: a peer that has vanished is noticed by the kernel's probes after 20 s (Node.js sends
 * them a second apart, and gives up after ten). Without the delay the first one goes out after two hours, as Linux comes.
 *
 * That holds while nothing that was sent waits to be acknowledged. Otherwise Linux sends no probes but the data again, for a
 * quarter of an hour, and Node.js cannot have it give up sooner (TCP_USER_TIMEOUT): a statement that is sent to a peer that
 * has vanished ends by its `query_timeout`.
 */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;

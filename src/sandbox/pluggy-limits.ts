/** Requests that an address may make in a minute. Pluggy's own figures: 360 each. */
export type PluggyLimits = { auth: number; transactions: number };

/**
 * Counts requests in windows of a minute.
 * @returns a function that takes one request and tells the seconds to wait, or 0 if it may pass
 */
export function createMinuteLimit(limits: PluggyLimits, clock: () => Date) {
  const windows = new Map<string, { endsAt: number; count: number }>();
  return (resource: keyof PluggyLimits, address: string): number => {
    const now = clock().getTime();
    const key = `${resource} ${address}`;
    let window = windows.get(key);
    if (!window || now >= window.endsAt) {
      window = { endsAt: now + 60_000, count: 0 };
      windows.set(key, window);
    }
    if (window.count >= limits[resource]) return Math.ceil((window.endsAt - now) / 1000);
    window.count += 1;
    return 0;
  };
}

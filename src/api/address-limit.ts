import { isIPv6 } from "node:net";

export interface AddressLimitOptions {
  /** Requests that an address may make at once. */
  burst: number;
  /** After so long it has one more. */
  everyMs: number;
  /** Addresses that are remembered; behind more, those that asked longest ago are forgotten. */
  mostAddresses: number;
}

/**
 * How often an address may ask, where there is no login to hold anybody to. In the memory of one process. Of IPv6 a network
 * of 64 bits counts as one: whoever has one address there has them all.
 */
export class AddressLimit {
  readonly #options: AddressLimitOptions;
  readonly #clock: () => Date;
  /** When each has its whole burst again; those that asked last at the end. */
  readonly #wholeAt = new Map<string, number>();

  constructor(options: AddressLimitOptions, clock: () => Date) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Counts a request of that address. @returns for how many seconds it has to wait first; 0 when it may ask now */
  take(address: string): number {
    const { burst, everyMs, mostAddresses } = this.#options;
    const now = this.#clock().getTime();
    const name = networkOf(address);
    // A clock that was set back must not shut anybody out.
    const whole = Math.min(Math.max(this.#wholeAt.get(name) ?? now, now), now + burst * everyMs);
    const wait = whole - now - (burst - 1) * everyMs;
    if (wait > 0) return Math.ceil(wait / 1000);
    this.#wholeAt.delete(name);
    this.#wholeAt.set(name, whole + everyMs);
    for (const oldest of this.#wholeAt.keys()) {
      if (this.#wholeAt.size <= mostAddresses) break;
      this.#wholeAt.delete(oldest);
    }
    return 0;
  }
}

/** The first 64 bits of an IPv6 address; any other as it is. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes(".")) return address;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - groups.length - rest.length }, () => "0");
  return [...groups, ...(tail === undefined ? [] : zeros), ...rest]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}

import { beforeEach, describe, expect, it } from "@jest/globals";
import { AddressLimit } from "../../src/api/address-limit.ts";

let now: number;
let limit: AddressLimit;
beforeEach(() => {
  now = 1_000_000;
  const options = { burst: 3, everyMs: 2000, mostAddresses: 2 };
  limit = new AddressLimit(options, () => new Date(now));
});

const takes = (...addresses: string[]) => addresses.map((address) => limit.take(address));

describe("AddressLimit", () => {
  it("lets an address ask so often at once, and then once in so long", () => {
    expect(takes("a", "a", "a", "a", "b")).toEqual([0, 0, 0, 2, 0]);
    now += 1500;
    expect(takes("a")).toEqual([1]);
    now += 500;
    expect(takes("a", "a")).toEqual([0, 2]);
    now += 60_000;
    expect(takes("a", "a", "a", "a")).toEqual([0, 0, 0, 2]);
  });

  it("takes a network of IPv6 for one", () => {
    expect(takes("2001:db8::1", "2001:db8:0:0:ffff::2", "2001:db8::", "2001:DB8::3")).toEqual([
      0, 0, 0, 2,
    ]);
    expect(takes("2001:db8:0:1::1", "::1")).toEqual([0, 0]);
    expect(takes("::ffff:192.0.2.1", "::ffff:192.0.2.2")).toEqual([0, 0]);
  });

  it("forgets those that asked longest ago, and shuts nobody out when the clock is set back", () => {
    expect(takes("a", "a", "a", "b", "c", "a")).toEqual([0, 0, 0, 0, 0, 0]);
    now -= 3_600_000;
    expect(limit.take("a")).toBeLessThanOrEqual(2);
  });
});

import { describe, expect, it } from "@jest/globals";
import { createTrust } from "../../src/api/trusted-proxies.ts";

describe("createTrust", () => {
  it("trusts nobody when none is named", () => {
    const isTrusted = createTrust([]);
    expect(isTrusted("127.0.0.1")).toBe(false);
    expect(isTrusted(undefined)).toBe(false);
  });

  it.each([
    ["10.1.2.3", true],
    ["::ffff:10.1.2.3", true],
    ["11.1.2.3", false],
    ["192.0.2.7", true],
    ["192.0.2.8", false],
    ["fd00::1", true],
    ["fe80::1", false],
    ["no address", false],
  ])("%s: %p", (address, expected) => {
    expect(createTrust(["10.0.0.0/8", "192.0.2.7", "fd00::/8"])(address)).toBe(expected);
  });

  it.each(["loopback", "10.0.0.0/33", "10.0.0.0/x", "", "::1/129"])(
    "refuses %p as a network",
    (network) => {
      expect(() => createTrust([network])).toThrow(TypeError);
    },
  );
});

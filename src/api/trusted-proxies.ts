import { BlockList, isIP } from "node:net";

/** True for the address of a proxy whose X-Forwarded-* and X-Request-Id headers count. */
export type IsTrusted = (address: string | undefined) => boolean;

/**
 * @param networks single addresses or networks in CIDR notation, IPv4 or IPv6; none: nobody is trusted
 * @throws TypeError naming what is no network
 */
export function createTrust(networks: readonly string[]): IsTrusted {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    const version = isIP(address);
    const longest = version === 6 ? 128 : 32;
    const bits = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (version === 0 || bits < 0 || bits > longest) {
      throw new TypeError(
        `"${network}" is no address and no network in CIDR notation (TRUSTED_PROXIES).`,
      );
    }
    list.addSubnet(address, bits, version === 6 ? "ipv6" : "ipv4");
  }
  return (address = "") => {
    // An IPv4 peer shows as ::ffff:a.b.c.d on a socket that listens on both.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 6 ? "ipv6" : "ipv4");
  };
}

import { createHmac, timingSafeEqual } from "node:crypto";
import { BlockList, isIP } from "node:net";
import { z } from "zod";

/** A notification from Pluggy: only a signal to fetch again, never data to believe. */
export type WebhookEvent = z.infer<typeof webhookEvent>;

const common = {
  event: z.string().min(1),
  eventId: z.string().min(1),
  clientId: z.string().nullish(),
};
const account = { itemId: z.string().min(1), accountId: z.string().min(1) };

const created = z
  .looseObject({
    ...common,
    ...account,
    event: z.literal("transactions/created"),
    transactionsCreatedAtFrom: z.iso.datetime({ offset: true }).nullish(),
  })
  .transform((event) => ({ ...event, kind: "TRANSACTIONS_CREATED" as const }));

const changed = z
  .looseObject({
    ...common,
    ...account,
    event: z.enum(["transactions/updated", "transactions/deleted"]),
    transactionIds: z.array(z.string().min(1)),
  })
  .transform((event) => ({
    ...event,
    kind:
      event.event === "transactions/updated"
        ? ("TRANSACTIONS_UPDATED" as const)
        : ("TRANSACTIONS_DELETED" as const),
  }));

const item = z
  .looseObject({ ...common, event: z.string().startsWith("item/"), itemId: z.string().min(1) })
  .transform((event) => ({ ...event, kind: "ITEM" as const }));

/** Events that Pluggy adds, or that concern others (payments, connectors), are kept as they came. */
const other = z
  .looseObject({
    ...common,
    event: z
      .string()
      .min(1)
      .refine((name) => !/^(item\/.*|transactions\/(created|updated|deleted))$/.test(name)),
  })
  .transform((event) => ({ ...event, kind: "OTHER" as const }));

/**
 * The body of a notification. `eventId` is the key against replays; keeping it is the database's job.
 * @see https://docs.pluggy.ai/docs/webhooks
 */
export const webhookEvent = z.union([created, changed, item, other]);

export type WebhookRequest = {
  /** The body's bytes as received: parsing and writing it again would change them. */
  rawBody: Uint8Array;
  /** Names in lower case, as node:http gives them. */
  headers: Record<string, string | string[] | undefined>;
  /** Address of the sender, behind trusted proxies already resolved. */
  ip: string | undefined;
};

/** A header and the secrets it may be made with: the current one and, while rotating, the previous. */
export type WebhookSecret = { header: string; secrets: readonly string[] };

export type WebhookVerifierOptions = {
  /** HMAC-SHA256 over the raw body, hex or base64. Pluggy's header name is unverified: configurable. */
  signature?: WebhookSecret;
  /** A header registered with the webhook (`POST /webhooks`, `headers`), sent back as it was given. */
  customHeader?: WebhookSecret;
  /** Networks in CIDR notation or single addresses, IPv4 or IPv6; absent: any. */
  allowedNetworks?: readonly string[];
};

export type WebhookRefusal = "ADDRESS" | "HEADER" | "SIGNATURE";

/**
 * Makes the check that a notification is Pluggy's. Whatever is configured must hold.
 * @returns a function that tells why a request is refused (answer 401: Pluggy does not repeat those),
 *   or undefined if it is genuine
 * @throws TypeError if neither signature nor header is configured, a secret is empty, or a network is malformed
 * @see https://docs.pluggy.ai/en/docs/developer-tools/webhook-security
 */
export function createWebhookVerifier(
  options: WebhookVerifierOptions,
): (request: WebhookRequest) => WebhookRefusal | undefined {
  const { signature, customHeader } = options;
  if (!signature && !customHeader) {
    throw new TypeError("a webhook needs a signature or a custom header to be told from a forgery");
  }
  for (const secret of [signature, customHeader]) {
    if (secret && (secret.secrets.length === 0 || secret.secrets.some((text) => text === ""))) {
      throw new TypeError(`the webhook's header ${secret.header} has no secret`);
    }
  }
  const networks = options.allowedNetworks ? networkList(options.allowedNetworks) : undefined;

  return (request) => {
    if (networks && !contains(networks, request.ip)) return "ADDRESS";
    if (customHeader) {
      const given = headerOf(request, customHeader.header);
      if (!anyOf(customHeader.secrets, (secret) => sameText(given, secret))) return "HEADER";
    }
    if (signature) {
      const given = headerOf(request, signature.header).replace(/^sha256=/i, "");
      const genuine = anyOf(signature.secrets, (secret) => {
        const hex = webhookSignature(request.rawBody, secret);
        const base64 = Buffer.from(hex, "hex").toString("base64");
        return anyOf([hex, base64], (text) => sameText(given, text));
      });
      if (!genuine) return "SIGNATURE";
    }
    return undefined;
  };
}

/** HMAC-SHA256 (RFC 2104) of a notification's body, in lower-case hex. */
export function webhookSignature(rawBody: Uint8Array, secret: string): string {
  return createHmac("sha256", secret).update(rawBody).digest("hex");
}

/** Like Array.some, but goes through all: time must not tell which secret was nearly right. */
function anyOf<T>(values: readonly T[], test: (value: T) => boolean): boolean {
  return values.map(test).includes(true);
}

/** Compares in constant time. Hashing first makes both sides equally long, as timingSafeEqual asks. */
function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHmac("sha256", "length").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** A header sent twice matches nothing: which of the two counts is not for us to guess. */
function headerOf(request: WebhookRequest, name: string): string {
  const value = request.headers[name.toLowerCase()];
  return typeof value === "string" ? value : "";
}

function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.trim().split("/");
    const version = isIP(address);
    const longest = version === 6 ? 128 : 32;
    const bits = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (version === 0 || bits < 0 || bits > longest) {
      throw new TypeError(`${network} is not a network in CIDR notation`);
    }
    list.addSubnet(address, bits, version === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

/** An IPv4 sender shows as ::ffff:a.b.c.d on a socket that listens on both. */
function contains(networks: BlockList, ip: string | undefined): boolean {
  const address = (ip ?? "").replace(/^::ffff:(?=\d+\.)/i, "");
  const version = isIP(address);
  return version !== 0 && networks.check(address, version === 6 ? "ipv6" : "ipv4");
}

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import {
  createWebhookVerifier,
  type WebhookRequest,
  webhookEvent,
  webhookSignature,
} from "../../src/banking/webhook.ts";

const file = new URL("../fixtures/banking/pluggy-webhooks.json", import.meta.url);
const samples = JSON.parse(readFileSync(file, "utf8"));

const body = Buffer.from('{"event":"item/updated","eventId":"e-1","itemId":"i-1"}');
const signature = { header: "X-Pluggy-Signature", secrets: ["current", "previous"] };
const customHeader = { header: "X-Blindagem-Webhook", secrets: ["token", "old-token"] };
const request = (headers: WebhookRequest["headers"], ip?: string): WebhookRequest => ({
  rawBody: body,
  headers,
  ip,
});

describe("webhookEvent", () => {
  it("reads the events it knows", () => {
    const kinds = Object.values(samples).map((event) => webhookEvent.parse(event).kind);
    expect(kinds).toEqual([
      "TRANSACTIONS_CREATED",
      "TRANSACTIONS_UPDATED",
      "TRANSACTIONS_DELETED",
      "ITEM",
      "ITEM",
    ]);
    expect(webhookEvent.parse(samples["transactions/deleted"])).toMatchObject({
      eventId: "33333333-3333-4333-8333-333333333333",
      accountId: "8baab610-0000-4000-8000-000000000001",
      transactionIds: ["00000000-0000-4000-8000-000000000012"],
    });
  });

  it("keeps events it does not know", () => {
    const event = { event: "connector/status_updated", eventId: "e", data: { status: "ONLINE" } };
    expect(webhookEvent.parse(event)).toEqual({ ...event, kind: "OTHER" });
    const added = { event: "transactions/invented", eventId: "e" };
    expect(webhookEvent.parse(added)).toEqual({ ...added, kind: "OTHER" });
  });

  it("refuses a known event that lacks what it is about, and any without an id", () => {
    const { transactionIds: _, ...headless } = samples["transactions/deleted"];
    for (const event of [headless, { event: "item/error", eventId: "e" }, { event: "x/y" }, null]) {
      expect(webhookEvent.safeParse(event).success).toBe(false);
    }
  });
});

describe("createWebhookVerifier", () => {
  it("signs as RFC 4231 says", () => {
    const sum = webhookSignature(Buffer.from("what do ya want for nothing?"), "Jefe");
    expect(sum).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  });

  it("takes the current and the previous secret, in hex or base64", () => {
    const verify = createWebhookVerifier({ signature });
    for (const secret of signature.secrets) {
      const mac = createHmac("sha256", secret).update(body).digest();
      const hex = mac.toString("hex");
      for (const value of [hex, `sha256=${hex}`, mac.toString("base64")]) {
        expect(verify(request({ "x-pluggy-signature": value }))).toBeUndefined();
      }
    }
  });

  it("refuses another secret, another body, and no or two signatures", () => {
    const verify = createWebhookVerifier({ signature });
    const good = webhookSignature(body, "current");
    const changed = Buffer.from(`${body} `);
    expect(verify({ ...request({ "x-pluggy-signature": good }), rawBody: changed })).toBe(
      "SIGNATURE",
    );
    for (const value of [
      webhookSignature(body, "other"),
      "",
      undefined,
      [good, good],
      `${good}0`,
    ]) {
      expect(verify(request({ "x-pluggy-signature": value }))).toBe("SIGNATURE");
    }
  });

  it("asks for header and signature when both are configured", () => {
    const verify = createWebhookVerifier({ signature, customHeader });
    const good = { "x-pluggy-signature": webhookSignature(body, "current") };
    expect(verify(request({ ...good, "x-blindagem-webhook": "old-token" }))).toBeUndefined();
    expect(verify(request({ ...good, "x-blindagem-webhook": "toke" }))).toBe("HEADER");
    expect(verify(request(good))).toBe("HEADER");
    expect(verify(request({ "x-blindagem-webhook": "token" }))).toBe("SIGNATURE");
  });

  it("lets through allowed networks only", () => {
    const verify = createWebhookVerifier({
      customHeader,
      allowedNetworks: ["203.0.113.0/24", "198.51.100.7", "2001:db8::/32"],
    });
    const from = (ip?: string) => verify(request({ "x-blindagem-webhook": "token" }, ip));
    for (const ip of ["203.0.113.9", "::ffff:203.0.113.9", "198.51.100.7", "2001:db8::1"]) {
      expect([ip, from(ip)]).toEqual([ip, undefined]);
    }
    for (const ip of ["203.0.114.9", "198.51.100.8", "2001:db9::1", "", "nonsense", undefined]) {
      expect([ip, from(ip)]).toEqual([ip, "ADDRESS"]);
    }
  });

  it("is not made without a proof, with an empty secret, or with a malformed network", () => {
    expect(() => createWebhookVerifier({})).toThrow(TypeError);
    for (const secrets of [[], [""], ["good", ""]]) {
      expect(() => createWebhookVerifier({ signature: { header: "h", secrets } })).toThrow(
        TypeError,
      );
    }
    for (const network of ["10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/", "host", "::1/129", ""]) {
      expect(() => createWebhookVerifier({ customHeader, allowedNetworks: [network] })).toThrow(
        TypeError,
      );
    }
  });
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { webhookSignature } from "../../../src/banking/webhook.ts";
import { type ApiFixture, pick, startApi, WEBHOOK_SECRET } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

function notify(event: Record<string, unknown>, secret = WEBHOOK_SECRET) {
  const body = JSON.stringify(event);
  return fixture.request("/webhooks/pluggy", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-pluggy-signature": webhookSignature(new TextEncoder().encode(body), secret),
    },
    body,
  });
}

async function connect(itemId: string): Promise<void> {
  const { body } = await fixture.graphql(
    "admin",
    "mutation ($input: ConnectBankInput!) { connectBank(input: $input) { result { id } } }",
    { input: { providerItemId: itemId, condominiumId: fixture.ids.sol } },
  );
  expect(pick(body, "errors")).toBeUndefined();
}

/** Ends the connection's waiting job as a worker would: it deletes the claim first. */
const release = () =>
  fixture.database
    .pool("worker")
    .query("delete from blindagem_private.work_claims where task = 'pluggy_sync'");

async function syncs(): Promise<unknown> {
  const { body } = await fixture.graphql(
    "admin",
    '{ backgroundJobs(filter: { task: { equalTo: "pluggy_sync" } }) { totalCount } }',
  );
  return pick(body, "data", "backgroundJobs", "totalCount");
}

describe("POST /webhooks/pluggy", () => {
  it("enqueues the sync of the connection, once for each event", async () => {
    await connect("item-1");
    await release();
    const event = { event: "item/updated", eventId: randomUUID(), itemId: "item-1" };
    expect((await notify(event)).status).toBe(202);
    expect(await syncs()).toBe(2);

    await release();
    expect((await notify(event)).status).toBe(202);
    expect(await syncs()).toBe(2);

    expect((await notify({ ...event, eventId: randomUUID() })).status).toBe(202);
    expect(await syncs()).toBe(3);
    expect((await notify({ ...event, eventId: randomUUID() })).status).toBe(202);
    expect(await syncs()).toBe(3);
  });

  it("takes events of items that are not ours, and does nothing", async () => {
    const before = await syncs();
    expect(
      (await notify({ event: "item/updated", eventId: randomUUID(), itemId: "elsewhere" })).status,
    ).toBe(202);
    expect(
      (await notify({ event: "connector/status_updated", eventId: randomUUID() })).status,
    ).toBe(202);
    expect(await syncs()).toBe(before);
  });

  it("refuses a forgery, and notes nothing of it", async () => {
    const event = { event: "item/updated", eventId: "forged", itemId: "item-1" };
    expect(await notify(event, "not the secret")).toMatchObject({
      status: 401,
      body: { error: { code: "BLD01" } },
    });
    const { rows } = await fixture.database
      .pool("migrator")
      .query("select from blindagem_private.webhook_events where event_id = 'forged'");
    expect(rows).toHaveLength(0);
  });

  it("refuses what is no event", async () => {
    expect((await notify({ hello: "world" })).status).toBe(400);
  });
});

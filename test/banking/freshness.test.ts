import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { freshness } from "../../src/banking/freshness.ts";
import { type PluggyItem, pluggyItem } from "../../src/banking/pluggy-shapes.ts";

const file = new URL("../fixtures/banking/pluggy-item-and-errors.json", import.meta.url);
const samples = JSON.parse(readFileSync(file, "utf8"));
const whole = pluggyItem.parse(samples.item_ok);
const now = new Date("2026-11-06T12:00:00Z");
const updatedAt = new Date("2026-11-06T09:12:53.732Z");
const earlier = new Date("2026-11-04T09:12:53.732Z");

const judge = (fields: Partial<PluggyItem>, at = now) => freshness({ ...whole, ...fields }, at);

describe("freshness", () => {
  it("is fresh after a whole run, and while the next one is under way", () => {
    expect(judge({})).toEqual({ state: "FRESH", asOf: updatedAt, cause: null });
    expect(judge({ status: "UPDATING" })).toEqual({ state: "FRESH", asOf: updatedAt, cause: null });
  });

  it("is stale when the last run is too old, failed, or never was", () => {
    const twoDays = new Date("2026-11-08T12:00:00Z");
    expect(judge({}, twoDays)).toEqual({ state: "STALE", asOf: updatedAt, cause: "TOO_OLD" });
    expect(judge({ status: "OUTDATED" })).toMatchObject({ state: "STALE", cause: "OUTDATED" });
    expect(judge({ status: "UPDATING", lastUpdatedAt: null })).toEqual({
      state: "STALE",
      asOf: null,
      cause: "NEVER_UPDATED",
    });
    expect(judge({ status: "INVENTED" })).toMatchObject({
      state: "STALE",
      cause: "UNKNOWN_STATUS",
    });
  });

  it("is partial when transactions were left out, known until their own last run", () => {
    const partial = pluggyItem.parse({ ...whole, ...samples.item_partial });
    expect(freshness(partial, now)).toEqual({
      state: "PARTIAL",
      asOf: earlier,
      cause: "TRANSACTIONS_NOT_UPDATED",
    });
  });

  it("is partial, with no date, when a run does not say what it left out", () => {
    expect(judge({ executionStatus: "PARTIAL_SUCCESS" })).toEqual({
      state: "PARTIAL",
      asOf: null,
      cause: "PARTIAL_SUCCESS",
    });
  });

  it("is partial when the list of accounts is old, or entries are being merged", () => {
    const up = { isUpdated: true, lastUpdatedAt: updatedAt.toISOString() };
    const accounts = { isUpdated: false, lastUpdatedAt: earlier.toISOString() };
    const statusDetail = { accounts, transactions: up };
    expect(judge({ executionStatus: "PARTIAL_SUCCESS", statusDetail })).toEqual({
      state: "PARTIAL",
      asOf: earlier,
      cause: "ACCOUNTS_NOT_UPDATED",
    });
    expect(judge({ status: "MERGING" })).toMatchObject({ state: "PARTIAL", cause: "MERGING" });
    const warned = { ...up, warnings: [{ code: "001" }] };
    expect(judge({ statusDetail: { accounts: up, transactions: warned } })).toMatchObject({
      state: "PARTIAL",
      cause: "TRANSACTIONS_WITH_WARNINGS",
    });
  });

  it("is fresh when only products failed that payments are not read from", () => {
    const up = { isUpdated: true, lastUpdatedAt: updatedAt.toISOString() };
    const statusDetail = { accounts: up, transactions: up, loans: { isUpdated: false } };
    expect(judge({ executionStatus: "PARTIAL_SUCCESS", statusDetail }).state).toBe("FRESH");
  });

  it("is broken when only the holder can repair it, and keeps what was known", () => {
    for (const status of ["LOGIN_ERROR", "WAITING_USER_INPUT", "WAITING_USER_ACTION"]) {
      expect(judge({ status })).toEqual({ state: "BROKEN", asOf: updatedAt, cause: status });
    }
    const consentExpiresAt = now.toISOString();
    expect(judge({ consentExpiresAt })).toMatchObject({
      state: "BROKEN",
      cause: "CONSENT_EXPIRED",
    });
  });

  it("is never fresh without a date, nor with one older than the threshold", () => {
    const product = fc.record({
      isUpdated: fc.boolean(),
      lastUpdatedAt: fc.constantFrom(null, earlier.toISOString(), updatedAt.toISOString()),
    });
    const item = fc.record({
      id: fc.constant("i"),
      status: fc.constantFrom("UPDATED", "UPDATING", "MERGING", "OUTDATED", "LOGIN_ERROR", "?"),
      executionStatus: fc.constantFrom("SUCCESS", "PARTIAL_SUCCESS", "ERROR", null),
      lastUpdatedAt: fc.constantFrom(null, earlier.toISOString(), updatedAt.toISOString()),
      statusDetail: fc.option(
        fc.record({ accounts: fc.option(product), transactions: fc.option(product) }),
      ),
    });
    fc.assert(
      fc.property(item, fc.integer({ min: 0, max: 100 }), (value, hours) => {
        const judged = freshness(value, now, hours * 3_600_000);
        if (judged.state !== "FRESH") {
          expect(judged.cause).toMatch(/^[A-Z_]+$/);
        } else {
          expect(judged.cause).toBeNull();
          const age = now.getTime() - (judged.asOf?.getTime() ?? Number.NEGATIVE_INFINITY);
          expect(age).toBeLessThanOrEqual(hours * 3_600_000);
        }
      }),
    );
  });
});

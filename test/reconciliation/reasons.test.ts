import { describe, expect, it } from "@jest/globals";
import { RECONCILIATION_CODES } from "../../src/reconciliation/reasons.ts";
import { isReasonCode } from "../../src/validation/reason-catalogue.ts";

describe("the reasons of reconciliation", () => {
  it.each(RECONCILIATION_CODES)("%s has its Portuguese text", (code) => {
    expect(isReasonCode(code)).toBe(true);
  });
});

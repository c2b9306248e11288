import { describe, expect, it } from "@jest/globals";
import { loadEnvironment } from "../../src/config.ts";
import { providerLimits } from "../../src/processes/worker.ts";

describe("the providers' limits", () => {
  it("stay below what is allowed, with a second's worth at once", () => {
    const environment = loadEnvironment({ CNPJWS_PER_MINUTE: "3", PLUGGY_PER_MINUTE: "360" });
    const limits = providerLimits(environment);
    expect(limits).toMatchObject([
      { provider: "CNPJWS", burst: 1 },
      { provider: "PLUGGY", burst: 6 },
      { provider: "PLUGGY_REQUESTS", burst: 6 },
    ]);
    expect(limits.map(({ perMinute }) => perMinute)).toEqual([
      expect.closeTo(2.85),
      expect.closeTo(342),
      expect.closeTo(342),
    ]);
  });
});

import { describe, expect, it } from "@jest/globals";
import { openEnvelope } from "../../src/queue/envelope.ts";

const outer = { jobId: "17", organizationId: "3", batchId: "5", requestId: "req-1" };

describe("openEnvelope", () => {
  it("parts the envelope from the task's own payload", () => {
    expect(openEnvelope({ envelope: outer, cnpj: "11222333000181" })).toEqual({
      envelope: outer,
      content: { cnpj: "11222333000181" },
    });
  });

  it("takes the payload of a job that cron made: no envelope, and no trace of cron", () => {
    const cron = { _cron: { ts: "2026-11-05T03:00:00Z", backfilled: false } };
    expect(openEnvelope(cron)).toEqual({ envelope: undefined, content: {} });
    expect(openEnvelope(null)).toEqual({ envelope: undefined, content: {} });
    expect(openEnvelope(undefined)).toEqual({ envelope: undefined, content: {} });
  });

  it("takes the nulls that SQL writes for what a job has not", () => {
    const bare = { jobId: "17", organizationId: null, batchId: null, requestId: null };
    expect(openEnvelope({ envelope: bare }).envelope).toEqual(bare);
  });

  it("takes the place in a trace, and passes over a damaged one", () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const traced = { ...outer, traceparent };
    expect(openEnvelope({ envelope: traced }).envelope).toEqual(traced);
    for (const damaged of ["00-0af7", 7, null, `${traceparent}\n`]) {
      const { envelope } = openEnvelope({ envelope: { ...outer, traceparent: damaged } });
      expect(envelope).toEqual({ ...outer, traceparent: undefined });
    }
  });

  it.each([
    ["no object", "text"],
    ["a list", [{ envelope: outer }]],
    ["an envelope without its job", { envelope: { organizationId: "3" } }],
    ["a job that is no number", { envelope: { jobId: "seventeen" } }],
    ["a job beyond PostgreSQL's numbers", { envelope: { jobId: "9".repeat(30) } }],
  ])("refuses %s", (_, payload) => {
    expect(() => openEnvelope(payload)).toThrow("envelope");
  });

  it("tells what is wrong without repeating what stands there", () => {
    expect(() => openEnvelope({ envelope: { jobId: "529.982.247-25" } })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("529") }),
    );
  });
});

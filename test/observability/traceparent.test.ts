import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  readTraceparent,
  TRACEPARENT,
  writeTraceparent,
} from "../../src/observability/traceparent.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const place = { traceId: TRACE, spanId: SPAN, isSampled: true };

const hex = (length: number) =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((digits) => !/^0+$/.test(digits));

describe("traceparent", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, isSampled) => {
        const text = writeTraceparent({ traceId, spanId, isSampled });
        expect(text).toMatch(TRACEPARENT);
        expect(readTraceparent(text)).toEqual({ traceId, spanId, isSampled });
      }),
    );
  });

  it.each([
    ["with other flags beside", `00-${TRACE}-${SPAN}-03`],
    ["of a later version", `cc-${TRACE}-${SPAN}-01`],
    ["of a later version with more behind", `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`],
  ])("is read %s", (_, text) => {
    expect(readTraceparent(text)).toEqual(place);
  });

  it("tells that the trace is not recorded", () => {
    expect(readTraceparent(`00-${TRACE}-${SPAN}-00`)).toEqual({ ...place, isSampled: false });
  });

  it.each([
    ["nothing", ""],
    ["a trace of zeros", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["a span of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["the version that is none", `ff-${TRACE}-${SPAN}-01`],
    ["upper case", `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ["more behind version 00", `00-${TRACE}-${SPAN}-01-more`],
    ["a trace too short", `00-${TRACE.slice(1)}-${SPAN}-01`],
  ])("is not read of %s", (_, text) => {
    expect(readTraceparent(text)).toBeUndefined();
  });
});

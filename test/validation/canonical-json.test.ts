import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { canonicalJson, type Json } from "../../src/validation/canonical-json.ts";

describe("canonical JSON", () => {
  it("sorts keys and elements, leaves out undefined, writes no space", () => {
    expect(canonicalJson({ b: [2, 1], a: { d: null, c: "ç" }, e: undefined })).toBe(
      '{"a":{"c":"ç","d":null},"b":[1,2]}',
    );
  });

  it("is JSON of the same content", () => {
    fc.assert(
      fc.property(
        fc.object({
          withNullPrototype: false,
          values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)],
        }),
        (value) => {
          const json: Json = JSON.parse(JSON.stringify(value));
          const text = canonicalJson(json);
          expect(canonicalJson(JSON.parse(text))).toBe(text);
        },
      ),
    );
  });
});

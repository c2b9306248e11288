import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { canonicalText, type ExactJson, parseExactly } from "../../src/audit/canonical.ts";

describe("parseExactly", () => {
  it("keeps numbers as they were written", () => {
    expect(
      parseExactly('{"a": 100.00, "b": [-0.10, 12345678901234567890, 1e3], "c": "7", "d": null}'),
    ).toEqual({
      a: "100.00",
      b: ["-0.10", "12345678901234567890", "1e3"],
      c: "7",
      d: null,
    });
  });

  it("leaves digits inside strings alone, escaped quotes and backslashes included", () => {
    const texts = ['R$ 1.234,56 "à vista" 10', "c:\\2026\\", '\\"5', "\u0000\u2028"];
    expect(parseExactly(JSON.stringify(texts))).toEqual(texts);
  });

  it("agrees with JSON.parse on everything but numbers", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const numbersAsText = JSON.parse(JSON.stringify(value), (_, inner) =>
          typeof inner === "number" ? JSON.stringify(inner) : inner,
        );
        expect(parseExactly(JSON.stringify(value))).toEqual(numbersAsText);
      }),
    );
  });
});

describe("canonicalText", () => {
  // The sample of RFC 8785, section 3.2.3, without its numbers.
  it("sorts members by UTF-16 code units", () => {
    const sample = {
      "€": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "😀": "Emoji: Grinning Face",
      "\u0080": "Control",
      ö: "Latin Small Letter O With Diaeresis",
    };
    expect(canonicalText(sample)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis",' +
        '"€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  it("gives one text to one content, whatever the order of its members", () => {
    fc.assert(
      fc.property(json(), (value) => {
        const text = canonicalText(value);
        expect(canonicalText(reversed(value))).toBe(text);
        expect(JSON.parse(text)).toEqual(value);
      }),
    );
  });

  it("keeps the order of arrays", () => {
    expect(canonicalText(["b", "a"])).toBe('["b","a"]');
  });
});

function json(): fc.Arbitrary<ExactJson> {
  return fc.letrec<{ value: ExactJson }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((name) => name !== "__proto__"),
        tie("value"),
        { maxKeys: 4 },
      ),
    ),
  })).value;
}

function reversed(value: ExactJson): ExactJson {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

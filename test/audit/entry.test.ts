import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { isRecord, orderedId, parseEntry } from "../../src/audit/entry.ts";
import { recordText } from "./entries.ts";
import { faultOf } from "./expect-fault.ts";

const intent = {
  format: "blindagem-intent-1",
  id: "2",
  salt: "s",
  recorded_at: "2026-11-24T12:00:00.000000Z",
  transaction_id: "100",
  note: "nota",
};

describe("parseEntry", () => {
  it.each(["blindagem-record-3", "blindagem-record-4", "blindagem-record-5", "blindagem-record-6"])(
    "reads a %s",
    (format) => {
      const entry = parseEntry(recordText({ format, new_state: { id: "7", note: null } }));
      expect(isRecord(entry)).toBe(true);
      expect(entry).toMatchObject({ format, id: "1", new_state: { id: "7", note: null } });
    },
  );

  it("reads an intent", () => {
    const entry = parseEntry(JSON.stringify(intent));
    expect(isRecord(entry)).toBe(false);
    expect(entry).toEqual(intent);
  });

  it("takes commitments where values may be personal", () => {
    const ip = { commitment: "x" };
    expect(parseEntry(recordText({ ip }))).toMatchObject({ ip });
    expect(() => parseEntry(recordText({ actor_id: ip }))).toThrow(faultOf("MALFORMED"));
  });

  it("says that it does not know a format", () => {
    const unknown = recordText({ format: "blindagem-record-7" });
    expect(() => parseEntry(unknown)).toThrow(faultOf("UNKNOWN_FORMAT"));
    expect(() => parseEntry(unknown)).toThrow('"blindagem-record-7"');
    expect(() => parseEntry("{}")).toThrow(faultOf("UNKNOWN_FORMAT"));
    expect(() => parseEntry("null")).toThrow(faultOf("UNKNOWN_FORMAT"));
  });

  it("names the field that is wrong, and not its value", () => {
    const secret = "12345678901";
    for (const fields of [
      { id: `${secret}x` },
      { entity_id: Number(secret) },
      { operation: secret },
      { recorded_at: secret },
      { new_state: [secret] },
    ]) {
      const text = recordText(fields);
      expect(() => parseEntry(text)).toThrow(faultOf("MALFORMED"));
      expect(() => parseEntry(text)).toThrow(Object.keys(fields)[0]);
      expect(() => parseEntry(text)).not.toThrow(secret);
    }
    expect(() => parseEntry(`{"name": ${secret}`)).toThrow("não é JSON");
    expect(() => parseEntry(`{"name": ${secret}`)).not.toThrow(secret);
  });
});

describe("orderedId", () => {
  it("orders as the numbers do", () => {
    const ids = fc.bigInt({ min: 0n, max: 2n ** 63n });
    fc.assert(
      fc.property(ids, ids, (one, other) => {
        const expected = one === other ? 0 : one < other ? -1 : 1;
        const [a, b] = [orderedId(String(one)), orderedId(String(other))];
        expect(a < b ? -1 : Number(a > b)).toBe(expected);
      }),
    );
  });
});

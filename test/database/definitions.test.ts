import { describe, expect, it } from "@jest/globals";
import { differingObjects, fingerprintOf } from "../../src/database/definitions.ts";

const month = (text: string) => `blindagem_audit.audit_log_${text}`;

describe("differingObjects", () => {
  const left = new Map([
    ["blindagem.people", "a"],
    ["blindagem.f(text)", "b"],
    [month("2026_11"), "m"],
  ]);

  it.each([
    ["nothing", new Map(left), []],
    ["a change", new Map([...left, ["blindagem.people", "x"]]), ["blindagem.people"]],
    ["a new object", new Map([...left, ["blindagem.g()", "b"]]), ["blindagem.g()"]],
    ["another month", new Map([...left, [month("2027_01"), "m"]]), []],
    ["a month unlike the others", new Map([...left, [month("2027_01"), "x"]]), [month("2027_01")]],
    ["a month's change", new Map([...left, [month("2026_11"), "x"]]), [month("2026_11")]],
    [
      "what is gone",
      new Map([
        ["blindagem.people", "a"],
        [month("2026_11"), "m"],
      ]),
      ["blindagem.f(text)"],
    ],
  ])("tells %s", (_, now, expected) => {
    expect(differingObjects(left, now)).toEqual(expected);
  });
});

describe("fingerprintOf", () => {
  it("is one for one content, in whatever order it comes", () => {
    const one = new Map([
      ["a", "1"],
      ["b", "2"],
    ]);
    const other = new Map([
      ["b", "2"],
      ["a", "1"],
    ]);
    expect(fingerprintOf(one)).toBe(fingerprintOf(other));
    expect(fingerprintOf(one)).not.toBe(
      fingerprintOf(
        new Map([
          ["a", "1"],
          ["b", "3"],
        ]),
      ),
    );
  });
});

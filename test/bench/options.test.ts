import { describe, expect, it } from "@jest/globals";
import { countOf, requireNames } from "./options.ts";

describe("the options of a bench", () => {
  it("name what it measures, or nothing for all", () => {
    expect(() => requireNames([], ["capture", "sealing"])).not.toThrow();
    expect(() => requireNames(["sealing"], ["capture", "sealing"])).not.toThrow();
    expect(() => requireNames(["sealing", "seal"], ["capture", "sealing"])).toThrow(
      'Nothing is measured as "seal": capture, sealing.',
    );
  });

  it.each(["1", "300", "20000000"])("count %s", (text) => {
    expect(countOf("records", text)).toBe(Number(text));
    expect(countOf("deadRows", "0", 0)).toBe(0);
  });

  it.each(["", "0", "-1", "1.5", "1e6", "many", "10 000", "9".repeat(20)])(
    "refuse %j for a count",
    (text) => {
      expect(() => countOf("records", text)).toThrow("--records is a whole number from 1 on");
    },
  );
});

import { describe, expect, it } from "@jest/globals";
import { composeDemo } from "../../demo/compose.ts";
import { expectedExpenses } from "../../demo/expected/end-of.ts";
import { flip } from "../../demo/generate.ts";
import { decideAll } from "./pure-decision.ts";

const model = composeDemo();
const traps = Object.keys(model.flips);

describe("the rules, on facts taken from the demo's data", () => {
  it.each([
    ["as they are", [] as string[]],
    ["with every fact flipped", traps],
  ])("%s, give the ends written by hand", (_, flipped) => {
    const decisions = decideAll(flip(model, flipped));
    const wrong = expectedExpenses(model, flipped).flatMap(
      ({ externalId, trap, status, reasons }) => {
        const decision = decisions.get(externalId);
        const heavy = decision?.reasons.filter(({ severity }) => severity !== "NOTE") ?? [];
        const codes = [...new Set(heavy.map(({ code }) => code))];
        const right =
          decision?.status === status &&
          reasons.every((code) => codes.includes(code)) &&
          (reasons.length > 0 || codes.length === 0);
        return right ? [] : [{ externalId, trap, status, reasons, got: decision?.status, codes }];
      },
    );
    expect(wrong).toEqual([]);
  });
});

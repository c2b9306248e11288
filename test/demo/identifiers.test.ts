import { describe, expect, it } from "@jest/globals";
import {
  makeBoleto,
  makeCnpj,
  makeCpf,
  makeDfeKey,
  makeEndToEndId,
} from "../../demo/synthetic/identifiers.ts";
import { createRandom, seedOf } from "../../demo/synthetic/random.ts";

describe("made identifiers", () => {
  it("agree with published examples", () => {
    expect(makeCnpj("12ABC345", "01DE")).toBe("12ABC34501DE35");
    expect(makeCnpj("11222333")).toBe("11222333000181");
    expect(makeCpf("529982247")).toBe("52998224725");
    expect(makeCpf("111444777")).toBe("11144477735");
    expect(makeBoleto("341", "1234.56", "2026-11-05", "1097000000012345678901230")).toEqual({
      line: "34191097010000001234456789012301916210000123456",
      barcode: "34199162100001234561097000000012345678901230",
    });
  });

  it("follow the published key of a fiscal document", () => {
    const published = "35261111222333000181650010000007771482619370";
    expect(
      makeDfeKey({
        state: "35",
        issuedAt: "2026-11-05",
        issuer: "11222333000181",
        model: "65",
        series: 1,
        number: 777,
        code: published.slice(35, 43),
      }),
    ).toBe(published);
  });

  it("write the minute of an end-to-end id in UTC", () => {
    const id = makeEndToEndId("E", "12345678", "2026-09-28T22:29:17-03:00", createRandom(1));
    expect(id).toMatch(/^E12345678202609290129[A-Za-z0-9]{11}$/);
  });

  it("repeat with their seed", () => {
    const draw = (seed: number) => Array.from({ length: 5 }, createRandom(seed).next);
    expect(draw(seedOf("a"))).toEqual(draw(seedOf("a")));
    expect(draw(seedOf("a"))).not.toEqual(draw(seedOf("b")));
  });
});

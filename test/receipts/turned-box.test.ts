import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { turnedBox, turnedPoint } from "../../src/receipts/turned-box.ts";

describe("turnedPoint", () => {
  it("turns clockwise on a picture, whose y grows downwards", () => {
    const [x, y] = turnedPoint([30, 10], 90, [10, 10], [100, 100]);
    expect(x).toBeCloseTo(100);
    expect(y).toBeCloseTo(120);
  });

  it("finds back by the opposite turn", () => {
    const number = fc.double({ min: -5000, max: 5000, noNaN: true });
    const point = fc.tuple(number, number);
    fc.assert(
      fc.property(point, number, point, point, (one, degrees, from, to) => {
        const [x, y] = turnedPoint(turnedPoint(one, degrees, from, to), -degrees, to, from);
        expect(x).toBeCloseTo(one[0], 5);
        expect(y).toBeCloseTo(one[1], 5);
      }),
    );
  });
});

describe("turnedBox", () => {
  it("holds all four corners: a quarter turn makes it lie on its side", () => {
    const [x0, y0, x1, y1] = turnedBox([10, 10, 50, 20], 90, [0, 0], [100, 0]);
    expect([x0, y0, x1, y1].map((value) => Math.round(value))).toEqual([80, 10, 90, 50]);
  });
});

import { around, type Box } from "./words.ts";

/** Pixels, or whatever the boxes are in; y grows downwards. */
export type Point = readonly [x: number, y: number];

/** A point turned by so many degrees clockwise about `from`, which comes to lie at `to`. */
export function turnedPoint([x, y]: Point, degrees: number, from: Point, to: Point): Point {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [dx, dy] = [x - from[0], y - from[1]];
  return [to[0] + cos * dx - sin * dy, to[1] + sin * dx + cos * dy];
}

/** What holds a box that was turned so. */
export function turnedBox([x0, y0, x1, y1]: Box, degrees: number, from: Point, to: Point): Box {
  const corners: Point[] = [
    [x0, y0],
    [x1, y0],
    [x0, y1],
    [x1, y1],
  ];
  return around(
    corners.map((corner): Box => {
      const [x, y] = turnedPoint(corner, degrees, from, to);
      return [x, y, x, y];
    }),
  );
}

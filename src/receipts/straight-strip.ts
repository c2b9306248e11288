import { cutOut, type Picture, turned } from "./picture.ts";
import { type Point, turnedBox, turnedPoint } from "./turned-box.ts";
import type { Box } from "./words.ts";

/** So much around the words is turned with them, in heights of their box, lest a corner be missing. */
const AROUND = 1.5;

/** A box is at least so much of its height high when its words stand straight. */
const LEAST_HEIGHT = 0.5;

/** A part of a picture in which its words stand straight, their box in it, and how to find its places again on the picture. */
export interface StraightPart {
  part: Picture;
  box: Box;
  /** What holds a box of the part, on the picture. */
  place(box: Box): Box;
}

/**
 * Turns the surroundings of some words so that their row is level. A box around words that run downhill is taller than they
 * are: cut out as it is it holds pieces of the rows above and below.
 *
 * @param tilt by how many degrees the page's lines run downhill to the right.
 */
export async function straightPart(
  picture: Picture,
  [x0, y0, x1, y1]: Box,
  tilt: number,
): Promise<StraightPart> {
  const [width, height] = [x1 - x0, y1 - y0];
  const left = Math.max(0, Math.floor(x0 - AROUND * height));
  const top = Math.max(0, Math.floor(y0 - AROUND * height));
  const flat = await cutOut(picture, [
    left,
    top,
    Math.min(picture.width, Math.ceil(x1 + AROUND * height)),
    Math.min(picture.height, Math.ceil(y1 + AROUND * height)),
  ]);
  const part = tilt === 0 ? flat : await turned(flat, -tilt);
  // Both share their middle.
  const onPicture: Point = [left + flat.width / 2, top + flat.height / 2];
  const onPart: Point = [part.width / 2, part.height / 2];
  const [x, y] = turnedPoint([(x0 + x1) / 2, (y0 + y1) / 2], -tilt, onPicture, onPart);
  const drop = width * Math.abs(Math.sin((tilt * Math.PI) / 180));
  const level = Math.max(LEAST_HEIGHT * height, height - drop);
  return {
    part,
    box: [x - width / 2, y - level / 2, x + width / 2, y + level / 2],
    place: (box) => turnedBox(box, tilt, onPart, onPicture),
  };
}

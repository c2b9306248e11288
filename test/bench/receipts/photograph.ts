import { type Canvas, createCanvas } from "@napi-rs/canvas";
import { wearDown } from "../../../demo/drawing/wear.ts";
import type { Random } from "../../../demo/synthetic/random.ts";

/** How a page came to be a picture, mild to hard. */
const HARDNESS = [0, 0.35, 0.7, 1];

/**
 * A JPEG as a telephone, a scanner or a messenger makes it: smaller, turned, blurred, noisy, pale, with a shadow.
 *
 * @param hardness of which one is picked: 0 leaves the page as it is; above 1 a person has trouble, too.
 */
export async function photograph(
  page: Canvas,
  random: Random,
  hardness: readonly number[] = HARDNESS,
): Promise<Uint8Array> {
  const hard = random.pick(hardness);
  const pale = faded(page, random.next() * 0.45 * hard, random);
  const worn = wearDown(
    pale,
    {
      rotation: (random.next() - 0.5) * 3 * hard,
      blur: random.next() * 1.1 * hard,
      noise: random.next() * 26 * hard,
    },
    random,
  );
  const sized = resized(worn, 1 - random.next() * 0.3 * hard);
  if (random.next() < 0.5 * hard) shadow(sized, random);
  return sized.encode("jpeg", Math.round(92 - random.next() * 45 * hard));
}

/** Thermal paper loses its contrast, in bands. */
function faded(page: Canvas, most: number, random: Random): Canvas {
  const copy = createCanvas(page.width, page.height);
  const context = copy.getContext("2d");
  context.drawImage(page, 0, 0);
  context.fillStyle = "#ffffff";
  const bands = 3;
  for (let band = 0; band < bands; band += 1) {
    context.globalAlpha = most * random.next();
    context.fillRect(0, (page.height * band) / bands, page.width, page.height / bands);
  }
  return copy;
}

function resized(page: Canvas, factor: number): Canvas {
  const copy = createCanvas(Math.round(page.width * factor), Math.round(page.height * factor));
  copy.getContext("2d").drawImage(page, 0, 0, copy.width, copy.height);
  return copy;
}

/** A hand's shadow over a corner. */
function shadow(page: Canvas, random: Random): void {
  const context = page.getContext("2d");
  const x = random.next() * page.width;
  const y = random.next() * page.height;
  const gradient = context.createRadialGradient(x, y, 0, x, y, page.width * 0.7);
  gradient.addColorStop(0, "rgba(0, 0, 0, 0.45)");
  gradient.addColorStop(1, "rgba(0, 0, 0, 0)");
  context.fillStyle = gradient;
  context.fillRect(0, 0, page.width, page.height);
}

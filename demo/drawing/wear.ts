import { type Canvas, createCanvas } from "@napi-rs/canvas";
import type { Random } from "../synthetic/random.ts";

/** How a photographed or scanned page differs from the clean one. */
export type Wear = {
  /** Degrees, clockwise. */
  rotation: number;
  /** Standard deviation of the blur, in pixels. */
  blur: number;
  /** Largest change of a pixel's brightness, 0 to 255. */
  noise: number;
};

/** A page that a phone or scanner might have made of this one: a new canvas, a little larger. */
export function wearDown(page: Canvas, wear: Wear, random: Random): Canvas {
  const margin = 24;
  const worn = createCanvas(page.width + 2 * margin, page.height + 2 * margin);
  const context = worn.getContext("2d");
  context.fillStyle = "#e9e7e2";
  context.fillRect(0, 0, worn.width, worn.height);
  context.translate(worn.width / 2, worn.height / 2);
  context.rotate((wear.rotation * Math.PI) / 180);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  if (wear.blur > 0) context.filter = `blur(${wear.blur}px)`;
  context.drawImage(page, -page.width / 2, -page.height / 2);
  context.filter = "none";
  context.resetTransform();
  if (wear.noise === 0) return worn;
  const image = context.getImageData(0, 0, worn.width, worn.height);
  for (let offset = 0; offset < image.data.length; offset += 4) {
    const change = (random.next() - 0.5) * 2 * wear.noise;
    for (let channel = 0; channel < 3; channel += 1) {
      // A Uint8ClampedArray keeps the sum within 0 to 255.
      image.data[offset + channel] = (image.data[offset + channel] ?? 0) + change;
    }
  }
  context.putImageData(image, 0, 0);
  return worn;
}

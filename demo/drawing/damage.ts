import { createCanvas } from "@napi-rs/canvas";
import type { Random } from "../synthetic/random.ts";
import type { Box, Painting } from "./paint.ts";

/**
 * What happens to the hour on paper. After each of these a person sees that the hour cannot be
 * read, or cannot be trusted: `stain` covers it, `fold` tears its middle out of line, `fade` leaves
 * a shadow as thermal paper does, and `chip` takes the left half of each digit, so that an 8 may
 * have been a 3.
 */
export type Damage = "stain" | "fold" | "fade" | "chip";

/** Damages the hour of a painting in place; throws if the painting has none. */
export function damageHour(painting: Painting, damage: Damage, random: Random): void {
  const { hour } = painting;
  if (hour === undefined) throw new Error("damageHour: this document shows no hour");
  if (damage === "stain") stain(painting, hour, random);
  else if (damage === "fold") fold(painting, hour);
  else if (damage === "fade") fade(painting, hour, random);
  else chip(painting, hour);
}

function stain({ canvas }: Painting, [x0, y0, x1, y1]: Box, random: Random) {
  const context = canvas.getContext("2d");
  const middle = (y0 + y1) / 2;
  for (let blot = 0; blot < 40; blot += 1) {
    const x = x0 + (x1 - x0) * ((blot + random.next()) / 40);
    const y = middle + (random.next() - 0.5) * (y1 - y0) * 0.9;
    const radius = (y1 - y0) * (0.35 + random.next() * 0.45);
    context.fillStyle = `rgba(${96 + random.integer(0, 24)}, ${62 + random.integer(0, 14)}, 34, 0.72)`;
    context.beginPath();
    context.ellipse(x, y, radius * 1.3, radius, random.next() * 3, 0, Math.PI * 2);
    context.fill();
  }
}

function fold({ canvas, background }: Painting, [x0, y0, x1, y1]: Box) {
  const context = canvas.getContext("2d");
  const width = x1 - x0;
  const height = y1 - y0;
  const foot = createCanvas(Math.ceil(width), Math.ceil(height));
  foot
    .getContext("2d")
    .drawImage(canvas, x0, y1 - height * 0.3, width, height * 0.3, 0, 0, width, height * 0.3);
  context.fillStyle = background;
  context.fillRect(x0 - 8, y0 + height * 0.22, width + 16, height * 0.85);
  context.fillStyle = "rgba(90, 90, 90, 0.35)";
  context.fillRect(0, y0 + height * 0.5, canvas.width, 2);
  context.globalAlpha = 0.5;
  context.drawImage(
    foot,
    0,
    0,
    width,
    height * 0.3,
    x0 + 14,
    y0 + height * 0.8,
    width,
    height * 0.3,
  );
  context.globalAlpha = 1;
}

function fade({ canvas, background }: Painting, [x0, y0, x1, y1]: Box, random: Random) {
  const context = canvas.getContext("2d");
  context.fillStyle = background;
  context.globalAlpha = 0.93;
  context.fillRect(x0 - 4, y0 - 2, x1 - x0 + 8, y1 - y0 + 4);
  context.globalAlpha = 1;
  for (let x = x0; x < x1; x += 3) {
    if (random.next() < 0.6) context.fillRect(x, y0, 2, y1 - y0);
  }
}

function chip({ canvas, background }: Painting, [x0, y0, x1, y1]: Box) {
  const context = canvas.getContext("2d");
  const step = (x1 - x0) / 8;
  context.fillStyle = background;
  for (let digit = 0; digit < 8; digit += 1) {
    context.fillRect(x0 + digit * step - 1, y0 - 1, step * 0.52, y1 - y0 + 3);
  }
}

import { parseDate } from "../calendar/brasilia.ts";

/** A Pix end-to-end id taken apart. */
export interface EndToEndId {
  /** The 32 characters as given; letters are case-sensitive. */
  id: string;
  /** E…: a payment; D…: its return (devolução). */
  kind: "PAYMENT" | "REFUND";
  /** The participant that made the id: 8 characters, the root of its CNPJ. */
  ispb: string;
  /**
   * When the id was made, to the minute. The SPI accepts ids up to 12 hours away from the processing, so this is
   * strong evidence of when it was paid, not the exact time.
   */
  instant: Date;
}

const SHAPE = /^([ED])([0-9A-Z]{8})(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})[A-Za-z0-9]{11}$/;

/**
 * Reads a Pix end-to-end id: E or D, ISPB, yyyyMMddHHmm in UTC, 11 letters or digits (BCB, Manual de Padrões para
 * Iniciação do Pix and the SPI message catalogue). It has no check digit.
 *
 * @returns undefined when the shape is wrong or the time is none of the calendar.
 */
export function parseEndToEndId(text: string): EndToEndId | undefined {
  const id = text.trim();
  const match = SHAPE.exec(id);
  if (!match) {
    return undefined;
  }
  const [, letter, ispb = "", year, month, day, hour = "", minute = ""] = match;
  const date = parseDate(`${year}-${month}-${day}`);
  if (date === undefined || hour > "23" || minute > "59") {
    return undefined;
  }
  return {
    id,
    kind: letter === "E" ? "PAYMENT" : "REFUND",
    ispb,
    instant: new Date(`${date}T${hour}:${minute}:00Z`),
  };
}

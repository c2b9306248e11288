/**
 * Where an 8 may be a zero with a stroke: NOWHERE; where the date is none as it stands ("22-85-2826"); or ANYWHERE, of a
 * document that has such zeros: then a date or hour with an 8 may have several meanings.
 */
export type StrokedZeros = "NOWHERE" | "WHERE_IMPOSSIBLE" | "ANYWHERE";

/** The text with each 8 as it is, or as a zero. */
export function eitherWay(text: string): string[] {
  return Array.from(text).reduce<string[]>(
    (heads, character) =>
      heads.flatMap((head) =>
        character === "8" ? [`${head}8`, `${head}0`] : [`${head}${character}`],
      ),
    [""],
  );
}

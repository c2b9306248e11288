import { ABSENT, type Field } from "../reading.ts";
import { type Line, weakestOf, wordsBetween } from "../words.ts";
import { boxOf, labelsOf } from "./cells.ts";
import type { OrderEvidence } from "./date-order.ts";
import { dateRole } from "./date-role.ts";
import { findDates } from "./dates.ts";

/**
 * The due date: the date that a label calls so. A boleto's typed line states it with check digits: where both are
 * there and agree, it is beyond doubt; where they differ, the printed one is given with little confidence; where only
 * the line was read, the line's is given.
 */
export function findDueDate(
  lines: readonly Line[],
  order: OrderEvidence | undefined,
  stated: string | undefined,
): Field {
  const printed = lines.flatMap((line, index) => {
    const dates = findDates(line.folded);
    return dates.flatMap((date, i): Field[] => {
      const from = dates[i - 1]?.end ?? 0;
      const { before, above } = labelsOf(lines, index, date.start, date.end);
      const [first, ...others] = date.meanings;
      const meant =
        others.length === 0 ? first : date.meanings.find((m) => m.order === order?.order);
      if (!meant || dateRole(before.slice(from), above) !== "DUE") {
        return [];
      }
      return [
        {
          value: meant.date,
          confidence: weakestOf(wordsBetween(line, date.start, date.end)),
          box: boxOf(line, date.start, date.end),
          page: line.page,
        },
      ];
    });
  });
  const agreeing = printed.find(({ value }) => value === stated);
  if (agreeing) {
    return { ...agreeing, confidence: 0.99 };
  }
  const [first] = printed;
  if (!first) {
    return stated === undefined ? ABSENT : { ...ABSENT, value: stated, confidence: 0.99 };
  }
  const contested = stated !== undefined || new Set(printed.map(({ value }) => value)).size > 1;
  return contested ? { ...first, confidence: Math.min(first.confidence, 0.3) } : first;
}

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { addDays } from "../../../src/calendar/brasilia.ts";
import { findDates, printedWeekday, weekdayOf } from "../../../src/receipts/fields/dates.ts";
import type { StrokedZeros } from "../../../src/receipts/fields/stroked-zeros.ts";
import { fold } from "../../../src/receipts/folding.ts";

const datesIn = (text: string): string[][] =>
  findDates(fold(text)).map(({ meanings }) => meanings.map(({ date }) => date));

const anyDate = fc.integer({ min: 0, max: 12_000 }).map((days) => addDays("2000-01-01", days));

describe("findDates", () => {
  it.each([
    ["25/12/2026", "2026-12-25"],
    ["25-12-2026", "2026-12-25"],
    ["25.12.26", "2026-12-25"],
    ["2026-12-25T10:00:00", "2026-12-25"],
    ["25 DEZ 2026 - 22:29:14", "2026-12-25"],
    ["25 de dezembro de 2026", "2026-12-25"],
    ["5 de março de 2026, às 10:00", "2026-03-05"],
    ["25/dez/2026", "2026-12-25"],
    ["Dec 25, 2026", "2026-12-25"],
    ["25th December 2026", "2026-12-25"],
    ["25DEC2026", "2026-12-25"],
    ["28/09/2026-22:29:17", "2026-09-28"],
    ["Emissão:25/12/2026", "2026-12-25"],
    ["10/0UT/2026", "2026-10-10"],
    ["5 de n0vembro de 2026", "2026-11-05"],
    ["15-5EP-2026", "2026-09-15"],
  ])("reads %s", (text, date) => {
    expect(datesIn(text)).toEqual([[date]]);
  });

  it("keeps both meanings of a date that is valid either way", () => {
    expect(datesIn("05/11/2026")).toEqual([["2026-11-05", "2026-05-11"]]);
    expect(datesIn("11/11/2026")).toEqual([["2026-11-11"]]);
  });

  it.each([
    "31/02/2026",
    "99/99/2026",
    "05/11/20261",
    "105/11/2026",
    "0?/11/2026",
    "05/11/2026?",
    "2-25/12/2016/3",
    "1.234/05/11/2026",
    "05/11-2026",
    "11.222.333/0001-81",
    "Resolução 25/12/1988",
    // Ten, or the first with a zero for the month's letter?
    "100UT2026",
  ])("takes no date from %s", (text) => {
    expect(datesIn(text)).toEqual([]);
  });

  it("does not take the number of a till into the date", () => {
    expect(datesIn("REG #2- 25/12/2016 10:04")).toEqual([["2016-12-25"]]);
  });

  it("reads back every date in each way of writing it", () => {
    const months =
      "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split(
        " ",
      );
    fc.assert(
      fc.property(anyDate, (date) => {
        const [year, month = "", day] = date.split("-");
        const name = months[Number(month) - 1] ?? "";
        for (const text of [
          `${day}/${month}/${year}`,
          `${day} de ${name} de ${year}`,
          `${day} ${name.slice(0, 3).toUpperCase()} ${year}`,
          `${year}-${month}-${day}`,
        ]) {
          expect(datesIn(`Data: ${text} às 10:00`).flat()).toContain(date);
        }
      }),
    );
  });
});

describe("zeros with a stroke, which are read as 8", () => {
  const daysIn = (text: string, zeros: StrokedZeros): string[] =>
    findDates(fold(text), zeros).flatMap(({ meanings }) => meanings.map(({ date }) => date));

  it("are seen where a date is none otherwise", () => {
    expect(daysIn("22-85-2826", "NOWHERE")).toEqual([]);
    expect(daysIn("22-85-2826", "WHERE_IMPOSSIBLE")).toEqual(["2026-05-22"]);
    expect(daysIn("88 AGO 2626", "WHERE_IMPOSSIBLE")).toEqual(["2026-08-08"]);
    expect(daysIn("18/06/2026", "WHERE_IMPOSSIBLE")).toEqual(["2026-06-18"]);
    expect(daysIn("81/45/2826", "WHERE_IMPOSSIBLE")).toEqual([]);
  });

  it("leave more than one day open where both can stand", () => {
    expect(daysIn("18 JUN 2826", "WHERE_IMPOSSIBLE")).toEqual(["2026-06-18", "2026-06-10"]);
    expect(daysIn("18 JUN 2026", "ANYWHERE")).toEqual(["2026-06-18", "2026-06-10"]);
    expect(daysIn("12 JUN 2026", "ANYWHERE")).toEqual(["2026-06-12"]);
  });
});

describe("weekdays", () => {
  it("are found beside the date", () => {
    const text = fold("Quinta-feira, 5 de novembro de 2026");
    const [date] = findDates(text);
    expect(date && printedWeekday(text, date)).toBe(4);
    expect(weekdayOf("2026-11-05")).toBe(4);
  });

  it("are not seen where there are none", () => {
    const text = fold("Pago em 05/11/2026 por João");
    const [date] = findDates(text);
    expect(date && printedWeekday(text, date)).toBeUndefined();
  });
});

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  addDays,
  dateInBrasilia,
  daysBetween,
  endOfDayBrasilia,
  parseBrazilianDate,
  parseDate,
  startOfDayBrasilia,
} from "../../src/calendar/brasilia.ts";

const dates = fc
  .date({ min: new Date("1970-01-01"), max: new Date("2099-12-30"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe("dateInBrasilia", () => {
  it("is the day before between 00:00 and 02:59 UTC", () => {
    expect(dateInBrasilia(new Date("2026-09-29T01:29:00Z"))).toBe("2026-09-28");
    expect(dateInBrasilia(new Date("2026-09-29T02:59:59.999Z"))).toBe("2026-09-28");
    expect(dateInBrasilia(new Date("2026-09-29T03:00:00Z"))).toBe("2026-09-29");
    expect(dateInBrasilia(new Date("2027-01-01T00:00:00Z"))).toBe("2026-12-31");
  });

  it("knows the daylight saving of before 2019", () => {
    expect(dateInBrasilia(new Date("2018-12-01T02:30:00Z"))).toBe("2018-12-01");
  });
});

describe("parseDate", () => {
  it.each(["2026-11-24", "2024-02-29", "2000-02-29", "1000-01-01", "9999-12-31"])(
    "reads %s",
    (text) => {
      expect(parseDate(text)).toBe(text);
    },
  );

  it.each([
    "",
    "2026-02-29",
    "1900-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-01-00",
    "2026-01-32",
    "2026-4-31",
    "2026-04-31",
    "26-01-01",
    "2026-01-01T00:00:00Z",
    " 2026-01-01",
    "2026/01/01",
    "0000-01-01",
    "0999-12-31",
    "+02026-01-01",
  ])("refuses %j", (text) => {
    expect(parseDate(text)).toBeUndefined();
  });
});

it("parseDate agrees with the calendar of Date on every day and none else", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1000, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
      (year, month, day) => {
        const pad = (n: number) => String(n).padStart(2, "0");
        const text = `${year}-${pad(month)}-${pad(day)}`;
        const instant = new Date(`${text}T00:00:00Z`);
        const real = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
        expect(parseDate(text)).toBe(real ? text : undefined);
      },
    ),
    { numRuns: 500 },
  );
});

describe("parseBrazilianDate", () => {
  it("reads dd/mm/yyyy", () => {
    expect(parseBrazilianDate("05/11/2026")).toBe("2026-11-05");
    expect(parseBrazilianDate("29/02/2024")).toBe("2024-02-29");
  });

  it.each(["29/02/2026", "5/11/2026", "05/11/26", "11/25/2026", "05-11-2026", "2026-11-05", ""])(
    "refuses %j",
    (text) => {
      expect(parseBrazilianDate(text)).toBeUndefined();
    },
  );
});

describe("counting days", () => {
  it("adding and counting undo each other", () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: -20_000, max: 20_000 }), (date, days) => {
        expect(daysBetween(date, addDays(date, days))).toBe(days);
      }),
    );
  });

  it("crosses months and leap days", () => {
    expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
    expect(addDays("2026-01-01", -1)).toBe("2025-12-31");
    expect(daysBetween("1997-10-07", "2025-02-21")).toBe(9999);
  });

  it("throws on what is no date", () => {
    expect(() => addDays("2026-02-30", 1)).toThrow(RangeError);
    expect(() => daysBetween("2026-02-28", "hoje")).toThrow(RangeError);
  });
});

describe("the day's bounds", () => {
  it("holds exactly the instants of that date, in every year", () => {
    fc.assert(
      fc.property(dates, (date) => {
        const start = startOfDayBrasilia(date);
        const end = endOfDayBrasilia(date);
        expect(dateInBrasilia(start)).toBe(date);
        expect(dateInBrasilia(end)).toBe(date);
        expect(dateInBrasilia(new Date(start.getTime() - 1))).toBe(addDays(date, -1));
        expect(dateInBrasilia(new Date(end.getTime() + 1))).toBe(addDays(date, 1));
      }),
      {
        examples: [["2018-11-04"], ["2018-02-17"], ["2018-02-18"], ["2019-02-16"], ["1985-11-02"]],
      },
    );
  });

  it("begins at 03:00 UTC today, at 02:00 UTC under daylight saving", () => {
    expect(startOfDayBrasilia("2026-11-24").toISOString()).toBe("2026-11-24T03:00:00.000Z");
    expect(endOfDayBrasilia("2026-11-24").toISOString()).toBe("2026-11-25T02:59:59.999Z");
    expect(startOfDayBrasilia("2018-12-01").toISOString()).toBe("2018-12-01T02:00:00.000Z");
  });
});

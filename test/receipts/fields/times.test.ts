import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { damagedTimes, findTimes } from "../../../src/receipts/fields/times.ts";
import { fold } from "../../../src/receipts/folding.ts";

const timesIn = (text: string, oneDigitHour = false): string[] =>
  findTimes(fold(text), { oneDigitHour }).map(({ time }) => time);

describe("findTimes", () => {
  it.each([
    ["às 17:12", "17:12"],
    ["17:12:33", "17:12:33"],
    ["05/11/2026 17:12:33.123", "17:12:33"],
    ["28/09/2026-22:29:17", "22:29:17"],
    ["17h12", "17:12"],
    ["17h12min", "17:12"],
    ["17h12min33s", "17:12:33"],
    ["17:12h", "17:12"],
    ["17:12hs", "17:12"],
    ["AUTO-ATENDIMENTO - 17.12.33", "17:12:33"],
    ["2026-11-05T17:12:33-03:00", "17:12:33"],
    ["05:12 PM", "17:12"],
    ["12:05:00 a.m.", "00:05:00"],
  ])("reads %s", (text, time) => {
    expect(timesIn(text)).toEqual([time]);
  });

  it.each([
    "1?:45",
    "29:14:XX",
    "17:12:4",
    "17:1_",
    "l7:12",
    "24:00",
    "17:60",
    "17:12:60",
    "17:12:3x",
    "117:12",
    "17:123",
    "?7:12",
    "13:05 PM",
    // PM, misread.
    "02:31:19 PH",
    "01:59 FM",
    "1:59:49 P.H.",
    "01:59:49 P",
  ])("takes no part of %s for a time", (text) => {
    expect(timesIn(text)).toEqual([]);
  });

  it("takes an hour of one digit only where documents print such", () => {
    expect(timesIn("9:45")).toEqual([]);
    expect(timesIn("9:45", true)).toEqual(["09:45"]);
  });

  it("takes no hour that an 8, which may be a zero with a stroke, leaves open; of seconds it takes none", () => {
    const stroked = (text: string) =>
      findTimes(text, { oneDigitHour: false, zeros: "ANYWHERE" }).map(({ time }) => time);
    expect(stroked("83:44:20")).toEqual(["03:44:20"]);
    expect(stroked("16:13:38")).toEqual(["16:13"]);
    expect(stroked("18:36:14")).toEqual([]);
    expect(stroked("16:38")).toEqual([]);
    expect(stroked("16:13:75")).toEqual([]);
    expect(timesIn("18:36:14")).toEqual(["18:36:14"]);
  });

  it("keeps a printed zone", () => {
    expect(findTimes("20:12:00 UTC", { oneDigitHour: false })[0]?.offset).toBe("+00:00");
    expect(findTimes("16:12:00-04:00", { oneDigitHour: false })[0]?.offset).toBe("-04:00");
  });

  it("reads back every time", () => {
    const two = (most: number) =>
      fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(2, "0"));
    fc.assert(
      fc.property(two(23), two(59), two(59), (hour, minute, second) => {
        expect(timesIn(`Data 05/11/2026 ${hour}:${minute}:${second}`)).toEqual([
          `${hour}:${minute}:${second}`,
        ]);
        expect(timesIn(`${hour}h${minute}`)).toEqual([`${hour}:${minute}`]);
      }),
    );
  });
});

describe("damagedTimes", () => {
  it("sees what was an hour", () => {
    expect(damagedTimes("05/11/2026 1?:45", [])).toEqual(["1?:45"]);
    expect(damagedTimes("29:14:XX", [])).toEqual(["29:14:XX"]);
    expect(damagedTimes("VALOR: R$ 10,00", [])).toEqual([]);
  });
});

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { SecondReading } from "../../src/receipts/fields/second-reading.ts";
import type { TimestampCandidate } from "../../src/receipts/fields/timestamp.ts";
import { triage } from "../../src/receipts/triage.ts";
import type { TimestampEvidence } from "../../src/receipts/weighing/timestamp-evidence.ts";
import { printed } from "./printed.ts";

const PORTUGUESE = {
  order: "DAY_FIRST",
  evidence: "PORTUGUESE_DOCUMENT",
  offset: "-03:00",
} as const;

const candidate: TimestampCandidate = {
  role: "PAYMENT",
  dates: ["2026-11-05"],
  orderEvidence: "PORTUGUESE_DOCUMENT",
  shortened: false,
  outvoted: 0,
  outvotedHours: 0,
  zeros: "NOWHERE",
  weekday: undefined,
  time: { time: "17:12:33", precision: "second", offset: undefined },
  damaged: [],
  dateConfidence: 0.95,
  timeConfidence: 0.95,
  dateInk: [{ amount: 1, contrast: 0.9, height: 20 }],
  timeInk: [{ amount: 1, contrast: 0.9, height: 20 }],
  strips: [{ page: 0, box: [0, 0, 100, 20], holds: ["DATE", "TIME"] }],
};

const again = (text: string, otherData = false): SecondReading => ({
  holds: ["DATE", "TIME"],
  line: printed(text)[0],
  otherData,
  last: false,
});
const AGREEING = [again("05/11/2026 17:12:33"), again("05/11/2026 17:12:33")];

function evidence(
  changes: Partial<TimestampEvidence> = {},
  chosen: Partial<TimestampCandidate> = {},
): TimestampEvidence {
  return {
    kind: "PIX_PROOF",
    method: "OCR",
    draft: {
      chosen: { ...candidate, ...chosen },
      precision: "second",
      ambiguousDates: [],
      ambiguousTimes: [],
      printings: 1,
    },
    order: PORTUGUESE,
    secondReadings: AGREEING,
    pixInstant: undefined,
    pixMayBe: [],
    keyMonth: undefined,
    offset: "-03:00",
    referenceDate: "2026-11-24",
    ...changes,
  };
}

const codes = (input: TimestampEvidence): string[] => triage(input).reasons.map(({ code }) => code);

describe("triage", () => {
  it("accepts what another reading agrees with", () => {
    const { timestamp, verdict, reasons } = triage(evidence());
    expect({ verdict, reasons }).toEqual({ verdict: "ACCEPTED", reasons: [] });
    expect(timestamp).toMatchObject({
      value: "2026-11-05T17:12:33-03:00",
      precision: "second",
      evidence: ["SECOND_READING", "PORTUGUESE_DOCUMENT"],
      box: [0, 0, 100, 20],
    });
  });

  it("accepts nothing that only one reading gave, however sure it was", () => {
    const input = evidence({ secondReadings: [] }, { dateConfidence: 1, timeConfidence: 1 });
    expect(codes(input)).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
    expect(triage(input).timestamp.value).toBeNull();
  });

  it("accepts characters read with little certainty when the other language's data agree", () => {
    const unsure = { dateConfidence: 0.5, timeConfidence: 0.5 };
    expect(codes(evidence({}, unsure))).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
    const others = (text: string) => [...AGREEING, again(text, true), again(text, true)];
    const agreed = evidence({ secondReadings: others("05/11/2026 17:12:33") }, unsure);
    expect(triage(agreed)).toMatchObject({
      verdict: "ACCEPTED",
      timestamp: { evidence: ["SECOND_READING", "OTHER_LANGUAGE_DATA", "PORTUGUESE_DOCUMENT"] },
    });
    const disputed = evidence({ secondReadings: others("05/11/2026 17:42:33") }, unsure);
    expect(codes(disputed)).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
  });

  it("lets one look that is unsure itself be outvoted by three, and no surer one", () => {
    const dissent = (text: string, weakest: number): SecondReading => {
      const [line] = printed(text);
      const words = line?.words.map((word) => ({ ...word, weakest })) ?? [];
      return {
        holds: ["DATE"],
        line: line && { ...line, words },
        otherData: true,
        last: false,
      };
    };
    const day = (...looks: SecondReading[]) =>
      triage(evidence({ kind: "TILL_RECEIPT", secondReadings: [...AGREEING, ...looks] }));
    const other = again("05/11/2026 17:12:33", true);
    expect(day(other, dissent("06/11/2026", 0.6)).verdict).toBe("ACCEPTED");
    expect(day(other, dissent("06/11/2026", 0.9)).verdict).toBe("MANUAL_REVIEW");
    expect(day(dissent("06/11/2026", 0.6)).verdict).toBe("MANUAL_REVIEW");
  });

  it("lets looks outvote an unsure reading of the page, when three of them bear each other out", () => {
    const other = again("05/11/2026 17:12:33", true);
    const day = (...looks: SecondReading[]) =>
      triage(
        evidence(
          { kind: "TILL_RECEIPT", secondReadings: [...AGREEING, ...looks] },
          { outvoted: 1 },
        ),
      ).verdict;
    expect(day(other)).toBe("ACCEPTED");
    expect(day()).toBe("MANUAL_REVIEW");
  });

  it("takes three that agree where last looks were needed, of both languages' data if one does not", () => {
    const last = (text: string, otherData: boolean): SecondReading => ({
      ...again(text, otherData),
      last: true,
    });
    const date = "05/11/2026 17:12:33";
    const accepted = (...secondReadings: SecondReading[]): boolean =>
      triage(evidence({ secondReadings })).verdict === "ACCEPTED";
    expect(accepted(again(date, true), last(date, false), last(date, true))).toBe(true);
    expect(accepted(again(date, true), last("05-05 «15", false), last(date, true))).toBe(false);
    const ofOne = [again(date), again(date), last(date, false)];
    expect(accepted(...ofOne, last("0", true))).toBe(true);
    expect(accepted(...ofOne, last("06/11/2026", true))).toBe(false);
    expect(accepted(again(date), again(date))).toBe(true);
  });

  it("accepts no day of which not one of the looks was sure, many as they are", () => {
    const look = (weakest: number, otherData: boolean): SecondReading => {
      const [line] = printed("05/11/2026 17:12:33");
      const words = line?.words.map((word) => ({ ...word, weakest })) ?? [];
      return { holds: ["DATE"], line: line && { ...line, words }, otherData, last: false };
    };
    const looks = (weakest: number) =>
      [false, false, true, true].map((otherData) => look(weakest, otherData));
    const day = (weakest: number) =>
      triage(
        evidence({ kind: "TILL_RECEIPT", secondReadings: looks(weakest) }, { dateConfidence: 0.7 }),
      );
    expect(day(0.78).reasons.map(({ code }) => code)).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
    expect(day(0.82).verdict).toBe("ACCEPTED");
  });

  it("keeps a date and leaves the hour out on which readings differ", () => {
    const input = evidence({
      secondReadings: [again("05/11/2026 17:12:33"), again("05/11/2026 11:12:33")],
    });
    expect(codes(input)).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
    expect(triage(input).timestamp).toMatchObject({ value: "2026-11-05", precision: "day" });
  });

  it("accepts the day alone where a kind needs no hour", () => {
    const input = evidence({
      kind: "BOLETO_PROOF",
      secondReadings: [again("05/11/2026 17:12:33"), again("05/11/2026 11:12:33")],
    });
    expect(triage(input)).toMatchObject({
      verdict: "ACCEPTED",
      timestamp: { value: "2026-11-05", precision: "day" },
    });
  });

  it("leaves seconds out on which readings differ", () => {
    const input = evidence({
      secondReadings: [again("05/11/2026 17:12:33"), again("05/11/2026 17:12:38")],
    });
    expect(triage(input)).toMatchObject({
      verdict: "ACCEPTED",
      timestamp: { value: "2026-11-05T17:12:00-03:00", precision: "minute" },
    });
  });

  it("asks a person when the hour is missing", () => {
    const input = evidence({}, { time: undefined, damaged: ["1?:45"] });
    const missing = { ...input, draft: { ...input.draft, precision: "day" as const } };
    expect(triage(missing).reasons).toEqual([
      {
        code: "HOUR_MISSING",
        severity: "REVIEW",
        evidence: { value: "2026-11-05", printed: "1?:45" },
      },
    ]);
  });

  it("asks a person when the digits of the hour are paler, thinner or thicker than those of the date", () => {
    for (const ink of [
      { amount: 0.7, contrast: 0.9, height: 20 },
      { amount: 0.78, contrast: 0.9, height: 20 },
      { amount: 2, contrast: 0.9, height: 20 },
      { amount: 1, contrast: 0.5, height: 20 },
      // Larger digits with half of their strokes.
      { amount: 0.7, contrast: 0.9, height: 25 },
      // The date's box is the taller one: half of the strokes look like all of them.
      { amount: 1.36, contrast: 0.9, height: 14.6 },
    ]) {
      expect(codes(evidence({}, { timeInk: [ink] }))).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
    }
  });

  it("asks for less ink of an hour that an id has, or that is read surely and alike by both languages' data", () => {
    const pixInstant = new Date("2026-11-05T20:12:00Z");
    const alike = [...AGREEING, again("05/11/2026 17:12:33", true)];
    const inked = (amount: number, changes: Partial<TimestampEvidence>) =>
      codes(evidence(changes, { timeInk: [{ amount, contrast: 0.9, height: 20 }] }));
    expect(inked(0.72, { pixInstant })).toEqual([]);
    expect(inked(0.66, { pixInstant })).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
    expect(inked(0.66, { secondReadings: alike })).toEqual([]);
    expect(inked(0.6, { secondReadings: alike })).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
  });

  it("relies on no 8 that may be a zero where a look shows that zeros are read as 8", () => {
    const read = (text: string, otherData = false) => again(`${text} 18:28`, otherData);
    const seen = (other: string, hour = "18:28") =>
      codes(
        evidence(
          { secondReadings: [read("05/11/2026"), read("05/11/2026"), read(other, true)] },
          {
            time: { time: hour, precision: "minute", offset: undefined },
            zeros: "WHERE_IMPOSSIBLE",
          },
        ),
      );
    expect(seen("05/11/2026")).toEqual([]);
    expect(seen("85/11/2026")).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
    const day = (looked: string) =>
      codes(
        evidence(
          {
            kind: "TILL_RECEIPT",
            secondReadings: [again("18/10/2026"), again("18/10/2026"), again(looked, true)],
          },
          { dates: ["2026-10-18"], time: undefined, zeros: "WHERE_IMPOSSIBLE" },
        ),
      );
    expect(day("18/10/2026")).toEqual([]);
    expect(day("18/18/2026")).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
  });

  it("asks a person where one look has the same day of a later year", () => {
    const look = (day: string, sureness: number, otherData: boolean): SecondReading => ({
      holds: ["DATE"],
      line: printed(day, sureness)[0],
      otherData,
      last: false,
    });
    const agreeing = [false, false, true].map((other) => look("05/11/2025", 0.95, other));
    const against = (day: string) =>
      codes(
        evidence(
          { kind: "TILL_RECEIPT", secondReadings: [...agreeing, look(day, 0.6, true)] },
          { dates: ["2025-11-05"], time: undefined },
        ),
      );
    expect(against("05/11/2023")).toEqual([]);
    expect(against("05/11/2026")).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
  });

  it("does not take an hour for thicker because the strokes of the date reach beyond its digits", () => {
    const timeInk = [{ amount: 2.02, contrast: 0.9, height: 14 }];
    expect(codes(evidence({}, { timeInk }))).toEqual([]);
  });

  it("asks a person when the document is of a day to come", () => {
    const input = evidence({ referenceDate: "2026-11-04" });
    expect(triage(input).reasons).toMatchObject([
      { code: "TIMESTAMP_CONTRADICTED", evidence: { witness: "REFERENCE_DATE" } },
    ]);
  });

  it("proves nothing by a scheduling slip", () => {
    expect(triage(evidence({ kind: "SCHEDULING" }))).toMatchObject({
      verdict: "MANUAL_REVIEW",
      timestamp: { value: null },
      reasons: [{ code: "SCHEDULED_NOT_PAID" }],
    });
  });

  it("does not choose between two days, nor between two meanings of one", () => {
    const draft = {
      ...evidence().draft,
      chosen: undefined,
      ambiguousDates: ["2026-11-05", "2026-11-06"],
    };
    expect(codes(evidence({ draft }))).toEqual(["TIMESTAMP_AMBIGUOUS"]);
    expect(codes(evidence({}, { dates: ["2026-11-05", "2026-05-11"] }))).toEqual([
      "TIMESTAMP_AMBIGUOUS",
    ]);
  });

  it("needs no sure look at a day whose zeros are read as 8, when many agree and none does not", () => {
    const looks = Array.from({ length: 6 }, () => ({
      ...again("05/11/2026 17:12:33"),
      line: printed("85/11/2826 17:12:33", 0.75)[0],
    }));
    const unsure = { dateConfidence: 0.6, zeros: "ANYWHERE" } as const;
    expect(codes(evidence({ secondReadings: looks }, unsure))).toEqual([]);
    for (const refused of [
      evidence({ secondReadings: looks }, { ...unsure, zeros: "WHERE_IMPOSSIBLE" }),
      evidence({ secondReadings: looks.slice(1) }, unsure),
      evidence({ secondReadings: [...looks, again("06/11/2026")] }, unsure),
    ]) {
      expect(codes(refused)).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
    }
  });

  it("believes no single digit of a day that Brazilians print with two", () => {
    const secondReadings = [again("5/11/2026 17:12:33"), again("5/11/2026 17:12:33")];
    expect(codes(evidence({ secondReadings }, { shortened: true }))).toEqual([
      "TIMESTAMP_LOW_CONFIDENCE",
    ]);
    const whole = [...AGREEING, ...secondReadings];
    expect(codes(evidence({ secondReadings: whole }, { shortened: true }))).toEqual([]);
  });
});

describe("witnesses", () => {
  const at = (instant: string): Date => new Date(instant);

  it("an end-to-end id of the same minute makes the hour sure", () => {
    const input = evidence({ pixInstant: at("2026-11-05T20:12:00Z") }, { timeConfidence: 0.5 });
    expect(triage(input).timestamp.evidence).toContain("END_TO_END_ID");
    expect(triage(input).verdict).toBe("ACCEPTED");
  });

  it("an id of the very minute settles what the looks differ in, if the hour was not hardly read", () => {
    const pixInstant = at("2026-11-05T20:12:00Z");
    const secondReadings = [again("05/11/2026 17:12:33"), again("06/11/2026 11:12:33")];
    expect(codes(evidence({ secondReadings }))).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
    expect(codes(evidence({ secondReadings, pixInstant }))).toEqual([]);
    const beside = at("2026-11-05T20:13:00Z");
    expect(codes(evidence({ secondReadings, pixInstant: beside }))).toEqual([
      "TIMESTAMP_LOW_CONFIDENCE",
    ]);
    expect(codes(evidence({ secondReadings, pixInstant }, { timeConfidence: 0.4 }))).toEqual([
      "TIMESTAMP_LOW_CONFIDENCE",
    ]);
  });

  it("an id of which an 8 may be a zero settles nothing, and contradicts nothing that it may be of", () => {
    const pixMayBe = [at("2026-11-05T20:12:00Z")];
    expect(codes(evidence({ pixInstant: at("2026-11-05T20:18:00Z"), pixMayBe }))).toEqual([]);
    const secondReadings = [again("05/11/2026 17:12:33"), again("05/11/2026 11:12:33")];
    const pixInstant = at("2026-11-05T20:12:00Z");
    const open = evidence({ secondReadings, pixInstant, pixMayBe: [at("2026-11-05T20:18:00Z")] });
    expect(codes(open)).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
  });

  it("an id of hours before supports no hour that was read from a picture", () => {
    const pixInstant = at("2026-11-05T14:12:00Z");
    expect(codes(evidence({ pixInstant }))).toEqual(["TIMESTAMP_LOW_CONFIDENCE"]);
    expect(codes(evidence({ pixInstant, method: "TEXT_LAYER", secondReadings: [] }))).toEqual([]);
  });

  it.each(["2026-11-05T20:16:00Z", "2026-11-05T07:00:00Z", "2026-11-07T20:12:00Z"])(
    "an id made after the payment, or more than 12 hours before, contradicts: %s",
    (instant) => {
      for (const method of ["OCR", "TEXT_LAYER"] as const) {
        const input = evidence({ pixInstant: at(instant), method });
        expect(codes(input)).toEqual(["TIMESTAMP_CONTRADICTED"]);
      }
    },
  );

  it("an id of 23:50 the day before belongs to a payment after midnight", () => {
    const secondReadings = [again("05/11/2026 00:03:10"), again("05/11/2026 00:03:10")];
    const time = { time: "00:03:10", precision: "second" as const, offset: undefined };
    const input = evidence({ pixInstant: at("2026-11-05T02:59:00Z"), secondReadings }, { time });
    expect(triage(input)).toMatchObject({
      verdict: "ACCEPTED",
      timestamp: { value: "2026-11-05T00:03:10-03:00" },
    });
  });

  it("month of the access key and weekday speak for or against the day", () => {
    expect(triage(evidence({ kind: "NFE", keyMonth: "2026-11" })).timestamp.evidence).toContain(
      "DFE_KEY",
    );
    expect(codes(evidence({ kind: "NFE", keyMonth: "2026-10" }))).toEqual([
      "TIMESTAMP_CONTRADICTED",
    ]);
    expect(codes(evidence({}, { weekday: 4 }))).toEqual([]);
    expect(codes(evidence({}, { weekday: 5 }))).toEqual(["TIMESTAMP_CONTRADICTED"]);
  });
});

describe("whatever the evidence", () => {
  it("acceptance comes without reasons, review with at least one, and never a value it did not read", () => {
    const input = fc.record({
      kind: fc.constantFrom("PIX_PROOF" as const, "NFE" as const, "TILL_RECEIPT" as const),
      method: fc.constantFrom("OCR" as const, "TEXT_LAYER" as const),
      secondReadings: fc.array(
        fc.constantFrom(
          ...["05/11/2026 17:12:33", "05/11/2026", "06/11/2026 17:12", "x"].map((text) =>
            again(text),
          ),
        ),
        { maxLength: 2 },
      ),
      pixInstant: fc.option(fc.date({ min: at2026(), max: at2027(), noInvalidDate: true }), {
        nil: undefined,
      }),
    });
    fc.assert(
      fc.property(input, fc.double({ min: 0, max: 1, noNaN: true }), (changes, confidence) => {
        const result = triage(
          evidence(changes, { dateConfidence: confidence, timeConfidence: confidence }),
        );
        expect(result.reasons.length > 0).toBe(result.verdict === "MANUAL_REVIEW");
        expect([
          null,
          "2026-11-05",
          "2026-11-05T17:12:00-03:00",
          "2026-11-05T17:12:33-03:00",
        ]).toContain(result.timestamp.value);
      }),
    );
  });
});

function at2026(): Date {
  return new Date("2026-11-04T00:00:00Z");
}

function at2027(): Date {
  return new Date("2026-11-07T00:00:00Z");
}

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { dateInBrasilia } from "../../src/calendar/brasilia.ts";
import { parseEndToEndId } from "../../src/identifiers/end-to-end-id.ts";
import { vectors } from "./vectors.ts";

describe("parseEndToEndId", () => {
  it("reads the shared example, whose evening in Brasília is the next day in UTC", () => {
    const read = parseEndToEndId(` ${vectors.e2e.example} `);
    expect(read).toEqual({
      id: vectors.e2e.example,
      kind: "PAYMENT",
      ispb: "12345678",
      instant: new Date(vectors.e2e.utc),
    });
    expect(read && dateInBrasilia(read.instant)).toBe("2026-09-28");
  });

  it("tells a devolução by its letter", () => {
    expect(parseEndToEndId("D0036030520261105201200000000001")?.kind).toBe("REFUND");
  });

  it("keeps the case of the last eleven characters", () => {
    expect(parseEndToEndId("E12345678202609290129ab3dE9fGh1J")?.id).toBe(
      "E12345678202609290129ab3dE9fGh1J",
    );
  });

  it.each([
    "",
    "e12345678202609290129Ab3dE9fGh1J",
    "E12345678202602300129Ab3dE9fGh1J",
    "E12345678202609292429Ab3dE9fGh1J",
    "E12345678202609290160Ab3dE9fGh1J",
    "E12345678202609290129Ab3dE9fGh1",
    "E12345678202609290129Ab3dE9fGh1JX",
    "E1234567820260929O129Ab3dE9fGh1J",
    "F12345678202609290129Ab3dE9fGh1J",
    "E12345678202613290129Ab3dE9fGh1J",
  ])("refuses %j", (text) => {
    expect(parseEndToEndId(text)).toBeUndefined();
  });

  it("reads back the minute that was written", () => {
    const minutes = fc.date({
      min: new Date("2020-11-16"),
      max: new Date("2099-12-31"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(minutes, fc.stringMatching(/^[A-Za-z0-9]{11}$/), (date, suffix) => {
        const minute = date.toISOString().slice(0, 16);
        const id = `E00360305${minute.replace(/\D/g, "")}${suffix}`;
        expect(parseEndToEndId(id)?.instant).toEqual(new Date(`${minute}Z`));
      }),
    );
  });
});

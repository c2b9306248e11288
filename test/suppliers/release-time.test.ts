import { describe, expect, it } from "@jest/globals";
import { releaseTime, releaseTimeInText } from "../../src/suppliers/release-time.ts";

const REAL_TEXT =
  "Excedido o limite máximo de 3 consultas por minuto. Liberação ocorrerá em " +
  "Fri Sep 27 2024 09:28:55 GMT-0300 (Brasilia Standard Time)";
const now = new Date("2024-09-27T12:28:10Z");

describe("releaseTimeInText", () => {
  it("reads the text of the real service", () => {
    expect(releaseTimeInText(REAL_TEXT)).toEqual(new Date("2024-09-27T12:28:55Z"));
  });

  it.each([
    "",
    "Muitas requisições",
    "Fri Foo 27 2024 09:28:55 GMT-0300",
    "Fri Sep 27 2024 29:28:55 GMT-0300",
  ])("finds none in %j", (text) => {
    expect(releaseTimeInText(text)).toBeUndefined();
  });
});

describe("releaseTime", () => {
  it("believes Retry-After first, in seconds or as a date", () => {
    expect(releaseTime("17", REAL_TEXT, now)).toEqual(new Date("2024-09-27T12:28:27Z"));
    expect(releaseTime("Fri, 27 Sep 2024 12:29:30 GMT", REAL_TEXT, now)).toEqual(
      new Date("2024-09-27T12:29:30Z"),
    );
  });

  it("then the text", () => {
    expect(releaseTime(null, REAL_TEXT, now)).toEqual(new Date("2024-09-27T12:28:55Z"));
    expect(releaseTime("soon", REAL_TEXT, now)).toEqual(new Date("2024-09-27T12:28:55Z"));
  });

  it("else waits a minute", () => {
    expect(releaseTime(null, "", now)).toEqual(new Date("2024-09-27T12:29:10Z"));
  });

  it("takes a time that has passed, or one beyond a day, as not given", () => {
    const later = new Date("2024-09-27T12:28:55Z");
    expect(releaseTime(null, REAL_TEXT, later)).toEqual(new Date("2024-09-27T12:29:55Z"));
    expect(releaseTime("999999999", "", now)).toEqual(new Date("2024-09-27T12:29:10Z"));
    expect(releaseTime("0", "", now)).toEqual(new Date("2024-09-27T12:29:10Z"));
  });
});

import { describe, expect, it } from "@jest/globals";
import pg from "pg";
import { z } from "zod";
import { isOfData } from "../../src/database/data-error.ts";

function refusal(code: string): pg.DatabaseError {
  const error = new pg.DatabaseError("refused", 0, "error");
  return Object.assign(error, { code });
}

describe("an error", () => {
  it.each(["22P02", "23514", "21000", "54000", "BLD06"])("%s is of the data", (code) => {
    expect(isOfData(refusal(code))).toBe(true);
  });

  it.each(["08006", "40001", "40P01", "42501", "53300", "55P03", "57014", "57P01", "XX000"])(
    "%s is not",
    (code) => {
      expect(isOfData(refusal(code))).toBe(false);
    },
  );

  it("of our own is of the data, one of the system is not", () => {
    expect(isOfData(new TypeError("Cannot read"))).toBe(true);
    expect(isOfData(z.string().safeParse(1).error)).toBe(true);
    expect(isOfData(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }))).toBe(false);
    expect(isOfData("thrown")).toBe(false);
  });

  it.each([
    "Connection terminated unexpectedly",
    "Client has encountered a connection error and is not queryable",
  ])("of a session that ended is not, though pg gives it no code: %s", (message) => {
    expect(isOfData(new Error(message))).toBe(false);
  });
});

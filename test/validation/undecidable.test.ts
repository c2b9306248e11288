import { expect, it } from "@jest/globals";
import pg from "pg";
import { z } from "zod";
import { causeOf } from "../../src/validation/undecidable.ts";

it("tells of an error without what it quotes", () => {
  const refusal = Object.assign(new pg.DatabaseError("CPF 52998224725", 0, "error"), {
    code: "23514",
    table: "decisions",
    constraint: "facts_hashed",
  });
  expect(causeOf(refusal)).toBe("23514 decisions facts_hashed");
  expect(causeOf(z.object({ a: z.string() }).safeParse({ a: 1 }).error)).toBe("ZodError a");
  expect(causeOf(new TypeError("52998224725"))).toBe("TypeError");
});

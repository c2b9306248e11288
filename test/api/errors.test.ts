import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { ApiError, ERRORS, errorForLog, INTERNAL, publicError } from "../../src/api/errors.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

describe("the registry of errors", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const registry = Object.entries(ERRORS).map(([code, { status, message }]) => ({
    code,
    status,
    message,
  }));

  it("is the same in SQL", async () => {
    const { rows } = await database
      .pool("migrator")
      .query(
        "select code, http_status as status, meaning as message from blindagem_private.error_codes order by code",
      );
    expect(rows).toEqual(registry);
  });

  it("is the same in docs/errors.md", async () => {
    const text = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
    const rows = [...text.matchAll(/^\| *(BLD\d\d) *\| *(\d+) *\| (.*?) *\|$/gm)].map(
      ([, code, status, message]) => ({ code, status: Number(status), message }),
    );
    expect(rows).toEqual(registry);
  });
});

describe("publicError", () => {
  it("shows our own errors with their own message", () => {
    expect(publicError(new ApiError("BLD05", "Já é do lote 7."))).toEqual({
      code: "BLD05",
      status: 409,
      message: "Já é do lote 7.",
    });
  });

  it("says of PostgreSQL's errors only what they mean, never their text", () => {
    const error = Object.assign(new Error('duplicate key "people_email" (secret@example.com)'), {
      code: "23505",
      detail: "Key (email)=(secret@example.com) already exists.",
    });
    expect(publicError(error)).toEqual({ code: "BLD11", ...ERRORS.BLD11 });
  });

  it("says what is wrong where the condition or the constraint tells it", () => {
    const of = (code: string, constraint?: string) => publicError({ code, constraint });
    expect(of("22021").message).toContain("caractere nulo");
    expect(of("22023").message).toContain("lista de objetos");
    expect(of("22007").message).toContain("2026-11-05T17:12:00-03:00");
    expect(of("22P02").message).toContain("não tem a forma do seu tipo");
    expect(of("23514", "cnpj_check")).toMatchObject({
      code: "BLD04",
      message: expect.stringContaining("CNPJ (cnpj)"),
    });
    expect(of("23514", "toString")).toEqual({ code: "BLD04", ...ERRORS.BLD04 });
    expect(of("23514")).toEqual({ code: "BLD04", ...ERRORS.BLD04 });
  });

  it.each([
    new Error("boom"),
    Object.assign(new Error("syntax"), { code: "42601" }),
    Object.assign(new Error("forged"), { code: "toString" }),
    Object.assign(new Error("server"), { statusCode: 500 }),
    "text",
    null,
    undefined,
  ])("masks %p", (error) => {
    expect(publicError(error)).toEqual(INTERNAL);
  });

  it("asks to try again when the database cannot be reached", () => {
    expect(publicError({ code: "ECONNREFUSED" }).code).toBe("BLD14");
    expect(publicError(new Error("timeout exceeded when trying to connect")).code).toBe("BLD14");
    expect(publicError({ code: "57P01", routine: "ProcessInterrupts" }).code).toBe("BLD14");
  });

  it.each([
    "Query read timeout",
    "Connection terminated",
    "Client was closed and is not queryable",
    "Client has encountered a connection error and is not queryable",
  ])("asks to try again when a connection was given up: %s", (message) => {
    expect(publicError(new Error(message)).code).toBe("BLD14");
  });

  it("knows the framework's refusals of a body", () => {
    expect(publicError({ code: "FST_ERR_CTP_BODY_TOO_LARGE", statusCode: 413 }).code).toBe("BLD09");
    expect(publicError({ code: "FST_ERR_CTP_EMPTY_JSON_BODY", statusCode: 400 }).code).toBe(
      "BLD04",
    );
  });
});

describe("errorForLog", () => {
  it("keeps PostgreSQL's values out of the log", () => {
    const error = Object.assign(new Error("value 123.456.789-09 is wrong"), {
      code: "XX000",
      routine: "somewhere",
      detail: "123.456.789-09",
    });
    const logged = JSON.stringify(errorForLog(error));
    expect(logged).not.toContain("123.456.789-09");
    expect(logged).toContain("XX000");
  });
});

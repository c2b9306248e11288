import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const required = (reason: string | null) =>
  database.pool("migrator").query("select blindagem_private.require_reason($1)", [reason]);

describe("a reason", () => {
  it.each([
    "Mês conferido",
    "ok!",
    "Ata nº 3:\n\t- item 2",
    "不明だ",
    "x".repeat(1000),
    "  com espaços em volta  ",
  ])("may be %p", async (reason) => {
    await expect(required(reason)).resolves.toMatchObject({ rowCount: 1 });
  });

  it.each([
    null,
    "",
    "   ",
    "ok",
    "\n\n\n\n",
    "\t \n \r ",
    "\u00a0\u00a0\u00a0",
    "\u200b\u200b\u200b\u200b",
    "a \u200b\u2060\ufeff b",
    "x".repeat(1001),
  ])("is missing in %p: three characters are to be seen", async (reason) => {
    await expect(required(reason)).rejects.toMatchObject({ code: "BLD08" });
  });

  it.each([
    "estava \u001b[2Jerrado",
    "pago\u0007 sim",
    "dito \u202eodnilosba\u202c",
    "sim\u0085não",
  ])("is refused in %j: it would not be read as it is written", async (reason) => {
    await expect(required(reason)).rejects.toMatchObject({
      code: "BLD04",
      message: expect.stringContaining("caracteres de controle"),
    });
  });

  it("holds no CPF", async () => {
    await expect(required("pedido de 529.982.247-25")).rejects.toMatchObject({ code: "BLD04" });
    await expect(required("protocolo 529.982.247-26")).resolves.toMatchObject({ rowCount: 1 });
  });
});

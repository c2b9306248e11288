import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { roleName } from "../../src/database/role-names.ts";
import { seedReaderThreshold } from "../../src/database/seed-reference-data.ts";
import { LEAST_PROBABILITY } from "../../src/receipts/probability.ts";
import { READER_VERSION } from "../../src/receipts/store-reading.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { ask, createTenant, type Tenant } from "../database/world.ts";
import { readingOf } from "../tasks/administradora.ts";
import { commandRunner, environmentOf, messageOfFailure, type RunCommand } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);

let database: TestDatabase;
let tenant: Tenant;
let run: RunCommand;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
  run = commandRunner(environmentOf(database));
});
afterAll(() => database.drop());

let documents = 0;

/** A document that was handed in and read, with that timestamp. */
async function read(timestamp: string): Promise<string> {
  documents += 1;
  const sha256 = documents.toString(16).padStart(64, "e");
  await ask(
    database,
    tenant.askers.integrator,
    "select blindagem_private.register_document($1, 'WEBP', 1000, $2)",
    [sha256, `recibo-${documents}.webp`],
  );
  await database.pool("worker").query(
    `insert into blindagem.document_readings (sha256, reader_version, kind, verdict, reading)
     values ($1, $2, 'NFSE', 'ACCEPTED', $3)`,
    [sha256, READER_VERSION, JSON.stringify(readingOf({ timestamp, amount: "10.00" }))],
  );
  return sha256;
}

const correct = (sha256: string, printedAt: string | null, asker = tenant.askers.reviewer) =>
  ask(database, asker, "select blindagem.correct_reading($1, 'Conferido na imagem', $2, 10)", [
    sha256,
    printedAt,
  ]);

describe("corrections of readings", () => {
  it("are measured by evaluate: what was accepted is right to the precision that it claims", async () => {
    await correct(await read("2026-11-05T17:12:33-03:00"), "2026-11-05T17:12:33");
    await correct(await read("2026-11-05T17:12:33-03:00"), "2026-11-05T17:12:38");
    const twice = await read("2026-11-05T17:12:33-03:00");
    await correct(twice, null);
    await correct(twice, "2026-11-05T17:12:33");
    const { stdout } = await run("ocr", "evaluate", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      readerVersion: READER_VERSION,
      inForce: LEAST_PROBABILITY,
      corrections: 3,
      coverage: { count: 3, of: 3 },
      wrong: { count: 1, of: 3 },
      amounts: { count: 3, of: 3 },
      calibration: [{ told: expect.closeTo(0.99), right: { count: 2, of: 3 } }],
    });
    expect((await run("ocr", "evaluate")).stdout).toContain("errados entre os aceitos 1 de 3");
  });

  it.each(["2026-02-30", "2026-11-05T24:00", "05/11/2026"])("are no %s", async (printedAt) => {
    await expect(correct(await read("2026-11-05T17:12:33-03:00"), printedAt)).rejects.toMatchObject(
      {
        code: "BLD04",
      },
    );
  });

  it("are of documents that the organization handed in", async () => {
    const other = await createTenant(database);
    const sha256 = await read("2026-11-05T17:12:33-03:00");
    await expect(correct(sha256, "2026-11-05", other.askers.reviewer)).rejects.toMatchObject({
      code: "BLD03",
    });
    await expect(correct(sha256, "2026-11-05", tenant.askers.sindico)).rejects.toMatchObject({
      code: "BLD02",
    });
  });
});

describe("the threshold", () => {
  it("is changed with a reason only: stricter at will, looser if an operator confirms it", async () => {
    const recalibrate = (...options: string[]) =>
      run("ocr", "recalibrate", "--reason", "Auditoria", ...options);
    expect(messageOfFailure(await recalibrate())).toContain("confira mais documentos aceitos");
    expect((await recalibrate("--least", "0,9995")).stdout).toContain("99,95 % em vigor");
    expect(messageOfFailure(await recalibrate("--least", "0.999"))).toContain(
      "exige que um operador",
    );
    const sets = (value: number) =>
      ask(
        database,
        tenant.askers.admin,
        "select blindagem.set_setting('receipt_least_confidence', $1, 'Rigor')",
        [value],
      );
    await expect(sets(9990)).rejects.toMatchObject({ code: "BLD04" });
    await sets(9998);
    expect((await recalibrate("--least", "0.999", "--loosen")).stdout).toContain(
      "99,90 % em vigor",
    );
    const { rows } = await database
      .pool("migrator")
      .query(
        "select basis, least_probability::float8 as least from blindagem.reader_thresholds order by id",
      );
    expect(rows).toEqual([
      { basis: "RELEASE", least: LEAST_PROBABILITY },
      { basis: "OPERATOR", least: 0.9995 },
      { basis: "OPERATOR", least: 0.999 },
    ]);
  });
});

describe("a new version of the reader", () => {
  it("comes with its threshold, but does not loosen the one in force", async () => {
    const client = await database.pool("migrator").connect();
    try {
      await client.query("begin");
      await client.query(`set local role ${roleName(database.prefix, "owner")}`);
      const inForce = async () => {
        const { rows } = await client.query<{ least: string }>(
          "select blindagem_private.reader_threshold() as least",
        );
        return Number(rows[0]?.least);
      };
      await seedReaderThreshold(client, "stricter", 0.9995);
      expect(await inForce()).toBe(0.9995);
      await seedReaderThreshold(client, "looser", 0.9);
      expect(await inForce()).toBe(0.9995);
    } finally {
      await client.query("rollback");
      client.release();
    }
  });
});

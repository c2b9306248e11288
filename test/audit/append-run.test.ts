import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { z } from "zod";
import { APPEND_RUN, GROUP_WHOLE } from "../../src/audit/append-run.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

const DEAD_ROWS = 60_000;

let database: TestDatabase;
/** Has a snapshot older than the dead rows, so that nothing cleans them up. */
let holder: pg.PoolClient;
/** After it lies nothing but what waits. */
let mark: bigint;
beforeAll(async () => {
  database = await createTestDatabase();
  const owner = database.pool("migrator");
  holder = await owner.connect();
  await holder.query("begin isolation level repeatable read");
  await holder.query("select 1");
  const auditor = await owner.connect();
  await auditor.query(`set role ${database.prefix}_audit_owner`);
  await auditor.query(
    `insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
     select nextval('blindagem_audit.record_id'), '{1}', now() from generate_series(1, $1::int)`,
    [DEAD_ROWS],
  );
  await auditor.query("delete from blindagem_audit.pending_records");
  await auditor.query("vacuum analyze blindagem_audit.pending_records");
  const { rows } = await auditor.query("select last_value from blindagem_audit.record_id");
  mark = BigInt(rows[0]?.last_value);
  await auditor.query("reset role");
  auditor.release();
  for (const subject of ["a", "b", "c"]) {
    await owner.query("insert into blindagem.people (subject, name) values ($1, 'Pessoa')", [
      subject,
    ]);
  }
});
afterAll(async () => {
  await holder.query("rollback");
  holder.release();
  await database.drop();
});

interface Plan {
  "Node Type": string;
  "Relation Name"?: string | undefined;
  "Index Cond"?: string | undefined;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: Plan[] | undefined;
}
const plan: z.ZodType<Plan> = z.lazy(() =>
  z.object({
    "Node Type": z.string(),
    "Relation Name": z.string().optional(),
    "Index Cond": z.string().optional(),
    "Shared Hit Blocks": z.number(),
    "Shared Read Blocks": z.number(),
    Plans: z.array(plan).optional(),
  }),
);

/** The plan of a statement of the sealer's, as it ran; what it did is put back. */
async function ran(statement: string, values: unknown[]): Promise<Plan> {
  const sealer = await database.pool("sealer").connect();
  try {
    await sealer.query("begin");
    // As where the planner takes a sort for dear, because it expects many records: an index in the groups' order saves it.
    await sealer.query("set local enable_sort = off");
    const { rows } = await sealer.query(
      `explain (analyze, buffers, format json) ${statement}`,
      values,
    );
    await sealer.query("rollback");
    return z.tuple([z.object({ Plan: plan })]).parse(rows[0]?.["QUERY PLAN"])[0].Plan;
  } finally {
    sealer.release();
  }
}

/** The plan of a look after that record. */
const looked = (after: bigint) => ran(APPEND_RUN, [5000, after]);
const withParts = (node: Plan): Plan[] => [node, ...(node.Plans ?? []).flatMap(withParts)];
const blocks = (node: Plan) => node["Shared Hit Blocks"] + node["Shared Read Blocks"];

describe("a look at what waits, behind rows that were taken and cannot be cleaned up", () => {
  it("begins at the mark, in each of its scans", async () => {
    const scans = withParts(await looked(mark)).filter(
      (node) => node["Relation Name"] === "pending_records" && node["Node Type"].includes("Scan"),
    );
    expect(scans.length).toBeGreaterThanOrEqual(3);
    for (const scan of scans) {
      expect([scan["Node Type"], scan["Index Cond"]]).toEqual([
        expect.stringContaining("Index"),
        expect.stringMatching(/first_record_id|transaction_id/),
      ]);
      expect(blocks(scan)).toBeLessThan(30);
    }
  });

  it("walks over all of them from the first row", async () => {
    const fromMark = blocks(await looked(mark));
    expect(blocks(await looked(0n))).toBeGreaterThan(fromMark + DEAD_ROWS / 200);
  });
});

describe("a transaction that is sealed in parts", () => {
  it("is grouped by its own records' keys, however many others the log has", async () => {
    const owner = database.pool("migrator");
    await owner.query(
      `insert into blindagem.people (subject, name) select 'parte ' || n, 'Pessoa' from generate_series(1, 5000) as n`,
    );
    const auditor = await owner.connect();
    await auditor.query(`set role ${database.prefix}_audit_owner`);
    await auditor.query("vacuum analyze blindagem_audit.audit_log_immutable");
    await auditor.query("reset role");
    auditor.release();
    const { rows } = await owner.query(
      "select array_agg(id::text) as ids from (select id from blindagem_audit.records order by id desc limit 2000) as last",
    );
    const part = JSON.stringify([{ transaction_id: "1", record_ids: rows[0]?.ids }]);
    const scans = withParts(await ran(GROUP_WHOLE, [part])).filter(
      (node) =>
        node["Relation Name"]?.startsWith("audit_log") &&
        node["Shared Hit Blocks"] + node["Shared Read Blocks"] > 5,
    );
    expect(scans.length).toBeGreaterThan(0);
    for (const scan of scans) expect(scan["Index Cond"]).toMatch(/^\(id = /);
  });
});

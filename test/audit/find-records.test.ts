import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { findRecords, nextWidth, type RecordPage } from "../../src/audit/find-records.ts";
import type { RecordFilter } from "../../src/audit/record-statement.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { ask, createTenant, type Tenant } from "../database/world.ts";

const RECORDS = 600;
const TYPES = ["expenses", "payments", "settings", "rules", "people"];
const ACTIONS = ["INSERT", "SUBMIT", "CANCEL", "OUT_OF_BAND"];
const ACTORS = ["person:1", "person:2", "system:reconcile"];

/** A record as the view shows it. */
interface Shown {
  id: string;
  recorded_at: Date;
  entity_type: string;
  entity_id: string;
  action: string;
  actor_id: string | null;
  organization_id: string | null;
  condominium_id: string | null;
}

let database: TestDatabase;
let ours: Tenant;
let theirs: Tenant;
let shown: Shown[];
beforeAll(async () => {
  database = await createTestDatabase();
  ours = await createTenant(database);
  theirs = await createTenant(database);
  await writeLog();
  shown = await ask<Shown>(
    database,
    ours.askers.auditor,
    "select * from blindagem.audit_log order by id",
  );
});
afterAll(() => database.drop());

/**
 * Records far apart, by id and by time, so that a page is looked for in several ranges; of both tenants and of none, one in
 * ten with a clock that was set back, one in twenty without a valid intent.
 */
async function writeLog(): Promise<void> {
  const owner = database.pool("migrator");
  const log = "blindagem_audit.audit_log_immutable";
  await owner.query(`alter table ${log} disable trigger guard_insert`);
  await owner.query(
    `insert into ${log} (id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
     select 1000000 + n * 3001 + n % 7, timestamptz '2026-01-01Z' + n * interval '1 hour' - case when n % 10 = 4 then interval '20 days' else '0' end,
       case when n % 3 = 0 then case when n % 2 = 0 then $1::bigint else $2 end end,
       case when n % 3 <> 0 then case when n % 2 = 0 then $3::bigint else $4 end end, 'ORDINARY',
       ($6::text[])[1 + n * 7 % 3], (n % 40)::text, ($7::text[])[1 + n * 5 % 4], ($8::text[])[1 + n * 11 % 3], '{}'
     from generate_series(1, $5::int) as n
     union all
     select 1000010 + n * 3001, timestamptz '2026-01-01Z' + n * interval '1 hour' - case when n % 50 = 20 then interval '20 days' else '0' end,
       null, null, 'ORDINARY', type, case when type = 'payments' then type else (n % 40)::text end,
       ($7::text[])[1 + n * 3 % 4], ($8::text[])[1 + n * 11 % 3], '{}'
     from generate_series(5, $5::int, 5) as n
     cross join lateral (select (array['rules', 'people', 'payments'])[1 + n % 3] as type) as of`,
    [
      ...[ours.organizationId, theirs.organizationId, ours.condominiumId, theirs.condominiumId],
      ...[RECORDS, TYPES, ACTIONS, ACTORS],
    ],
  );
  await owner.query(`alter table ${log} enable always trigger guard_insert`);
  await owner.query(
    `insert into blindagem_audit.unattested_records (record_id, cause, scope)
     select id, 'NO_INTENT', coalesce(condominium_id, organization_id) from ${log} where id % 20 = 0`,
  );
}

/** What should be found, by looking at every record. */
function expected(filter: RecordFilter, { order, above, below, limit }: RecordPage): string[] {
  const has = (values: readonly string[] | undefined, value: string | null) =>
    values === undefined || (value !== null && values.includes(value));
  const found = shown.filter(
    (record) =>
      has(filter.entityType, record.entity_type) &&
      has(filter.entityId, record.entity_id) &&
      has(filter.action, record.action) &&
      has(filter.actorId, record.actor_id) &&
      has(filter.organizationId, record.organization_id) &&
      has(filter.condominiumId, record.condominium_id) &&
      (filter.from === undefined || record.recorded_at >= new Date(filter.from)) &&
      (filter.until === undefined || record.recorded_at < new Date(filter.until)) &&
      (above === undefined || Number(record.id) > above) &&
      (below === undefined || Number(record.id) < below),
  );
  const ids = found.map(({ id }) => id);
  return (order === "descending" ? ids.reverse() : ids).slice(0, limit);
}

const someOf = (values: readonly string[]) =>
  fc.option(fc.subarray([...values]), { nil: undefined, freq: 2 });
const instant = fc.option(
  fc
    .integer({ min: -40, max: 40 })
    .map((days) => new Date(Date.UTC(2026, 0, 14 + days)).toISOString()),
  { nil: undefined },
);
const bound = fc.option(fc.integer({ min: 0, max: 1_000_000 + (RECORDS + 10) * 3001 }), {
  nil: undefined,
});
const pages: fc.Arbitrary<RecordPage> = fc.record({
  order: fc.constantFrom("ascending", "descending"),
  above: bound,
  below: bound,
  limit: fc.integer({ min: 1, max: 60 }),
});

describe("findRecords", () => {
  it("finds what a look at every record would, in order", async () => {
    const filters: fc.Arbitrary<RecordFilter> = fc.record({
      entityType: someOf(TYPES),
      entityId: fc.option(fc.subarray(["1", "2", "5", "7", "39", "payments"]), {
        nil: undefined,
        freq: 5,
      }),
      action: someOf(ACTIONS),
      actorId: someOf(ACTORS),
      organizationId: fc.option(fc.constant([ours.organizationId]), { nil: undefined, freq: 4 }),
      condominiumId: fc.option(fc.subarray([ours.condominiumId, theirs.condominiumId]), {
        nil: undefined,
        freq: 4,
      }),
      from: instant,
      until: instant,
    });
    const { role, settings } = ours.askers.auditor;
    await database.asRequest(role, settings, (client) =>
      fc.assert(
        fc.asyncProperty(filters, pages, async (filter, page) => {
          const { ids, from, until } = await findRecords(client, filter, page);
          expect(ids).toEqual(expected(filter, page));
          const instants = shown
            .filter(({ id }) => ids.includes(id))
            .map(({ recorded_at }) => recorded_at);
          expect(instants.every((at) => at >= new Date(from) && at < new Date(until))).toBe(true);
        }),
        { numRuns: 300 },
      ),
    );
  });

  it("finds records of a period that a clock set back left among later ids", async () => {
    const { role, settings } = ours.askers.auditor;
    const filter = { from: "2025-12-10T00:00:00Z", until: "2026-01-01T00:00:00Z" };
    const page = { order: "ascending", limit: 500 } as const;
    const { ids } = await database.asRequest(role, settings, (client) =>
      findRecords(client, filter, page),
    );
    expect(ids.length).toBeGreaterThan(10);
    expect(ids).toEqual(expected(filter, page));
  });

  it("finds nothing in an empty log, or beyond its end", async () => {
    const { role, settings } = ours.askers.auditor;
    await database.asRequest(role, settings, async (client) => {
      const page = { order: "descending", limit: 10 } as const;
      for (const [filter, bounds] of [
        [{ entityType: [] }, {}],
        [{}, { below: 0 }],
        [{}, { above: Number.MAX_SAFE_INTEGER }],
      ] as const) {
        expect((await findRecords(client, filter, { ...page, ...bounds })).ids).toEqual([]);
      }
    });
  });
});

describe("findRecords in a log of others", () => {
  const OTHERS = 40_000;
  const now = new Date();
  /** Where its log begins: in this month, but days from now, when the installation's own records are written. */
  const FIRST_DAY = Date.UTC(
    now.getUTCFullYear(),
    now.getUTCMonth(),
    now.getUTCDate() > 15 ? 5 : 20,
  );
  let large: TestDatabase;
  let few: Tenant;
  let many: Tenant;
  beforeAll(async () => {
    large = await createTestDatabase();
    few = await createTenant(large);
    many = await createTenant(large);
    await writeLogOfOthers();
  });
  afterAll(() => large.drop());

  /** Of each 200 records one is ours; those of a hand or without an intent are theirs, and what person:902 did. */
  async function writeLogOfOthers(): Promise<void> {
    const owner = large.pool("migrator");
    const log = "blindagem_audit.audit_log_immutable";
    await owner.query(`alter table ${log} disable trigger guard_insert`);
    await owner.query(
      `insert into ${log} (id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
       select 1000000 + n, $6::timestamptz + n * interval '1 second',
         case when n % 7 = 0 then case when n % 200 = 0 then $1::bigint else $2 end end,
         case when n % 200 = 0 then $3::bigint else $4 end, 'ORDINARY',
         case when n % 400 = 0 then 'settings' when n % 9 = 1 then 'refunds' else 'expenses' end, n,
         case when n % 200 <> 0 and n % 4 = 1 then 'CANCEL' when n % 50 = 3 then 'OUT_OF_BAND' when n % 2 = 0 then 'SUBMIT' else 'APPROVE' end,
         case when n % 200 = 0 then 'person:901' when n % 50 <> 3 then 'person:902' end, '{"as large as":"' || repeat(md5(n::text), 25) || '"}'
       from generate_series(1, $5::int) as n`,
      [
        ...[few.organizationId, many.organizationId, few.condominiumId, many.condominiumId],
        ...[OTHERS, new Date(FIRST_DAY)],
      ],
    );
    await owner.query(`alter table ${log} enable always trigger guard_insert`);
    await owner.query(
      `insert into blindagem_audit.unattested_records (record_id, cause, scope)
       select id, 'NO_INTENT', coalesce(condominium_id, organization_id) from ${log} where id % 4 = 2 and condominium_id = $1`,
      [many.condominiumId],
    );
    // As autovacuum does, which also sums up the blocks of the index by time.
    await owner.query(`vacuum (analyze) ${log}, blindagem_audit.unattested_records`);
  }

  /** What is found for a tenant's admin, and how many rows of the log were looked at for it. */
  async function foundBy(
    tenant: Tenant,
    filter: RecordFilter,
  ): Promise<{ found: number; lookedAt: number }> {
    const { role, settings } = tenant.askers.admin;
    return large.asRequest(role, settings, async (client) => {
      const looked = async () => {
        const { rows } = await client.query<{ rows: string }>(
          `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as rows from pg_stat_xact_user_tables
           where schemaname = 'blindagem_audit' and relname ~ '^(audit_log_|unattested_records)'`,
        );
        return Number(rows[0]?.rows);
      };
      const before = await looked();
      const { ids } = await findRecords(client, filter, { order: "descending", limit: 100 });
      return { found: ids.length, lookedAt: (await looked()) - before };
    });
  }

  it.each<[what: string, filter: RecordFilter, found: number]>([
    ["an actor of another administradora", { actorId: ["person:902"] }, 0],
    ["an action that is done elsewhere", { action: ["CANCEL"] }, 0],
    ["types and actors that never meet", { entityType: ["settings"], actorId: ["person:902"] }, 0],
    ["a type that others have more of", { entityType: ["settings"] }, 100],
    [
      "the platform's of a kind that others have more of",
      { entityType: ["rules"], actorId: ["person:902"] },
      0,
    ],
    ["what another administradora handed in", { organizationId: ["2"] }, 0],
    ["another's condominium", { condominiumId: ["2"] }, 0],
    ["its own", { organizationId: ["1"] }, 49],
    ["an hour in which others did much", hour(2, { actorId: ["person:902"] }), 0],
    ["an hour", hour(5, {}), 18],
    ["an hour's actions that are done elsewhere", hour(5, { action: ["CANCEL"] }), 0],
  ])("looks at little for %s", async (_what, filter, expectedCount) => {
    const { found, lookedAt } = await foundBy(few, filter);
    expect(found).toBe(expectedCount);
    expect(lookedAt).toBeLessThan(5_000);
  });

  it.each<[what: string, filter: RecordFilter, found: number]>([
    ["what is usual", { entityType: ["expenses"], action: ["SUBMIT"] }, 100],
    ["one of two usual actions", { action: ["SUBMIT", "UPDATE"] }, 100],
    ["a type that it has nothing of", { entityType: ["settings"] }, 0],
    ["anything", {}, 100],
  ])("looks at a page within a condominium for %s", async (_what, filter, expectedCount) => {
    const condominiumId = [many.condominiumId];
    const { found, lookedAt } = await foundBy(many, { ...filter, condominiumId });
    expect(found).toBe(expectedCount);
    expect(lookedAt).toBeLessThan(3 * expectedCount + 200);
  });

  it("looks at little for what others did by hand, and has what was done to everybody's", async () => {
    const { rows } = await large
      .pool("migrator")
      .query<{ id: string }>(
        "select id from blindagem_audit.audit_log_immutable where entity_type in ('categories', 'rules', 'reader_thresholds')",
      );
    const { found, lookedAt } = await foundBy(few, { action: ["OUT_OF_BAND"] });
    expect(found).toBe(31 + rows.length);
    expect(lookedAt).toBeLessThan(5_000);
  });

  function hour(start: number, filter: RecordFilter): RecordFilter {
    const at = (hours: number) => new Date(FIRST_DAY + hours * 3_600_000).toISOString();
    return { ...filter, from: at(start), until: at(start + 1) };
  }
});

describe("nextWidth", () => {
  it("is in proportion to what was found, and grows by leaps where nothing was", () => {
    expect(nextWidth(8_000, 20, 60)).toBe(32_000);
    expect(nextWidth(8_000, 59, 60)).toBe(2_000);
    expect(nextWidth(8_000, 0, 60)).toBe(256_000);
    expect(nextWidth(8_000, 1, 500)).toBe(256_000);
    expect(nextWidth(8_000, 0, 60, 4)).toBe(32_000);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { ask, createTenant, rowOf, type Tenant } from "./world.ts";

let database: TestDatabase;
let tenant: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
});
afterAll(() => database.drop());

interface Answer {
  batchId: string | null;
  accepted: number;
  errors: { index: number; field: string; code: string }[];
  repeated: boolean;
}

async function submit(
  rows: Record<string, unknown>[],
  options: {
    hash?: string;
    key?: string;
    acceptValid?: boolean;
    dryRun?: boolean;
    refused?: unknown[];
    parentId?: string;
    as?: keyof Tenant["askers"];
  } = {},
): Promise<Answer> {
  const answers = await ask<{ answer: Answer }>(
    database,
    tenant.askers[options.as ?? "admin"],
    "select blindagem.submit_expense_batch($1, $2, $3, $4, $5, $6, $7) as answer",
    [
      JSON.stringify(rows),
      options.hash ?? "a".repeat(64),
      options.key ?? null,
      options.acceptValid ?? false,
      options.dryRun ?? false,
      JSON.stringify(options.refused ?? []),
      options.parentId ?? null,
    ],
  );
  const [row] = answers;
  if (!row) throw new Error("no answer");
  return row.answer;
}

let index = 0;
/** A good row with an external id of its own. */
function row(fields: Record<string, unknown> = {}): Record<string, unknown> {
  index += 1;
  return rowOf({ index, externalId: `e-${index}`, condominium: tenant.code, ...fields });
}

/** How much there is of everything that a submission writes. */
async function counts(): Promise<Record<string, string>> {
  const { rows } = await database.pool("migrator").query<Record<string, string>>(
    `select (select count(*) from blindagem.expense_batches) as batches, (select count(*) from blindagem.expenses) as expenses,
       (select count(*) from blindagem.payables) as payables, (select count(*) from blindagem_private.job_records) as jobs,
       (select count(*) from graphile_worker._private_jobs) as queued, (select count(*) from blindagem_private.work_claims) as claims,
       (select count(*) from blindagem_audit.records) as records`,
  );
  return rows[0] ?? {};
}

async function expectNothingStored(use: () => Promise<unknown>): Promise<void> {
  const before = await counts();
  await use();
  expect(await counts()).toEqual(before);
}

describe("submit_expense_batch", () => {
  it("stores expenses, what is to be paid, and the jobs, in chunks of 250", async () => {
    const answer = await submit(Array.from({ length: 251 }, () => row()));
    expect(answer).toEqual({
      batchId: expect.any(String),
      accepted: 251,
      errors: [],
      repeated: false,
    });
    const { rows: jobs } = await database.pool("migrator").query(
      `select r.task, r.state, r.organization_id, j.max_attempts, j.payload->'envelope' as envelope,
         json_array_length(j.payload->'expenseIds') as expenses
       from blindagem_private.job_records r
       join graphile_worker._private_jobs j on (j.payload->'envelope'->>'jobId')::bigint = r.id
       where r.batch_id = $1 order by r.id`,
      [answer.batchId],
    );
    expect(jobs).toMatchObject([
      { task: "validate_expenses", expenses: 250 },
      { task: "validate_expenses", expenses: 1 },
      { task: "reconcile_batch" },
    ]);
    expect(jobs[0]).toMatchObject({
      task: "validate_expenses",
      state: "WAITING",
      organization_id: tenant.organizationId,
      max_attempts: 10,
      envelope: { organizationId: tenant.organizationId, batchId: answer.batchId },
    });
    const { rows: payables } = await database.pool("migrator").query(
      `select p.kind, p.retention, p.amount from blindagem.accounts_payable p
       join blindagem.expenses e on e.condominium_id = p.condominium_id and e.id = p.expense_id
       where e.batch_id = $1 group by 1, 2, 3 order by 1`,
      [answer.batchId],
    );
    expect(payables).toEqual([
      { kind: "RETENTION", retention: "INSS", amount: "110.00" },
      { kind: "SUPPLIER", retention: null, amount: "890.00" },
    ]);
  });

  it("stores a credit note as a negative", async () => {
    const { batchId } = await submit([row({ documentKind: "CREDIT_NOTE", retentions: [] })]);
    const { rows } = await database.pool("migrator").query(
      `select p.kind, p.amount from blindagem.accounts_payable p join blindagem.expenses e
       on e.condominium_id = p.condominium_id and e.id = p.expense_id where e.batch_id = $1`,
      [batchId],
    );
    expect(rows).toEqual([{ kind: "CREDIT_NOTE", amount: "-1000.00" }]);
  });

  it("stores nothing of a batch of which one row breaks a constraint", async () => {
    await expectNothingStored(async () => {
      const rows = [row(), row({ payeeDocument: "11222333000182" }), row()];
      await expect(submit(rows)).rejects.toMatchObject({
        code: "23514",
        constraint: "expenses_payee",
      });
      const twins = [row({ externalId: "twin" }), row({ externalId: "twin" })];
      await expect(submit(twins)).rejects.toMatchObject({ code: "23505" });
      const retained = row({ retentions: [{ kind: "INSS", amount: "1000.01" }] });
      await expect(submit([row(), retained])).rejects.toMatchObject({ code: "23514" });
    });
  });

  it("lists what only the database knows to be wrong, and stores nothing", async () => {
    const other = await createTenant(database);
    await expectNothingStored(async () => {
      const answer = await submit([
        { ...row(), index: 0, condominium: other.code },
        { ...row(), index: 1, externalId: "ordinary", category: "NO_SUCH" },
      ]);
      expect(answer).toEqual({
        batchId: null,
        accepted: 0,
        repeated: false,
        errors: [
          { index: 0, field: "condominium", code: "CONDOMINIUM_UNKNOWN" },
          { index: 1, field: "category", code: "CATEGORY_UNKNOWN" },
          { index: 1, field: "externalId", code: "EXTERNAL_ID_TAKEN" },
        ],
      });
    });
  });

  it("stores the good rows with acceptValid, and keeps the refused ones with the batch", async () => {
    const refused = [{ index: 7, field: "grossAmount", code: "AMOUNT_INVALID" }];
    const unknown = { ...row(), index: 3, condominium: "NOWHERE" };
    const answer = await submit([{ ...row(), index: 2 }, unknown], { acceptValid: true, refused });
    expect(answer).toMatchObject({ accepted: 1 });
    const { rows } = await database
      .pool("migrator")
      .query("select row_count, refused_rows from blindagem.expense_batches where id = $1", [
        answer.batchId,
      ]);
    expect(rows).toEqual([
      {
        row_count: 1,
        refused_rows: [...refused, { index: 3, field: "condominium", code: "CONDOMINIUM_UNKNOWN" }],
      },
    ]);
  });

  it("stores nothing with acceptValid where no row is good, and leaves the key free", async () => {
    const options = { acceptValid: true, key: "all-bad" };
    await expectNothingStored(async () => {
      expect(await submit([{ ...row(), index: 0, condominium: "NOWHERE" }], options)).toEqual({
        batchId: null,
        accepted: 0,
        repeated: false,
        errors: [{ index: 0, field: "condominium", code: "CONDOMINIUM_UNKNOWN" }],
      });
      const refused = [{ index: 0, field: "grossAmount", code: "AMOUNT_INVALID" }];
      expect(await submit([], { ...options, refused })).toMatchObject({
        batchId: null,
        errors: refused,
      });
    });
    expect(await submit([row()], { ...options, hash: "b".repeat(64) })).toMatchObject({
      batchId: expect.any(String),
      accepted: 1,
      repeated: false,
    });
  });

  it("only checks with dryRun", async () => {
    await expectNothingStored(async () => {
      expect(await submit([row()], { dryRun: true, key: "dry" })).toMatchObject({
        batchId: null,
        errors: [],
      });
    });
  });

  it("answers a repeated key with the same batch, and another content with BLD05", async () => {
    const rows = [row()];
    const first = await submit(rows, { key: "k-1" });
    await expectNothingStored(async () => {
      expect(await submit(rows, { key: "k-1" })).toEqual({ ...first, repeated: true });
      await expect(submit(rows, { key: "k-1", hash: "b".repeat(64) })).rejects.toMatchObject({
        code: "BLD05",
      });
    });
  });

  it("is for administrators and integrators, and for at most 10,000 rows", async () => {
    for (const as of ["reviewer", "sindico"] as const) {
      await expect(submit([row()], { as })).rejects.toMatchObject({ code: "BLD02" });
    }
    await expect(submit([row()], { as: "auditor" })).rejects.toMatchObject({ code: "42501" });
    expect((await submit([row()], { as: "integrator" })).accepted).toBe(1);
    const many = Array.from({ length: 10_001 }, () => ({}));
    await expect(submit(many)).rejects.toMatchObject({ code: "BLD04" });
  });

  it("joins parts under a batch of the same organization only", async () => {
    const other = await createTenant(database);
    await expect(submit([row()], { parentId: other.batchId })).rejects.toMatchObject({
      code: "BLD03",
    });
    const { batchId } = await submit([row()], { parentId: tenant.batchId });
    const { rows } = await database
      .pool("migrator")
      .query("select parent_id from blindagem.expense_batches where id = $1", [batchId]);
    expect(rows).toEqual([{ parent_id: tenant.batchId }]);
  });
});

describe("that somebody hands in", () => {
  const isSubmitting = async () => {
    const { rows } = await database
      .pool("worker")
      .query<{ seen: boolean }>("select blindagem_private.is_submitting() as seen");
    return rows[0]?.seen;
  };

  const many = () => Array.from({ length: 100 }, () => row());

  it("is seen from a large batch's beginning to its end, a dry run's and a refused one's too", async () => {
    expect(await isSubmitting()).toBe(false);
    for (const [rows, dryRun, isLarge] of [
      [many(), false, true],
      [many(), true, true],
      [[...many(), row({ condominium: "nowhere" })], false, true],
      [many().slice(1), false, false],
    ] as const) {
      const { role, settings } = tenant.askers.admin;
      await database.asRequest(role, settings, async (client) => {
        await client.query(
          "select blindagem.submit_expense_batch($1, $2, dry_run => $3, accept_valid => false)",
          [JSON.stringify(rows), "e".repeat(64), dryRun],
        );
        expect(await isSubmitting()).toBe(isLarge);
        expect(await isSubmitting()).toBe(isLarge);
      });
      expect(await isSubmitting()).toBe(false);
    }
  });

  it("is not taken for another that looks", async () => {
    const pool = database.pool("worker");
    const looking = await Promise.all(Array.from({ length: 5 }, () => pool.connect()));
    try {
      const looks = looking.map((client) =>
        client.query<{ seen: boolean }>(
          "select bool_or(blindagem_private.is_submitting()) as seen from generate_series(1, 2000)",
        ),
      );
      for (const look of looks) expect((await look).rows).toEqual([{ seen: false }]);
    } finally {
      for (const client of looking) client.release();
    }
  });

  it("keeps nobody from handing in: who looks holds nothing afterwards", async () => {
    expect(await isSubmitting()).toBe(false);
    const { rows } = await database.pool("migrator").query(
      `select from pg_locks l join pg_database d on d.oid = l.database
         where d.datname = current_database() and l.locktype = 'advisory' and l.mode = 'ExclusiveLock'`,
    );
    expect(rows).toEqual([]);
    expect((await submit([row()])).accepted).toBe(1);
  });
});

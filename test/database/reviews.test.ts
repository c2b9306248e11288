import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { type Asker, ask, createTenant, rowOf, type Tenant } from "./world.ts";

let database: TestDatabase;
let tenant: Tenant;
let other: Tenant;
/** Every test has its own expense, which waits for a review. */
let expenseId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
  other = await createTenant(database);
});
afterAll(() => database.drop());
let submitted = 0;
beforeEach(async () => {
  submitted += 1;
  const row = rowOf({ index: 0, externalId: `r-${submitted}`, condominium: tenant.code });
  await ask(database, tenant.askers.admin, "select blindagem.submit_expense_batch($1, $2)", [
    JSON.stringify([row]),
    "a".repeat(64),
  ]);
  const { rows } = await owner(
    "update blindagem.expenses set status = 'MANUAL_REVIEW' where external_id = $1 returning id",
    [row.externalId],
  );
  expenseId = rows[0]?.id;
  await open("EXPENSE");
});

const open = (kind: string) =>
  owner(
    `insert into blindagem.reviews (condominium_id, kind, expense_id, subject, reasons)
     values ($1, $2, $3::bigint, 'expense:' || $3::bigint, '[]')`,
    [tenant.condominiumId, kind, expenseId],
  );

const owner = (statement: string, values: unknown[] = []) =>
  database.pool("migrator").query(statement, values);

async function openReview(kind = "EXPENSE"): Promise<string> {
  const { rows } = await owner(
    "select id from blindagem.reviews where expense_id = $1 and kind = $2 and outcome is null",
    [expenseId, kind],
  );
  return String(rows[0]?.id);
}

const resolve = (
  asker: Asker,
  reviewId: string,
  approve: boolean | null,
  reason: string | null = "Conferido",
) =>
  ask(database, asker, "select * from blindagem.resolve_review($1, $2, $3)", [
    reviewId,
    approve,
    reason,
  ]);

const cancel = (asker: Asker, reason: string | null = "Engano") =>
  ask(database, asker, "select * from blindagem.cancel_expense($1, $2)", [expenseId, reason]);

async function standing(): Promise<unknown> {
  const { rows } = await owner("select status from blindagem.expenses where id = $1", [expenseId]);
  return rows[0]?.status;
}

describe("resolve_review", () => {
  it.each([
    [true, "APPROVED"],
    [false, "REJECTED"],
  ])(
    "with approve %s leaves the expense %s, and the review with who and why",
    async (approve, status) => {
      const [review] = await resolve(tenant.askers.reviewer, await openReview(), approve);
      expect(review).toMatchObject({
        outcome: status,
        resolved_by: tenant.askers.reviewer.settings.person_id,
        resolution_reason: "Conferido",
      });
      expect(await standing()).toBe(status);
    },
  );

  it("is logged with the person and the reason", async () => {
    await resolve(tenant.askers.reviewer, await openReview(), true, "Nota confere com o contrato");
    const { rows } = await owner(
      `select action, actor_id, reason from blindagem_audit.records
       where condominium_id = $1 and operation = 'UPDATE' order by id desc limit 2`,
      [tenant.condominiumId],
    );
    const by = {
      actor_id: tenant.askers.reviewer.settings.actor_id,
      reason: "Nota confere com o contrato",
    };
    expect(rows).toEqual([
      { action: "APPROVE", ...by },
      { action: "RESOLVE_REVIEW", ...by },
    ]);
  });

  it("is refused to the person who submitted", async () => {
    await expect(resolve(tenant.askers.admin, await openReview(), true)).rejects.toMatchObject({
      code: "BLD07",
    });
    expect(await standing()).toBe("MANUAL_REVIEW");
  });

  it.each([null, "", "  ", "ok"])("is refused without a reason (%j)", async (reason) => {
    await expect(
      resolve(tenant.askers.reviewer, await openReview(), true, reason),
    ).rejects.toMatchObject({ code: "BLD08" });
  });

  it("is refused without an answer, and then nothing changes", async () => {
    const review = await openReview();
    await expect(resolve(tenant.askers.reviewer, review, null)).rejects.toMatchObject({
      code: "BLD04",
    });
    expect(await standing()).toBe("MANUAL_REVIEW");
    expect(await openReview()).toBe(review);
  });

  it.each(["EXPENSE", "LATE_FACT"])(
    "leaves a review of kind %s to the administradora",
    async (kind) => {
      if (kind !== "EXPENSE") await open(kind);
      const review = await openReview(kind);
      for (const approve of [true, false]) {
        await expect(resolve(tenant.askers.sindico, review, approve)).rejects.toMatchObject({
          code: "BLD02",
        });
      }
      expect(await standing()).toBe("MANUAL_REVIEW");
      expect(await openReview(kind)).toBe(review);
    },
  );

  it.each([
    ["auditor", "42501"],
    ["conselho", "42501"],
    ["integrator", "BLD02"],
  ] as const)("is refused to the %s", async (role, code) => {
    await expect(resolve(tenant.askers[role], await openReview(), true)).rejects.toMatchObject({
      code,
    });
  });

  it("is refused to other tenants, as if there were no such review", async () => {
    await expect(resolve(other.askers.reviewer, await openReview(), true)).rejects.toMatchObject({
      code: "BLD03",
    });
    await expect(resolve(tenant.askers.reviewer, "999999999", true)).rejects.toMatchObject({
      code: "BLD03",
    });
  });

  it("is refused a second time", async () => {
    const review = await openReview();
    await resolve(tenant.askers.reviewer, review, true);
    await expect(resolve(tenant.askers.sindico, review, false)).rejects.toMatchObject({
      code: "BLD06",
    });
  });

  describe("above the alçada", () => {
    const requireSecond = (who: "SECOND_APPROVER" | "CONDOMINIUM") =>
      owner("update blindagem.expenses set second_approval = $2 where id = $1", [expenseId, who]);

    it("leads to the second approval, by another person", async () => {
      await requireSecond("SECOND_APPROVER");
      await resolve(tenant.askers.reviewer, await openReview(), true);
      expect(await standing()).toBe("AWAITING_SECOND_APPROVAL");
      const second = await openReview("SECOND_APPROVAL");
      await expect(resolve(tenant.askers.reviewer, second, true)).rejects.toMatchObject({
        code: "BLD07",
      });
      await expect(resolve(tenant.askers.admin, second, true)).rejects.toMatchObject({
        code: "BLD07",
      });
      await resolve(tenant.askers.sindico, second, true);
      expect(await standing()).toBe("APPROVED");
    });

    it("belongs to the síndico where the condominium is to approve", async () => {
      await requireSecond("CONDOMINIUM");
      await resolve(tenant.askers.reviewer, await openReview(), true);
      const second = await openReview("SECOND_APPROVAL");
      await expect(resolve(tenant.askers.reviewer, second, true)).rejects.toMatchObject({
        code: "BLD02",
      });
      await resolve(tenant.askers.sindico, second, false);
      expect(await standing()).toBe("REJECTED");
    });
  });

  describe("of a late fact", () => {
    beforeEach(() => open("LATE_FACT"));

    it("rejects what is not decided yet, and answers the other questions on it", async () => {
      const first = await openReview();
      await resolve(tenant.askers.reviewer, await openReview("LATE_FACT"), false);
      expect(await standing()).toBe("REJECTED");
      const { rows } = await owner("select outcome from blindagem.reviews where id = $1", [first]);
      expect(rows).toEqual([{ outcome: "SUPERSEDED" }]);
    });

    it.each([
      [false, "REJECTED"],
      [true, "APPROVED"],
    ])("with approve %s leaves an approved expense %s", async (approve, status) => {
      await resolve(tenant.askers.reviewer, await openReview(), true);
      await resolve(tenant.askers.reviewer, await openReview("LATE_FACT"), approve);
      expect(await standing()).toBe(status);
    });
  });
});

describe("cancel_expense", () => {
  it("takes the expense back and closes its reviews", async () => {
    const review = await openReview();
    await cancel(tenant.askers.admin);
    expect(await standing()).toBe("CANCELLED");
    const { rows } = await owner("select outcome from blindagem.reviews where id = $1", [review]);
    expect(rows).toEqual([{ outcome: "SUPERSEDED" }]);
  });

  it("is for the submitter alone, and with a reason", async () => {
    await expect(cancel(tenant.askers.integrator)).rejects.toMatchObject({ code: "BLD03" });
    await expect(cancel(tenant.askers.reviewer)).rejects.toMatchObject({ code: "BLD02" });
    await expect(cancel(tenant.askers.admin, null)).rejects.toMatchObject({ code: "BLD08" });
    expect(await standing()).toBe("MANUAL_REVIEW");
  });

  it("comes too late for what is decided", async () => {
    await resolve(tenant.askers.reviewer, await openReview(), true);
    await expect(cancel(tenant.askers.admin)).rejects.toMatchObject({ code: "BLD06" });
  });
});

import { describe, expect, it } from "@jest/globals";
import { enqueueReconciliations } from "../../src/reconciliation/enqueue-reconciliations.ts";
import {
  ask,
  database,
  lifts,
  payments,
  pix,
  post,
  runWaiting,
  tenant,
  useScene,
} from "./reconciliation-scene.ts";
import { queuedJobs } from "./task-run.ts";
import { createTenant } from "./tenant.ts";

useScene();

/** Another condominium, without movements. */
async function another(): Promise<string> {
  return (await createTenant(database)).condominiumId;
}

async function enqueue(...condominiumIds: string[]): Promise<void> {
  const client = await database.pool("worker").connect();
  try {
    await enqueueReconciliations(
      client,
      condominiumIds.map((condominiumId) => ({
        condominiumId,
        organizationId: tenant.organizationId,
      })),
    );
  } finally {
    client.release();
  }
}

const claims = async () => {
  const { rows } = await ask(
    "select subject from blindagem_private.work_claims where task = 'reconcile' order by subject::bigint",
  );
  return rows.map(({ subject }) => subject);
};

describe("several condominiums", () => {
  it("are one job's, but for those of which one is asked for already", async () => {
    const [first, second, third] = [await another(), await another(), await another()];
    await enqueue(first);
    await enqueue(first, second, third, third);
    expect((await queuedJobs(database)).map(({ payload }) => payload)).toEqual([
      { condominiumId: first },
      { condominiumIds: [second, third] },
    ]);
    expect(await claims()).toEqual([first, second, third]);
    const expense = await tenant.submit(lifts);
    await post(pix("d-1"));
    await enqueue(tenant.condominiumId, await another());
    await runWaiting();
    expect(await payments()).toEqual([{ expense, debit: "d-1", amount: "1234.56", human: false }]);
    expect(await claims()).toEqual([]);
  });

  it("do not fail with one of them: each then has a job of its own", async () => {
    const broken = await another();
    await ask(
      `insert into blindagem.reviews (condominium_id, kind, subject, reasons)
       values ($1, 'PAYMENT', 'transaction:0', '[{"code": "OF_ANOTHER_SHAPE"}]')`,
      [broken],
    );
    const expense = await tenant.submit(lifts);
    await post(pix("d-1"));
    await enqueue(broken, tenant.condominiumId);
    await runWaiting();
    expect(await payments()).toMatchObject([{ expense, debit: "d-1" }]);
    const left = (await queuedJobs(database)).filter(({ task }) => task === "reconcile");
    expect(left).toMatchObject([{ payload: { condominiumId: broken }, attempts: 1 }]);
  });
});

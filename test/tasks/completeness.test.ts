import { describe, expect, it } from "@jest/globals";
import { storeBalance } from "../../src/banking/store-balance.ts";
import { useServices } from "../../src/services.ts";
import reviewUnexplainedDebits from "../../tasks/review_unexplained_debits.ts";
import {
  accountId,
  ask,
  database,
  lifts,
  movement,
  pix,
  post,
  reconcile,
  reviews,
  runWaiting,
  tenant,
  useScene,
} from "./reconciliation-scene.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "./task-run.ts";

useScene();

const statement = (from: string, to: string, opening: string, closing: string) =>
  ask(
    "insert into blindagem.bank_statements (account_id, starts_on, ends_on, opening_balance, closing_balance) values ($1, $2, $3, $4, $5)",
    [accountId, from, to, opening, closing],
  );

async function exceptions() {
  const { rows } = await ask(
    `select kind, expected, found, resolved_at is null as open from blindagem.statement_exceptions
     where condominium_id = $1 order by id`,
    [tenant.condominiumId],
  );
  return rows;
}

const openReviews = async () => (await reviews()).filter(({ outcome }) => outcome === null);

describe("statements that do not add up", () => {
  it("are recorded and asked about once, until what was missing comes", async () => {
    await statement("2030-10-01", "2030-10-31", "3000.00", "3000.00");
    await statement("2030-11-01", "2030-11-30", "3000.00", "2700.00");
    await post(movement("a", "2030-11-12", "-100.00", "TARIFA"));
    await reconcile();
    await reconcile();
    expect(await exceptions()).toEqual([
      { kind: "MOVEMENTS", expected: "2700.00", found: "2900.00", open: true },
    ]);
    expect((await openReviews()).map(({ kind, codes }) => [kind, codes])).toEqual([
      ["BANK", ["STATEMENT_MOVEMENTS"]],
    ]);
    await post(movement("b", "2030-11-13", "-200.00", "TARIFA"));
    await reconcile();
    expect(await exceptions()).toMatchObject([{ open: false }]);
    expect(await openReviews()).toEqual([]);
  });

  it("are the provider's too: from one balance to the next nothing may be missing", async () => {
    const told = async (balance: bigint, at: string) => {
      const client = await database.pool("worker").connect();
      await storeBalance(client, accountId, balance, new Date(at));
      await storeBalance(client, accountId, balance, new Date(at));
      client.release();
    };
    await told(300_000n, "2030-11-11T09:00:00.000Z");
    await post(movement("a", "2030-11-12", "-100.00", "TARIFA"));
    // Of the day itself: the balance has it already, the day before had not.
    await post(movement("b", "2030-11-14", "-40.00", "TARIFA"));
    await told(286_000n, "2030-11-14T15:00:00.000Z");
    await reconcile();
    expect(await exceptions()).toEqual([]);
    await told(250_000n, "2030-11-18T09:00:00.000Z");
    await reconcile();
    expect(await exceptions()).toEqual([
      { kind: "MOVEMENTS", expected: "2500.00", found: "2860.00", open: true },
    ]);
    await post(movement("c", "2030-11-15", "-360.00", "TARIFA"));
    await reconcile();
    expect(await exceptions()).toMatchObject([{ open: false }]);
  });

  it("show in the month, beside what nothing explains", async () => {
    await statement("2030-11-01", "2030-11-30", "3000.00", "1000.00");
    await tenant.submit(lifts);
    await post(pix("paid"), movement("b", "2030-11-13", "-200.00", "PIX ENVIADO FULANO"));
    await reconcile();
    const settings = {
      organization_id: tenant.organizationId,
      person_id: tenant.personId,
      actor_id: "x",
    };
    const { rows } = await database.asRequest("admin", settings, (client) =>
      client.query("select * from blindagem.account_months where account_id = $1", [accountId]),
    );
    expect(rows).toMatchObject([
      {
        opening_balance: "3000.00",
        credits: "0",
        debits: "-1434.56",
        balance: "1565.44",
        stated_balance: "1000.00",
        difference: "-565.44",
        unexplained_debits: "200.00",
        unexplained_credits: "0",
      },
    ]);
  });
});

describe("a debit without an expense", () => {
  it("is asked about after the days that the organization has set, and not again once answered", async () => {
    await post(movement("old", "2030-11-08", "-350.00", "PIX ENVIADO FULANO"));
    await reconcile();
    const asked = (await openReviews()).map(({ codes }) => codes);
    expect(asked).toEqual([["DEBIT_WITHOUT_EXPENSE"]]);
    const [review] = await reviews();
    await tenant.answer(review.subject, true);
    await runWaiting();
    await reconcile();
    expect(await openReviews()).toEqual([]);

    await post(movement("younger", "2030-11-14", "-360.00", "PIX ENVIADO FULANO"));
    await reconcile();
    expect(await openReviews()).toEqual([]);
    await database.asRequest(
      "admin",
      { organization_id: tenant.organizationId, person_id: tenant.personId, actor_id: "x" },
      (client) =>
        client.query("select blindagem.set_setting('debit_without_expense_days', 3, 'Fechamento')"),
    );
    await emptyQueue(database);
    useServices(servicesOf({ clock: () => new Date("2030-11-20T12:00:00.000Z") }));
    await ask("select blindagem_private.enqueue_jobs($1)", [
      JSON.stringify([{ task: "review_unexplained_debits", payload: {} }]),
    ]);
    await runJobs(database, { review_unexplained_debits: reviewUnexplainedDebits });
    expect((await queuedJobs(database)).map(({ task }) => task)).toEqual(["reconcile"]);
    await runWaiting();
    expect(await openReviews()).toHaveLength(1);
  });
});

/**
 * Loads and matches the condominiums that come on standard input, one id a line, with the shipped statements and the shipped
 * core, and stores nothing: a process of the measurement `scale.ts`. Its address is in DATABASE_URL.
 */
import { createInterface } from "node:readline";
import pg from "pg";
import { dateInBrasilia } from "../../../src/calendar/brasilia.ts";
import { CONDOMINIUMS_OF_A_JOB } from "../../../src/reconciliation/enqueue-reconciliations.ts";
import { loadCondominiums } from "../../../src/reconciliation/load-condominiums.ts";
import { portionsOf } from "../../../src/reconciliation/portions.ts";
import { reconcile } from "../../../src/reconciliation/reconcile.ts";

/** As many jobs at once as a worker has by default. */
const JOBS_AT_ONCE = 4;

const ids: string[] = [];
for await (const line of createInterface({ input: process.stdin })) ids.push(line);
const jobs = Array.from({ length: Math.ceil(ids.length / CONDOMINIUMS_OF_A_JOB) }, (_, at) =>
  ids.slice(at * CONDOMINIUMS_OF_A_JOB, (at + 1) * CONDOMINIUMS_OF_A_JOB),
);
const waiting = jobs[Symbol.iterator]();
const today = dateInBrasilia(new Date());
const found = { payments: 0, refunds: 0, reviews: 0 };
await Promise.all(
  Array.from({ length: JOBS_AT_ONCE }, async () => {
    const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
    await client.connect();
    for (const job of waiting) {
      for (const portion of await portionsOf(client, job)) {
        await client.query("begin read only");
        const loaded = await loadCondominiums(client, portion, today);
        await client.query("commit");
        for (const { input } of loaded) {
          const { payments, refundedPayments, refunds, reviews } = reconcile(input);
          found.payments += payments.length + refundedPayments.length;
          found.refunds += refunds.length;
          found.reviews += reviews.length;
        }
      }
    }
    await client.end();
  }),
);
process.stdout.write(JSON.stringify(found));

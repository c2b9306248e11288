/**
 * Loads and matches the condominiums that come on standard input, one id a line, with the shipped statements and the shipped
 * core, and stores nothing: a process of the measurement `scale.ts`. Its address is in DATABASE_URL.
 */
import { createInterface } from "node:readline";
import pg from "pg";
import { dateInBrasilia } from "../../../src/calendar/brasilia.ts";
import { loadCondominium } from "../../../src/reconciliation/load-condominium.ts";
import { reconcile } from "../../../src/reconciliation/reconcile.ts";

/** As many jobs at once as a worker has by default. */
const AT_ONCE = 4;

const ids: string[] = [];
for await (const line of createInterface({ input: process.stdin })) ids.push(line);
const waiting = ids[Symbol.iterator]();
const today = dateInBrasilia(new Date());
const found = { payments: 0, refunds: 0, reviews: 0 };
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
    await client.connect();
    for (const id of waiting) {
      await client.query("begin read only");
      const { input } = await loadCondominium(client, id, today);
      await client.query("commit");
      const { payments, refundedPayments, refunds, reviews } = reconcile(input);
      found.payments += payments.length + refundedPayments.length;
      found.refunds += refunds.length;
      found.reviews += reviews.length;
    }
    await client.end();
  }),
);
process.stdout.write(JSON.stringify(found));

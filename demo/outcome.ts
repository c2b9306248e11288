import { z } from "zod";
import { type ApiClient, createApiClient } from "../src/client/api-client.ts";
import { type LoadedDemo, tokenOf } from "./load.ts";

const reason = z.looseObject({ code: z.string(), severity: z.string() });

/** An expense as the platform shows it at the end. */
const expense = z.object({
  id: z.string(),
  externalId: z.string(),
  status: z.string(),
  paymentStatus: z.string(),
  paymentKnown: z.boolean(),
  statusReasons: z.array(reason),
});
export type ExpenseOutcome = z.infer<typeof expense> & { organization: string };

const page = <T>(node: z.ZodType<T>) =>
  z.object({
    nodes: z.array(node),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  });

const transaction = z.object({ id: z.string(), providerId: z.string(), amount: z.string() });
const refund = z.object({ creditId: z.string(), debitId: z.string(), amount: z.string() });
const verdict = z.object({
  transactionId: z.string(),
  verdict: z.string(),
  reversedCreditId: z.string().nullable(),
});
const income = z.object({ id: z.string() });
const record = z.object({ id: z.string() });

/** What the platform made of the bank's movements, by the provider's ids. */
export interface MovementOutcome {
  verdicts: Map<string, { verdict: string; reversedCredit: string | null }>;
  refunds: Map<string, { debitId: string; amount: string }[]>;
  income: Set<string>;
}

export interface Outcome {
  expenses: ExpenseOutcome[];
  movements: MovementOutcome;
  auditRecords: number;
}

/** Reads the end of a demo through GraphQL, as each administradora's administrator sees it. */
export async function readOutcome(
  apiUrl: string,
  jwtSecret: string,
  demo: LoadedDemo,
): Promise<Outcome> {
  const outcome: Outcome = {
    expenses: [],
    movements: { verdicts: new Map(), refunds: new Map(), income: new Set() },
    auditRecords: 0,
  };
  for (const person of demo.people.filter(({ role }) => role === "admin")) {
    const client = createApiClient({ url: apiUrl, token: await tokenOf(person, jwtSecret) });
    const expenses = await all(
      client,
      "expenses",
      "id externalId status paymentStatus paymentKnown statusReasons",
      expense,
    );
    outcome.expenses.push(
      ...expenses.map((each) => ({ ...each, organization: person.organization })),
    );
    await readMovements(client, outcome.movements);
    outcome.auditRecords += (await all(client, "auditLog", "id", record)).length;
  }
  return outcome;
}

async function readMovements(client: ApiClient, outcome: MovementOutcome): Promise<void> {
  const transactions = await all(client, "bankTransactions", "id providerId amount", transaction);
  const providerIds = new Map(transactions.map(({ id, providerId }) => [id, providerId]));
  const nameOf = (id: string) => providerIds.get(id) ?? id;
  for (const each of await all(
    client,
    "movementVerdicts",
    "transactionId verdict reversedCreditId",
    verdict,
  )) {
    outcome.verdicts.set(nameOf(each.transactionId), {
      verdict: each.verdict,
      reversedCredit: each.reversedCreditId === null ? null : nameOf(each.reversedCreditId),
    });
  }
  for (const each of await all(client, "refunds", "creditId debitId amount", refund)) {
    const known = outcome.refunds.get(nameOf(each.creditId)) ?? [];
    outcome.refunds.set(nameOf(each.creditId), [
      ...known,
      { debitId: nameOf(each.debitId), amount: each.amount },
    ]);
  }
  for (const each of await all(client, "income", "id", income)) outcome.income.add(nameOf(each.id));
}

async function all<T>(
  client: ApiClient,
  field: string,
  selection: string,
  node: z.ZodType<T>,
): Promise<T[]> {
  const nodes: T[] = [];
  let after: string | null = null;
  do {
    const data: Record<string, z.infer<ReturnType<typeof page<T>>>> = await client.graphql(
      `query ($after: Cursor) { ${field}(first: 100, after: $after) { nodes { ${selection} } pageInfo { hasNextPage endCursor } } }`,
      { after },
      z.record(z.string(), page(node)),
    );
    const found = data[field];
    if (!found) throw new Error(`The API did not answer ${field}.`);
    nodes.push(...found.nodes);
    after = found.pageInfo.hasNextPage ? found.pageInfo.endCursor : null;
  } while (after !== null);
  return nodes;
}

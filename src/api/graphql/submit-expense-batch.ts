import type { PgClient } from "postgraphile/@dataplan/pg";
import { withPgClientTransaction } from "postgraphile/@dataplan/pg";
import type { NodePostgresPgClient } from "postgraphile/adaptors/pg";
import { access, lambda } from "postgraphile/grafast";
import { extendSchema, gql } from "postgraphile/utils";
import { z } from "zod";
import { dateInBrasilia } from "../../calendar/brasilia.ts";

import { ApiError } from "../errors.ts";
import { countSubmission } from "../metrics.ts";
import { progressUrl } from "../rest/batch-expenses.ts";
import { submitBatch } from "../submit-batch.ts";

const input = z.object({
  clientMutationId: z.string().nullish(),
  rows: z.array(z.unknown()),
  idempotencyKey: z.string().min(1).max(200).nullish(),
  onError: z.enum(["refuse", "acceptValid"]).nullish(),
  dryRun: z.boolean().nullish(),
  parentId: z
    .string()
    .regex(/^\d{1,18}$/)
    .nullish(),
});

/**
 * The mutation submitExpenseBatch. The errors of rows are data of the answer, not GraphQL errors: they are many, and
 * with onError acceptValid the batch is stored all the same.
 */
export function submitExpenseBatchPlugin(clock: () => Date): GraphileConfig.Plugin {
  return extendSchema((build) => {
    const { main: executor } = build.input.pgRegistry.pgExecutors;
    const { expense_batches: batches } = build.input.pgRegistry.pgResources;
    if (!executor || !batches)
      throw new Error("The schema blindagem is not there; run `blindagem migrate`.");
    return {
      typeDefs: gql`
        extend type Mutation {
          """Hands in a batch of expenses: checked, stored and queued in one transaction."""
          submitExpenseBatch(input: SubmitExpenseBatchInput!): SubmitExpenseBatchPayload
        }

        input SubmitExpenseBatchInput {
          clientMutationId: String
          """A list of rows, each an object; up to 10,000."""
          rows: JSON!
          """A repeat under the same key gives the same batch; with other rows it is refused (BLD05)."""
          idempotencyKey: String
          onError: OnRowError = refuse
          """Only checks; nothing is stored."""
          dryRun: Boolean = false
          """The first part, when a large file is handed in as several batches."""
          parentId: BigInt
        }

        """What a row with an error does to its batch."""
        enum OnRowError {
          """Nothing is stored."""
          refuse
          """The good rows are stored; the others come back as a file to mend."""
          acceptValid
        }

        """One thing wrong with one row."""
        type ExpenseRowError {
          """Position of the row, from 0."""
          index: Int!
          field: String!
          code: String!
          """Portuguese: what is wrong and how to mend it."""
          message: String!
        }

        type SubmitExpenseBatchPayload {
          clientMutationId: String
          """Null when nothing was stored."""
          batchId: BigInt
          batch: ExpenseBatch
          """How many expenses the batch holds."""
          accepted: Int!
          errors: [ExpenseRowError!]!
          """True when the batch was there before, under the same idempotency key."""
          repeated: Boolean!
          """The refused rows as CSV, with what to mend."""
          refusedFile: String
          """Where to watch how far the batch is."""
          progressUrl: String
        }
      `,
      objects: {
        Mutation: {
          plans: {
            submitExpenseBatch(_$root, { $input }) {
              const $result = withPgClientTransaction(executor, $input, (client, raw) =>
                submit(client, raw, clock),
              );
              return $result;
            },
          },
        },
        SubmitExpenseBatchPayload: {
          scope: { isMutationPayload: true },
          plans: {
            batch: ($payload) => batches.get({ id: access($payload, "batchId") }),
            progressUrl: ($payload) =>
              lambda(access($payload, "batchId"), (id) =>
                id == null ? null : progressUrl(String(id)),
              ),
          },
        },
      },
    };
  }, "BlindagemSubmitExpenseBatchPlugin");
}

async function submit(client: PgClient, raw: unknown, clock: () => Date) {
  const parsed = input.safeParse(raw);
  if (!parsed.success) throw new ApiError("BLD04", "As linhas (rows) são uma lista.");
  const { rows, idempotencyKey, onError, dryRun, parentId, clientMutationId } = parsed.data;
  const result = await submitBatch((client as NodePostgresPgClient).rawClient, {
    rows,
    idempotencyKey: idempotencyKey ?? undefined,
    onError: onError ?? "refuse",
    dryRun: dryRun ?? false,
    today: dateInBrasilia(clock()),
    parentId: parentId ?? undefined,
  });
  countSubmission(result);
  return { ...result, clientMutationId };
}

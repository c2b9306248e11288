import type pg from "pg";
import { z } from "zod";
import type { ReadingOutcome } from "./evaluation.ts";
import { LEAST_PROBABILITY } from "./probability.ts";
import { READER_VERSION, thresholdInForce } from "./store-reading.ts";

const outcomes = z.array(
  z.strictObject({
    readerVersion: z.string(),
    accepted: z.boolean(),
    probability: z.number().nullable(),
    isRight: z.boolean().nullable(),
    amountIsRight: z.boolean().nullable(),
  }),
);

/** How this version's readings did of which people said what is right, and the threshold in force. */
export async function loadOutcomes(
  client: pg.ClientBase,
): Promise<{ outcomes: ReadingOutcome[]; inForce: number }> {
  const { rows } = await client.query(
    `select reader_version as "readerVersion", accepted, probability, is_right as "isRight",
       amount_is_right as "amountIsRight"
     from blindagem_private.reading_outcomes() where reader_version = $1`,
    [READER_VERSION],
  );
  const inForce = (await thresholdInForce(client)) ?? LEAST_PROBABILITY;
  return { outcomes: outcomes.parse(rows), inForce };
}

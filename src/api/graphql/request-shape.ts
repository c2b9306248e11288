import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { ApiError } from "../errors.ts";
import { LIMITS } from "./limits.ts";

/** The body of a GraphQL request. */
export const graphqlRequest = z.looseObject({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z
    .looseObject({})
    .nullish()
    .refine((variables) => isWithin(variables, LIMITS.nesting)),
  extensions: z.looseObject({}).nullish(),
});

/** Hook preHandler: refuses (BLD04) a body that is no GraphQL request; the library would, but without a code of ours. */
export async function requireGraphqlRequest({ body }: FastifyRequest): Promise<void> {
  if (graphqlRequest.safeParse(body).success) return;
  throw new ApiError(
    "BLD04",
    `O corpo é um objeto JSON com query (texto) e, se preciso, variables (objeto, de até ${LIMITS.nesting} níveis) e operationName (texto).`,
  );
}

/** Whether nothing in the value lies deeper than so many levels. */
function isWithin(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let left = levels; left > 0 && level.length > 0; left--) {
    level = level.flatMap((each) =>
      typeof each === "object" && each !== null ? Object.values(each) : [],
    );
  }
  return level.length === 0;
}

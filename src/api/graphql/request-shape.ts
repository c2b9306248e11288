import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { ApiError } from "../errors.ts";

/** The body of a GraphQL request. */
export const graphqlRequest = z.looseObject({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.looseObject({}).nullish(),
  extensions: z.looseObject({}).nullish(),
});

/** Hook preHandler: refuses (BLD04) a body that is no GraphQL request; the library would, but without a code of ours. */
export async function requireGraphqlRequest({ body }: FastifyRequest): Promise<void> {
  if (graphqlRequest.safeParse(body).success) return;
  throw new ApiError(
    "BLD04",
    "O corpo é um objeto JSON com query (texto) e, se preciso, variables (objeto) e operationName (texto).",
  );
}

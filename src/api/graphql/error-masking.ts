import type { FastifyRequest } from "fastify";
import { type ExecutionResult, GraphQLError } from "graphql";
import { isSafeError } from "postgraphile/grafast";
import { INTERNAL, logFault, type PublicError, publicError } from "../errors.ts";
import { countGraphqlError } from "../metrics.ts";
import { sameError, withoutSuggestion } from "./document-guard.ts";

const CURSOR =
  "O cursor (after ou before) não é de uma página desta lista, nesta ordem: use o que pageInfo deu, ou comece da primeira.";

const masked = new WeakSet<GraphQLError>();

/**
 * Shows of every error what the registry allows, and logs the rest under the request's id. Done where the request is
 * known; the library's own maskError hears only the error.
 */
export const errorMaskingPlugin: GraphileConfig.Plugin = {
  name: "BlindagemErrorMaskingPlugin",
  version: "1.0.0",
  grafast: {
    middleware: {
      async execute(next, { args }) {
        const result = await next();
        const request = args.requestContext?.fastifyv5?.request;
        return request && "errors" in result && result.errors
          ? withMaskedErrors(result, request)
          : result;
      },
    },
  },
};

/** For the library's `maskError`: what did not go through the plugin is not shown. */
export function maskUnknown(error: GraphQLError): GraphQLError {
  return masked.has(error) ? error : graphqlError(error, INTERNAL, undefined);
}

function withMaskedErrors<T extends ExecutionResult>(result: T, request: FastifyRequest): T {
  return Object.assign(result, { errors: result.errors?.map((error) => mask(error, request)) });
}

function mask(error: GraphQLError, request: FastifyRequest): GraphQLError {
  const { originalError } = error;
  if (!originalError || originalError instanceof GraphQLError) {
    // The GraphQL library's own words on a value that does not fit the schema.
    countGraphqlError("INVALID");
    const shown = withoutSuggestion(error);
    masked.add(shown);
    return shown;
  }
  const answer = answerTo(originalError);
  logFault(request.log, originalError, answer, { path: error.path });
  const isAnonymous = request.identity.role === "anonymous" && answer.code === "BLD02";
  const told = isAnonymous ? publicError({ code: "BLD01" }) : answer;
  countGraphqlError(told.code);
  return graphqlError(error, told, request.id);
}

/** A SafeError is what the library holds against the query itself: a cursor of another order, planning without end. */
function answerTo(error: Error): PublicError {
  if (!isSafeError(error)) return publicError(error);
  if (/timeout|too long/.test(error.message)) return publicError({ code: "BLD13" });
  return publicError({
    code: "BLD04",
    message: /cursor/i.test(error.message) ? CURSOR : undefined,
  });
}

function graphqlError(
  error: GraphQLError,
  { code, message }: PublicError,
  requestId: string | undefined,
): GraphQLError {
  const shown = sameError(error, message, { code, requestId });
  masked.add(shown);
  return shown;
}

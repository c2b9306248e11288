import type { FastifyInstance, FastifyRequest } from "fastify";
import type pg from "pg";
import { errorCode } from "../database/error-code.ts";
import { roleName } from "../database/role-names.ts";
import { ApiError } from "./errors.ts";
import { describeGraphqlAccess } from "./graphql/describe-access.ts";
import { inRequestTransaction } from "./request-transaction.ts";
import type { ApiContext } from "./server.ts";

/** What somebody asked for, as it is written down. */
export interface Access {
  /** "query auditLog" or "GET /documents/:sha256". */
  operation: string;
  /** The name that a GraphQL client gave it. */
  operationName?: string | undefined;
  /** The text of a GraphQL document, without values. */
  document?: string | undefined;
  /** The values that it was asked with. */
  variables: Readonly<Record<string, unknown>>;
  /** The ids among them. */
  entityIds: readonly string[];
}

/**
 * Writes down what auditors ask for, in every route and before it is answered: as a role that can do nothing else, in a
 * transaction and on a connection of its own, since the auditor's transaction only reads. Where that fails there is no
 * answer (BLD14).
 *
 * @param pool of the authenticator's login, used for nothing else
 */
export function addAccessLog(app: FastifyInstance, context: ApiContext, pool: pg.Pool): void {
  app.addHook("preHandler", async (request) => {
    if (request.identity.role !== "auditor") return;
    const access = accessOf(request);
    // What is no GraphQL request is refused by the route.
    if (access) await recordAccess(context, pool, request, access);
  });
}

function accessOf(request: FastifyRequest): Access | undefined {
  const { method, params, query, routeOptions } = request;
  if (routeOptions.url === "/graphql") return describeGraphqlAccess(request.body);
  const named = { ...Object(params) };
  return {
    operation: `${method} ${routeOptions.url}`,
    variables: { ...Object(query), ...named },
    entityIds: Object.values(named).map(String),
  };
}

async function recordAccess(
  { options, settingsOf }: ApiContext,
  pool: pg.Pool,
  request: FastifyRequest,
  { operation, operationName, document, variables, entityIds }: Access,
): Promise<void> {
  const settings = {
    ...settingsOf(request, "write", operation),
    role: roleName(options.rolePrefix, "access_log"),
    transaction_read_only: "off",
  };
  try {
    await inRequestTransaction(pool, options.attest, settings, (client) =>
      client.query("select blindagem_private.record_access($1, $2, $3, $4, $5)", [
        ...[operation, operationName, document],
        ...[JSON.stringify(variables), entityIds],
      ]),
    );
  } catch (cause) {
    // What the asker is not, or what no text of the database can hold, is told as it is: trying again would not help.
    if (/^(?:BLD02$|22)/.test(errorCode(cause) ?? "")) throw cause;
    throw new ApiError(
      "BLD14",
      "A consulta não pôde ser anotada, e sem isso um auditor não tem resposta; tente de novo.",
      { cause },
    );
  }
}

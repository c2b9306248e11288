import type { GraphQLSchema } from "graphql";
import { grafast } from "postgraphile/grafast";
import { ANONYMOUS } from "../identity.ts";
import { requestSettings } from "../request-settings.ts";

declare global {
  namespace Grafast {
    interface RequestContext {
      /** Of a request that nobody has sent: the settings of its transaction. */
      ownSettings: Record<string, string>;
    }
  }
}

/** What a dashboard, an auditor and the console ask first; nobody's member sees nothing of it. */
const FIRST_QUESTIONS = `{
  queueFigures(first: 1, orderBy: MINUTE_DESC, filter: {minute: {greaterThan: "2026-01-01T00:00:00Z"}}) { nodes { minute task waitP95Ms } }
  queueNows { nodes { task waiting oldestWaitingSince } }
  auditLog(first: 1, orderBy: ID_DESC) { nodes { id recordedAt entityType action newState } pageInfo { hasNextPage } }
  expenses(first: 1) { nodes { id status } totalCount }
}`;

/**
 * Asks what people ask first, before anybody does: compiling the library's engine and the first look into PostgreSQL's
 * catalogue made the first request after a start take 90 milliseconds.
 *
 * @param rolePrefix of the installation's role names
 * @throws Error when the database does not answer: then the schema is built, but nothing can be served
 */
export async function warmUp(
  schema: GraphQLSchema,
  resolvedPreset: GraphileConfig.ResolvedPreset,
  rolePrefix: string,
): Promise<void> {
  const origin = {
    requestId: "warm-up",
    ip: "127.0.0.1",
    userAgent: undefined,
    operation: "warm-up",
  };
  const ownSettings = requestSettings(rolePrefix, { ...ANONYMOUS, role: "admin" }, origin, "read");
  const result = await grafast({
    schema,
    resolvedPreset,
    requestContext: { ownSettings },
    source: FIRST_QUESTIONS,
  });
  if ("errors" in result && result.errors?.[0] !== undefined) {
    // The schema is made of what the connection's login may see: with another login, half of it is missing.
    throw new Error(
      "O GraphQL não pode ser servido: confira se AUTHENTICATOR_DATABASE_URL é a conexão de " +
        `${rolePrefix}_authenticator, e se \`blindagem migrate\` desta versão passou por esse banco.`,
      { cause: result.errors[0] },
    );
  }
}

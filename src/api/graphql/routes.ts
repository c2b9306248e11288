import type { FastifyInstance, FastifyRequest } from "fastify";
import { getOperationAST } from "graphql";
import { postgraphile } from "postgraphile";
import { grafserv } from "postgraphile/grafserv/fastify/v5";
import { parseKeyList } from "../../audit/key-list.ts";
import { logFault, publicError } from "../errors.ts";
import { countGraphqlError } from "../metrics.ts";
import type { ApiContext } from "../server.ts";
import { tellingLimit } from "../too-large.ts";
import { attestedService } from "./attested-service.ts";
import { limitBody } from "./body-limit.ts";
import { operationName } from "./operation-name.ts";
import { graphqlPreset } from "./preset.ts";
import { requireGraphqlRequest } from "./request-shape.ts";
import { warmUp } from "./warm-up.ts";

const OPERATION_NAME_LENGTH = 100;

/** The routes of GraphQL, and how to let go of what they hold. */
export interface GraphqlRoutes {
  routes(app: FastifyInstance): Promise<void>;
  /** Asks what people ask first; see warm-up.ts. */
  warmUp(): Promise<void>;
  release(): Promise<void>;
}

/**
 * `POST /graphql`. Without a token a request runs as the anonymous role, which sees nothing.
 *
 * @throws when the schema cannot be built: the database is away or not migrated
 */
export async function graphqlRoutes(context: ApiContext): Promise<GraphqlRoutes> {
  const instance = postgraphile({
    extends: [graphqlPreset(context.options.clock, parseKeyList(context.options.auditKeys))],
    pgServices: [attestedService(context.pool, context.options.attest)],
    grafast: {
      context(requestContext, args) {
        if (requestContext.ownSettings) return { pgSettings: requestContext.ownSettings };
        const request = requestContext.fastifyv5?.request;
        if (!request) throw new Error("GraphQL is served over HTTP only.");
        const operation = getOperationAST(args.document, args.operationName);
        request.span?.add({
          "graphql.operation.type": operation?.operation,
          "graphql.operation.name": operation?.name?.value.slice(0, OPERATION_NAME_LENGTH),
        });
        // The database itself refuses to write for a query: not even a function of the owner's does.
        const access = operation?.operation === "mutation" ? "write" : "read";
        return { pgSettings: context.settingsOf(request, access, operationName(operation)) };
      },
    },
  });
  const { schema, resolvedPreset } = await instance.getSchemaResult();
  const server = instance.createServ(grafserv);
  return {
    async routes(app) {
      app.addHook("onRequest", context.acceptAnonymous);
      app.addHook("preParsing", limitBody);
      app.addHook("preHandler", requireGraphqlRequest);
      app.setErrorHandler((error, request, reply) => {
        const { status, answer } = errorAnswer(error, request);
        return reply.status(status).send(answer);
      });
      await server.addTo(app);
      await server.ready();
    },
    warmUp: () => warmUp(schema, resolvedPreset, context.options.rolePrefix),
    async release() {
      await instance.release();
      for (const service of instance.getResolvedPreset().pgServices ?? [])
        await service.release?.();
    },
  };
}

/** GraphQL clients look for a list of errors. */
function errorAnswer(error: unknown, request: FastifyRequest) {
  const described = publicError(tellingLimit(error, request.routeOptions.bodyLimit));
  const { code, status, message } = described;
  logFault(request.log, error, described);
  countGraphqlError(code);
  return { status, answer: { errors: [{ message, extensions: { code, requestId: request.id } }] } };
}

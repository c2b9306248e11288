import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import type pg from "pg";
import { addAccessLog } from "./access-log.ts";
import { createAuthenticate } from "./authentication.ts";
import { consoleRoutes } from "./console.ts";
import { ApiError, errorBody, logFault, publicError } from "./errors.ts";
import { graphiqlRoutes } from "./graphql/graphiql.ts";
import { graphqlRoutes } from "./graphql/routes.ts";
import { ANONYMOUS, type Identity } from "./identity.ts";
import { addMetrics } from "./metrics.ts";
import type { ApiOptions } from "./options.ts";
import { createPool } from "./pool.ts";
import { type Access, requestSettings } from "./request-settings.ts";
import { addRequestSpans } from "./request-spans.ts";
import { inRequestTransaction } from "./request-transaction.ts";
import { auditBundleRoutes } from "./rest/audit-bundle.ts";
import { auditRecordsRoutes } from "./rest/audit-records.ts";
import { bankStatementsRoutes } from "./rest/bank-statements.ts";
import { batchExpensesRoutes } from "./rest/batch-expenses.ts";
import { cosignaturesRoutes } from "./rest/cosignatures.ts";
import { documentsRoutes } from "./rest/documents.ts";
import { createHealth } from "./rest/health.ts";
import { logRoutes } from "./rest/log.ts";
import { pluggyWebhookRoutes } from "./rest/webhooks-pluggy.ts";
import { addSecurityHeaders } from "./security-headers.ts";
import { tellingLimit } from "./too-large.ts";
import { createTrust, type IsTrusted } from "./trusted-proxies.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; anonymous until the route's hook has authenticated the request. */
    identity: Identity;
  }
}

/** A body larger than this is taken only where a route says so. */
const BODY_LIMIT = 100_000;
/** Connections for what auditors look at: each is held for two statements and a commit. */
const ACCESS_LOG_POOL_SIZE = 4;
const REQUEST_TIMEOUT_MS = 120_000;

/** What the routes need of the server round them. */
export interface ApiContext {
  options: ApiOptions;
  pool: pg.Pool;
  settingsOf(request: FastifyRequest, access: Access, operation: string): Record<string, string>;
  /** Runs `use` in a transaction as the one who asks. */
  asRequest<T>(
    request: FastifyRequest,
    access: Access,
    use: (client: pg.ClientBase) => Promise<T>,
  ): Promise<T>;
  /** Hook: who asks must be known, or the request ends with BLD01. */
  requireIdentity(request: FastifyRequest): Promise<void>;
  /** Hook: no token is anonymous; a token that is not right ends the request. */
  acceptAnonymous(request: FastifyRequest): Promise<void>;
}

export interface Api {
  /** Starts to listen; its URL has the port that was chosen. */
  listen(): Promise<{ url: string }>;
  /** Ends: new requests are refused, running ones finish, then the connections to the database close. */
  close(): Promise<void>;
  app: FastifyInstance;
}

/**
 * Builds the HTTP server: GraphQL, REST, webhooks and health on one port.
 *
 * @throws when the database cannot be reached or is not migrated, or an option is malformed
 */
export async function createApi(options: ApiOptions): Promise<Api> {
  const isTrusted = createTrust(options.trustedProxies);
  const pool = createPool(options, "blindagem api", options.poolSize ?? 10);
  const accessLogPool = createPool(options, "blindagem access log", ACCESS_LOG_POOL_SIZE);
  const app = fastify({
    // Pino's own type is wider than the framework's.
    loggerInstance: options.logger as FastifyBaseLogger,
    // One line a request, by addRequestLog; its id under the name that jobs' lines give it.
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: "requestId",
    }),
    frameworkErrors: answerError,
    trustProxy: (address) => isTrusted(address),
    genReqId: (request) => requestIdOf(request, isTrusted),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: "idle",
    // What comes on a connection that is still open is served, and /readyz says by itself that the process drains.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
  });
  const context = createContext(options, pool);
  const health = createHealth(pool);

  app.decorateRequest("identity");
  app.addHook("onRequest", async (request) => {
    request.identity = ANONYMOUS;
  });
  addRequestSpans(app);
  // No route takes plain text; where the parser is there, it would pass for a body of the right kind.
  app.removeContentTypeParser("text/plain");
  addSecurityHeaders(app, options.sandbox);
  addErrorAnswers(app);
  addRequestLog(app);
  addAccessLog(app, context, accessLogPool);
  health.addRoutes(app);
  const metrics = addMetrics(app, options, pool);
  await app.register(async (scope) => {
    scope.addHook("onRequest", context.requireIdentity);
    await scope.register(batchExpensesRoutes(context));
    await scope.register(documentsRoutes(context));
    await scope.register(bankStatementsRoutes(context));
    await scope.register(auditRecordsRoutes(context));
    await scope.register(auditBundleRoutes(context));
  });
  await app.register(pluggyWebhookRoutes(context));
  await app.register(logRoutes(context));
  await app.register(cosignaturesRoutes(context));
  const graphql = await graphqlRoutes(context);
  await app.register(graphql.routes);
  await app.register(graphiqlRoutes);
  await app.register(consoleRoutes);
  await app.ready();

  return {
    app,
    async listen() {
      await graphql.warmUp();
      const url = await app.listen({ host: options.host, port: options.port });
      return { url };
    },
    async close() {
      health.drain();
      await app.close();
      await graphql.release();
      await metrics.close();
      await pool.end();
      await accessLogPool.end();
    },
  };
}

function createContext(options: ApiOptions, pool: pg.Pool): ApiContext {
  const authenticate = createAuthenticate(pool, options.jwt, options.clock);
  const settingsOf = (request: FastifyRequest, access: Access, operation: string) =>
    requestSettings(
      options.rolePrefix,
      request.identity,
      {
        requestId: request.id,
        ip: request.ip,
        userAgent: request.headers["user-agent"],
        operation,
        traceparent: request.span?.traceparent,
      },
      access,
    );
  const acceptAnonymous = async (request: FastifyRequest) => {
    const onBehalfOf = request.headers["on-behalf-of"];
    request.identity = await authenticate({
      authorization: request.headers.authorization,
      onBehalfOf: typeof onBehalfOf === "string" ? onBehalfOf : undefined,
    });
  };
  return {
    options,
    pool,
    settingsOf,
    asRequest: (request, access, use) =>
      inRequestTransaction(
        pool,
        options.attest,
        settingsOf(request, access, `${request.method} ${request.routeOptions.url}`),
        use,
        access === "snapshot" ? "repeatable read" : "read committed",
      ),
    acceptAnonymous,
    async requireIdentity(request) {
      await acceptAnonymous(request);
      if (request.identity.role === "anonymous") throw new ApiError("BLD01");
    },
  };
}

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** A trusted proxy may name the request, so that its log and ours tell of one thing. */
function requestIdOf(request: IncomingMessage, isTrusted: IsTrusted): string {
  const given = request.headers["x-request-id"];
  const counts =
    typeof given === "string" && REQUEST_ID.test(given) && isTrusted(request.socket.remoteAddress);
  return counts ? given : randomUUID();
}

function addErrorAnswers(app: FastifyInstance): void {
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    const answer = publicError(new ApiError("BLD03", "Este endereço não existe."));
    return reply.status(answer.status).send(errorBody(answer, request.id));
  });
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answer = publicError(tellingLimit(error, request.routeOptions.bodyLimit));
  logFault(request.log, error, answer);
  if (answer.status === 401) reply.header("www-authenticate", "Bearer");
  reply.status(answer.status).send(errorBody(answer, request.id));
}

/** One line a request: neither bodies nor addresses nor query strings, which may hold personal data. */
function addRequestLog(app: FastifyInstance): void {
  app.addHook("onResponse", async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        role: request.identity.role,
        organizationId: request.identity.organizationId,
      },
      "request",
    );
  });
}

import type { ApiOptions } from "../api/options.ts";
import { createApi } from "../api/server.ts";
import { createAttest } from "../audit/attest.ts";
import { intentSigner, keyListText } from "../audit/configured-keys.ts";
import type { WebhookVerifierOptions } from "../banking/webhook.ts";
import type { Environment } from "../config.ts";
import { createLogger } from "../observability/logger.ts";
import { startTracing, stopTracing } from "../observability/tracing.ts";
import { createDirectoryStore } from "../receipts/document-store.ts";
import { databaseUrl } from "./database-urls.ts";
import { runUntilStopped, tellReady } from "./run-until-stopped.ts";

const forever = new Promise<void>(() => undefined);

/** The API process: answers requests until it is stopped, and finishes those that run. */
export async function runApiProcess(environment: Environment): Promise<void> {
  const logger = createLogger(environment.LOG_LEVEL);
  const signer = await intentSigner(environment);
  await startTracing(environment, "api", logger);
  const api = await createApi({
    databaseUrl: databaseUrl(environment, "authenticator"),
    rolePrefix: environment.ROLE_PREFIX,
    host: environment.HOST,
    port: environment.PORT,
    jwt: {
      secret: environment.JWT_SECRET,
      jwksUrl: environment.JWKS_URL,
      audience: environment.JWT_AUDIENCE,
      issuer: environment.JWT_ISSUER,
    },
    trustedProxies: environment.TRUSTED_PROXIES,
    documents: createDirectoryStore(
      environment.DOCUMENTS_DIRECTORY ?? `${environment.STATE_DIRECTORY}/documents`,
    ),
    attest: createAttest(async () => signer),
    auditKeys: await keyListText(environment),
    pluggyWebhook: webhookOptions(environment),
    logger,
    clock: () => new Date(),
    sandbox: environment.SANDBOX,
    metricsAllow: environment.METRICS_ALLOW,
    workerDeadAfterMs: environment.WORKER_DEAD_AFTER_MS,
  } satisfies ApiOptions);
  const stop = async () => {
    await api.close();
    await stopTracing();
  };
  const { url } = await api.listen().catch(async (error: unknown) => {
    // Its idle connections would keep the process, and who waits for it, for ten seconds more.
    await stop();
    throw error;
  });
  logger.info({ url }, "api ready");
  tellReady(url);
  await runUntilStopped(forever, stop);
}

/** Without a secret no notification can be told from a forgery: then none is taken. */
function webhookOptions(environment: Environment): WebhookVerifierOptions | undefined {
  const { PLUGGY_WEBHOOK_SECRET: secret, PLUGGY_WEBHOOK_HEADER_VALUE: value } = environment;
  if (!secret && !value) return undefined;
  return {
    ...(secret && {
      signature: { header: environment.PLUGGY_WEBHOOK_SIGNATURE_HEADER, secrets: [secret] },
    }),
    ...(value && { customHeader: { header: environment.PLUGGY_WEBHOOK_HEADER, secrets: [value] } }),
    ...(environment.PLUGGY_WEBHOOK_ADDRESSES.length > 0 && {
      allowedNetworks: environment.PLUGGY_WEBHOOK_ADDRESSES,
    }),
  };
}

import type { Logger } from "pino";
import type { WebhookVerifierOptions } from "../banking/webhook.ts";
import type { Attest } from "../database/actor.ts";
import type { DocumentStore } from "../receipts/document-store.ts";
import type { JwtOptions } from "./authentication.ts";

/** All that the API needs; nothing of it is read from the environment here. */
export interface ApiOptions {
  /** Connection of the authenticator's login. */
  databaseUrl: string;
  /** Prefix of the installation's role names. */
  rolePrefix: string;
  /** Address to listen on, e.g. 127.0.0.1. */
  host: string;
  /** 0 chooses a free port. */
  port: number;
  jwt: JwtOptions;
  /** Addresses or networks (CIDR) of the proxies in front. */
  trustedProxies: readonly string[];
  documents: DocumentStore;
  /** The public keys of the audit log, for whoever checks it: the lines of AUDIT_KEYS_FILE. */
  auditKeys: string;
  /** Signs for what requests write. */
  attest: Attest;
  /** How Pluggy's notifications are told from forgeries; without it they are not taken at all. */
  pluggyWebhook?: WebhookVerifierOptions | undefined;
  logger: Logger;
  clock: () => Date;
  /** True when the outer services are stand-ins: every answer says so in a header. */
  sandbox: boolean;
  /** Addresses or networks that /metrics is served to; by default none. */
  metricsAllow?: readonly string[];
  /** After so long without a heartbeat a worker counts as dead in the metrics. @default 45000 */
  workerDeadAfterMs?: number;
  /** Connections to the database. @default 10 */
  poolSize?: number | undefined;
  /** After so long without an answer a connection is closed. @default 10 s more than the longest statement may take */
  answerTimeoutMs?: number | undefined;
}

import { z } from "zod";

const url = z.url({ protocol: /^https?$/, error: "espera-se um endereço http:// ou https://" });
const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, "espera-se um endereço postgresql://");
const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const number = z.coerce.number({
  error: ({ code }) => (code === "invalid_type" ? "espera-se um número" : undefined),
});
const count = (min: number, max: number) => number.int("espera-se um inteiro").min(min).max(max);
const rate = number.positive();
const network = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  "espera-se um endereço IP, ou uma rede como 10.0.0.0/8",
);
/** Addresses and networks, with commas. */
const networks = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean),
  )
  .pipe(z.array(network));

/** People read these messages at the command line; those of requests are the API's own. */
const { localeError: portuguese } = z.locales.pt();

/** Every variable of the environment that the platform knows; the README's table has the same rows (by test). */
export const environment = z.object({
  DATABASE_URL: postgresUrl.optional(),
  AUTHENTICATOR_DATABASE_URL: postgresUrl.optional(),
  WORKER_DATABASE_URL: postgresUrl.optional(),
  SEALER_DATABASE_URL: postgresUrl.optional(),
  AUTHENTICATOR_PASSWORD: z.string().min(12).optional(),
  WORKER_PASSWORD: z.string().min(12).optional(),
  SEALER_PASSWORD: z.string().min(12).optional(),
  ROLE_PREFIX: z.string().default("blindagem"),
  STATE_DIRECTORY: z.string().default(".blindagem"),
  DOCUMENTS_DIRECTORY: z.string().optional(),

  HOST: z.string().default("127.0.0.1"),
  PORT: count(0, 65535).default(5678),
  TRUSTED_PROXIES: networks.default([]),
  JWT_SECRET: z.string().min(32).optional(),
  JWKS_URL: url.optional(),
  JWT_AUDIENCE: z.string().optional(),
  JWT_ISSUER: z.string().optional(),

  WORKER_CONCURRENCY: count(1, 64).default(4),
  PROVIDER_CONCURRENCY: count(1, 64).default(4),
  WORKER_HEARTBEAT_MS: count(50, 60_000).default(10_000),
  WORKER_DEAD_AFTER_MS: count(150, 600_000).default(45_000),
  HISTORY_DAYS: count(1, 3650).default(90),
  CHECKPOINT_DAYS: count(1, 36_500).default(30),
  AUDIT_KEEP_MONTHS: count(1, 1200).default(60),
  OCR_PROCESSES: count(1, 64).default(2),
  OCR_PAGE_TIMEOUT_MS: count(1000, 600_000).default(60_000),
  OCR_MEMORY_MB: count(128, 16_384).default(1024),

  CNPJWS_URL: url.optional(),
  CNPJWS_TOKEN: z.string().optional(),
  CNPJWS_PER_MINUTE: rate.default(3),
  CNPJWS_PER_DAY: count(1, 10_000_000).optional(),
  PLUGGY_URL: url.default("https://api.pluggy.ai"),
  PLUGGY_CLIENT_ID: z.string().optional(),
  PLUGGY_CLIENT_SECRET: z.string().optional(),
  PLUGGY_PER_MINUTE: rate.min(1).default(360),
  PLUGGY_PER_DAY: count(1, 10_000_000).optional(),
  PLUGGY_WEBHOOK_SECRET: z.string().min(16).optional(),
  PLUGGY_WEBHOOK_SIGNATURE_HEADER: z.string().default("x-pluggy-signature"),
  PLUGGY_WEBHOOK_HEADER: z.string().default("x-webhook-secret"),
  PLUGGY_WEBHOOK_HEADER_VALUE: z.string().min(16).optional(),
  PLUGGY_WEBHOOK_ADDRESSES: networks.default([]),
  HTTP_TIMEOUT_MS: count(100, 120_000).default(15_000),

  INTENT_KEY: z.string().optional(),
  INTENT_KEY_FILE: z.string().optional(),
  INTENT_KEY_COMMAND: z.string().optional(),
  INTENT_VERIFIER_KEY: z.string().optional(),
  LOG_KEY: z.string().optional(),
  LOG_KEY_FILE: z.string().optional(),
  LOG_KEY_COMMAND: z.string().optional(),
  LOG_VERIFIER_KEY: z.string().optional(),
  LOG_ORIGIN: z.string().optional(),
  AUDIT_KEYS_FILE: z.string().optional(),
  CHECKPOINT_DIRECTORY: z.string().optional(),
  CHECKPOINT_URL: url.optional(),
  CHECKPOINT_EVERY_SECONDS: count(1, 3600).default(60),
  COMPARE_ROWS_PER_SECOND: count(1, 1_000_000).default(500),

  BLINDAGEM_URL: url.optional(),
  BLINDAGEM_TOKEN: z.string().optional(),

  METRICS_PORT: count(0, 65535).default(0),
  METRICS_HOST: z.string().default("127.0.0.1"),
  METRICS_ALLOW: networks.default(["127.0.0.0/8", "::1"]),
  OTEL_EXPORTER_OTLP_ENDPOINT: url.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url.optional(),
  OTEL_TRACES_SAMPLER_ARG: number.min(0).max(1).default(1),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  SANDBOX: flag.default(false),
});

export type Environment = z.infer<typeof environment>;

/** The connections of the processes: each its own login, none of them able to do another's work. */
export interface DatabaseUrls {
  /** The migrating role; only `migrate` and `start` have it. */
  migrator: string;
  authenticator: string;
  worker: string;
  sealer: string;
}

/**
 * The environment, checked. An unset variable has its default; an empty one counts as unset.
 *
 * @throws Error naming every variable that is wrong, without its value (it may be a secret)
 */
export function loadEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = environment.safeParse(set, { error: portuguese });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`O ambiente não está certo; veja "Configure" no README:\n${faults.join("\n")}`);
}

/**
 * The URL of another login on the same database: its own variable if set, else DATABASE_URL with the login's name
 * and password.
 */
export function loginUrl(databaseUrl: string, login: string, password: string): string {
  const result = new URL(databaseUrl);
  result.username = login;
  result.password = encodeURIComponent(password);
  return result.href;
}

/**
 * What child processes get of this process's environment: everything but the connections and passwords, which each
 * gets by itself.
 */
export function inheritedVariables(
  variables: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const secret = /(_DATABASE_URL|_PASSWORD|^DATABASE_URL|^JWT_SECRET|^INTENT_KEY|^LOG_KEY)$/;
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined || secret.test(name) ? [] : [[name, value]],
    ),
  );
}

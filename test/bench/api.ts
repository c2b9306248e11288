import { pino } from "pino";
import { createApi } from "../../src/api/server.ts";
import { createAttest } from "../../src/audit/attest.ts";
import { generateKey, loadSigner } from "../../src/audit/keys.ts";
import { signToken, type TokenSubject } from "../../src/client/sign-token.ts";
import { createDirectoryStore } from "../../src/receipts/document-store.ts";
import type { Installation } from "./installation.ts";

const SECRET = "a secret of the bench, longer than 32 characters";

/** The API of an installation, asked without a network between. */
export interface BenchApi {
  token(subject: TokenSubject): Promise<string>;
  /**
   * Asks, and says how many milliseconds passed to the last byte of the answer.
   *
   * @throws when the answer is an error
   */
  ask(token: string, query: string, variables?: object): Promise<{ ms: number; body: unknown }>;
  close(): Promise<void>;
}

export async function startApi(installation: Installation): Promise<BenchApi> {
  const intents = generateKey("bench/blindagem/intent").text;
  const api = await createApi({
    databaseUrl: installation.url("authenticator"),
    rolePrefix: installation.prefix,
    host: "127.0.0.1",
    port: 0,
    jwt: { secret: SECRET },
    trustedProxies: [],
    documents: createDirectoryStore("documents"),
    attest: createAttest(() => loadSigner({ text: intents })),
    auditKeys: "",
    logger: pino({ level: "silent" }),
    clock: () => new Date(),
    sandbox: false,
  });
  // As in production: what the first request needs is made ready before.
  await api.listen();
  return {
    token: (subject) => signToken(SECRET, subject, 1, new Date()),
    async ask(token, query, variables = {}) {
      const before = performance.now();
      const { statusCode, body } = await api.app.inject({
        method: "POST",
        url: "/graphql",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        payload: { query, variables },
      });
      const ms = performance.now() - before;
      const answer: unknown = JSON.parse(body);
      if (statusCode !== 200 || (answer instanceof Object && "errors" in answer)) {
        throw new Error(`The API answered ${statusCode}: ${body.slice(0, 300)}`);
      }
      return { ms, body: answer };
    },
    close: () => api.close(),
  };
}

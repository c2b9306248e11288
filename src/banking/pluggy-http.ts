import { z } from "zod";
import { errorOf, PluggyError } from "./pluggy-error.ts";

export type PluggyOptions = {
  /** `https://api.pluggy.ai`, or the sandbox's URL. */
  baseUrl: string;
  clientId: string;
  clientSecret: string;
  /** For one HTTP call, body included. */
  timeoutMs: number;
  fetch?: typeof fetch;
  clock?: () => Date;
};

/** What a caller has a say in. */
export type PluggyCall = {
  signal?: AbortSignal;
  /** Runs before each request, `/auth` too. What it throws, its caller alone gets, and nothing is sent. */
  beforeRequest?: () => Promise<void>;
};

/** An authenticated GET. `operation` is what errors say; the answer is checked by `schema`. */
export type PluggyGet = <T>(
  url: URL,
  operation: string,
  schema: z.ZodType<T>,
  call?: PluggyCall,
) => Promise<T>;

/** Pluggy's keys live two hours; renewing early leaves room for clocks that differ. */
const KEY_LIFETIME_MS = 110 * 60_000;

const authAnswer = z.looseObject({ apiKey: z.string().min(1) });

/**
 * Authenticated GETs against Pluggy. The key is fetched when first needed, shared by all calls
 * (parallel first calls make one `/auth`), renewed before it expires, and once more for a call that
 * is answered 401 or 403.
 * @see https://docs.pluggy.ai/reference/auth
 */
export function createPluggyGet(options: PluggyOptions): PluggyGet {
  const send = options.fetch ?? fetch;
  const clock = options.clock ?? (() => new Date());
  let current: { key: Promise<string>; renewAt: number } | undefined;

  async function call(url: URL, operation: string, init: RequestInit, signal?: AbortSignal) {
    const timeout = AbortSignal.timeout(options.timeoutMs);
    try {
      const response = await send(url, {
        ...init,
        // A redirect would carry the key or the secret to an address that nobody configured.
        redirect: "error",
        signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
      });
      return { response, text: await response.text() };
    } catch {
      signal?.throwIfAborted();
      // The cause is dropped: it can hold the URL with its query.
      const cause = timeout.aborted ? "time-out" : "no connection";
      throw new PluggyError("UNAVAILABLE", `Pluggy ${operation}: ${cause}`);
    }
  }

  async function authenticate(): Promise<string> {
    const operation = "POST /auth";
    const { response, text } = await call(new URL("auth", base), operation, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ clientId: options.clientId, clientSecret: options.clientSecret }),
    });
    const error = errorOf(response, operation, clock());
    // Pluggy answers wrong credentials with 401, a malformed id with 400: both need a person.
    if (error?.kind === "REFUSED") throw new PluggyError("UNAUTHORIZED", error.message);
    if (error) throw error;
    return readAs(authAnswer, text, operation).apiKey;
  }

  const isCurrent = () => current !== undefined && clock().getTime() < current.renewAt;

  /** The shared key. No caller's signal reaches `/auth`: one that gives up must not fail the rest. */
  async function sharedKey(beforeRequest: PluggyCall["beforeRequest"]): Promise<string> {
    if (!isCurrent()) await beforeRequest?.();
    // Meanwhile another may have asked for a key: theirs is taken, and what was waited for is not used.
    if (!current || !isCurrent()) {
      const key = authenticate();
      const fresh = { key, renewAt: clock().getTime() + KEY_LIFETIME_MS };
      current = fresh;
      key.catch(() => {
        if (current === fresh) current = undefined;
      });
    }
    return current.key;
  }

  /** Forgets a refused key, unless another call has renewed it since. */
  async function forget(refused: string): Promise<void> {
    const held = current;
    if (held && (await held.key.catch(() => refused)) === refused && current === held) {
      current = undefined;
    }
  }

  const base = withSlash(options.baseUrl);

  return async (url, operation, schema, { signal, beforeRequest } = {}) => {
    for (let renewed = false; ; renewed = true) {
      signal?.throwIfAborted();
      const key = await sharedKey(beforeRequest);
      await beforeRequest?.();
      const headers = { "x-api-key": key, accept: "application/json" };
      const { response, text } = await call(url, operation, { headers }, signal);
      const error = errorOf(response, operation, clock());
      if (!error) return readAs(schema, text, operation);
      if (error.kind !== "UNAUTHORIZED" || renewed) throw error;
      await forget(key);
    }
  };
}

/** The base URL with a slash at its end, so that relative paths are put after it and not in its place. */
export function withSlash(baseUrl: string): URL {
  return new URL(baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`);
}

function readAs<T>(schema: z.ZodType<T>, text: string, operation: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new PluggyError("UNAVAILABLE", `Pluggy ${operation}: the answer is not JSON`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new PluggyError("UNAVAILABLE", `Pluggy ${operation}: the answer has an unknown shape`);
}

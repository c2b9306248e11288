import { parseCnpj } from "../identifiers/cnpj.ts";
import { companyFromCnpjWs, type LookupOutcome } from "./company.ts";
import { releaseTime } from "./release-time.ts";

/** Free, 3 requests a minute and IP. */
export const CNPJWS_PUBLIC_URL = "https://publica.cnpj.ws";
/** With a token, in the header `x_api_token`. */
export const CNPJWS_COMMERCIAL_URL = "https://comercial.cnpj.ws";

/** Companies with thousands of partners stay well below this; what is longer is no such answer. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export type CnpjWsOptions = {
  /** Default: the commercial service if there is a token, else the public one. */
  baseUrl?: string | undefined;
  token?: string | undefined;
  /** For the whole exchange, body included. */
  timeoutMs: number;
  fetch?: typeof fetch;
  clock?: () => Date;
};

export type CnpjWsClient = {
  /**
   * Asks CNPJ.ws for one CNPJ (14 characters, no punctuation). Every answer, and every failure to get
   * one, is an outcome; it throws only when `signal` aborts, with the signal's reason.
   */
  lookup(cnpj: string, signal?: AbortSignal): Promise<LookupOutcome>;
};

type Answer = { status: number; retryAfter: string | null; text: string };

class BodyTooLong extends Error {}

async function readBounded(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the body, and with it the connection.
    if (bytes > MAX_BODY_BYTES) throw new BodyTooLong();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The code of a failed connection ("ECONNREFUSED"); never a message, which may hold the URL. */
function failureCode(error: unknown): string {
  const cause = isObject(error) && "cause" in error ? error.cause : error;
  if (isObject(cause) && "code" in cause && typeof cause.code === "string") return cause.code;
  return "no connection";
}

function found(cnpj: string, text: string): LookupOutcome {
  const raw = parseJson(text);
  if (raw === undefined) return { kind: "UNAVAILABLE", cause: "the body is not JSON" };
  const company = companyFromCnpjWs(raw);
  if ("unreadable" in company) {
    return { kind: "UNAVAILABLE", cause: `unknown shape of ${company.unreadable}` };
  }
  if (parseCnpj(company.cnpj) !== cnpj) {
    return { kind: "UNAVAILABLE", cause: "the body is about another CNPJ" };
  }
  return { kind: "FOUND", company };
}

/**
 * The client of CNPJ.ws (docs.cnpj.ws): `GET {baseUrl}/cnpj/{cnpj}`. It does no waiting, repeating or
 * rate limiting: that is the queue's task.
 *
 * A 404 counts as "the registry does not know it" only with a JSON object as its body, as the service
 * sends it: that outcome rejects expenses, and a proxy's or a wrong base URL's 404 must not.
 */
export function createCnpjWsClient(options: CnpjWsOptions): CnpjWsClient {
  const { token, timeoutMs, fetch: send = fetch, clock = () => new Date() } = options;
  const defaultUrl = token === undefined ? CNPJWS_PUBLIC_URL : CNPJWS_COMMERCIAL_URL;
  const baseUrl = (options.baseUrl ?? defaultUrl).replace(/\/+$/, "");
  const headers = {
    accept: "application/json",
    ...(token === undefined ? {} : { x_api_token: token }),
  };

  async function exchange(cnpj: string, signal: AbortSignal): Promise<Answer> {
    // A redirect is not followed: it would carry the token to another host.
    const response = await send(`${baseUrl}/cnpj/${cnpj}`, { headers, signal, redirect: "manual" });
    const retryAfter = response.headers.get("retry-after");
    return { status: response.status, retryAfter, text: await readBounded(response) };
  }

  function outcomeOf(cnpj: string, { status, retryAfter, text }: Answer): LookupOutcome {
    switch (status) {
      case 200:
        return found(cnpj, text);
      case 400:
        return { kind: "INVALID" };
      case 404:
        return isObject(parseJson(text))
          ? { kind: "NOT_FOUND" }
          : { kind: "UNAVAILABLE", cause: "HTTP 404 without a JSON body" };
      case 429:
        return { kind: "RATE_LIMITED", retryAt: releaseTime(retryAfter, text, clock()) };
      default:
        return { kind: "UNAVAILABLE", cause: `HTTP ${status}` };
    }
  }

  return {
    async lookup(cnpj, signal) {
      // Nothing else may become part of the path. Check digits are the registry's to judge.
      if (!/^[0-9A-Z]{12}[0-9]{2}$/.test(cnpj)) return { kind: "INVALID" };
      const timeout = AbortSignal.timeout(timeoutMs);
      let answer: Answer;
      try {
        const both = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
        answer = await exchange(cnpj, both);
      } catch (error) {
        signal?.throwIfAborted();
        return { kind: "UNAVAILABLE", cause: causeOf(error, timeout.aborted) };
      }
      return outcomeOf(cnpj, answer);
    },
  };

  function causeOf(error: unknown, timedOut: boolean): string {
    if (timedOut) return `no answer within ${timeoutMs} ms`;
    if (error instanceof BodyTooLong) return `a body of more than ${MAX_BODY_BYTES} bytes`;
    return `connection failed: ${failureCode(error)}`;
  }
}

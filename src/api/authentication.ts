import { createHash } from "node:crypto";
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  type JWTPayload,
  type JWTVerifyOptions,
  errors as jose,
  jwtVerify,
} from "jose";
import type pg from "pg";
import { z } from "zod";
import { ApiError } from "./errors.ts";
import { ANONYMOUS, type Identity } from "./identity.ts";

/** How sign-in tokens are verified. At least one of `secret` and `jwksUrl`; without both, only API keys sign in. */
export interface JwtOptions {
  /** Shared secret for HS256 (Supabase: the project's JWT secret), at least 32 characters. */
  secret?: string | undefined;
  /** Where the issuer publishes its public keys, for RS256 and ES256 (RFC 7517). */
  jwksUrl?: string | undefined;
  /** Required claim aud, if set. */
  audience?: string | undefined;
  /** Required claim iss, if set. */
  issuer?: string | undefined;
}

/** The headers that say who asks. */
export interface Credentials {
  authorization: string | undefined;
  /** With an API key: the subject of the person for whom the other system acts. */
  onBehalfOf: string | undefined;
}

export type Authenticate = (credentials: Credentials) => Promise<Identity>;

/** What a token may claim. Anything else is not a role: the claim never becomes a role by itself. */
const tokenRole = z.enum(["admin", "reviewer", "sindico", "auditor", "integrator", "operator"]);

const organizationId = z
  .union([z.string(), z.int()])
  .transform(String)
  .pipe(z.string().regex(/^[1-9]\d{0,17}$/));

/** Only app_metadata counts besides top-level claims: Supabase lets users write their own user_metadata. */
const claims = z.looseObject({
  sub: z.string().min(1).max(200),
  blindagem_role: z.string().optional(),
  organization_id: organizationId.optional(),
  app_metadata: z
    .looseObject({ role: z.string().optional(), organization_id: organizationId.optional() })
    .optional(),
});

const API_KEY = /^bld_[0-9a-f]{64}$/;
const CLOCK_TOLERANCE_SECONDS = 5;
const JWKS_TIMEOUT_MS = 5_000;

/**
 * Makes the check of who asks: a JWT (RFC 7519; claims as Supabase issues them), or an API key with the subject on
 * whose behalf it comes. Membership and grants are looked up on every request, so that a revoked one ends at once.
 *
 * @param pool of the authenticator's login, which may call sign_in and nothing else
 * @returns a function that throws ApiError BLD01 (not authentic), BLD02 (role not theirs), BLD04 (organization not
 *   named) or BLD14 (the issuer's keys cannot be had)
 */
export function createAuthenticate(
  pool: pg.Pool,
  jwt: JwtOptions,
  clock: () => Date,
): Authenticate {
  const verify = createVerify(jwt, clock);
  return async ({ authorization, onBehalfOf }) => {
    if (authorization === undefined) return ANONYMOUS;
    const token = /^Bearer ([^\s]+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw new ApiError("BLD01");
    return token.startsWith("bld_")
      ? signInWithKey(pool, token, onBehalfOf)
      : signIn(pool, await verify(token));
  };
}

/**
 * The token's header says which algorithm it claims, and that chooses between two checks that share nothing: the
 * secret with HS256 alone, the public keys with RS256 and ES256 alone. So a public key never serves as a secret.
 */
function createVerify(jwt: JwtOptions, clock: () => Date): (token: string) => Promise<JWTPayload> {
  const options = (algorithms: string[]): JWTVerifyOptions => ({
    algorithms,
    requiredClaims: ["sub", "exp"],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: clock(),
    ...(jwt.audience !== undefined && { audience: jwt.audience }),
    ...(jwt.issuer !== undefined && { issuer: jwt.issuer }),
  });
  const secret = jwt.secret === undefined ? undefined : new TextEncoder().encode(jwt.secret);
  const publicKeys =
    jwt.jwksUrl === undefined
      ? undefined
      : createRemoteJWKSet(new URL(jwt.jwksUrl), { timeoutDuration: JWKS_TIMEOUT_MS });
  return async (token) => {
    const alg = algorithmOf(token);
    try {
      if (alg === "HS256" && secret) {
        return (await jwtVerify(token, secret, options(["HS256"]))).payload;
      }
      if ((alg === "RS256" || alg === "ES256") && publicKeys) {
        return (await jwtVerify(token, publicKeys, options(["RS256", "ES256"]))).payload;
      }
      throw new ApiError("BLD01");
    } catch (error) {
      if (error instanceof ApiError) throw error;
      if (isTokenFault(error)) throw new ApiError("BLD01", undefined, { cause: error });
      throw new ApiError("BLD14", "As chaves de quem emite os tokens não respondem.", {
        cause: error,
      });
    }
  };
}

function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg;
  } catch {
    return undefined;
  }
}

/** Told from a JWKS that cannot be fetched (a network error, a time-out, not 200), which is no fault of the token's. */
function isTokenFault(error: unknown): boolean {
  return (
    error instanceof jose.JOSEError &&
    !["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"].includes(error.code)
  );
}

async function signIn(pool: pg.Pool, payload: JWTPayload): Promise<Identity> {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) throw new ApiError("BLD01");
  const { sub, app_metadata: metadata, ...top } = parsed.data;
  const role = tokenRole.safeParse(metadata?.role ?? top.blindagem_role);
  if (!role.success) throw new ApiError("BLD02", "O token não traz um papel conhecido.");
  const organization = metadata?.organization_id ?? top.organization_id ?? null;
  const { rows } = await pool.query<{ person_id: string; organization_id: string | null }>(
    "select person_id, organization_id from blindagem_private.sign_in($1, $2, $3)",
    [sub, role.data, organization],
  );
  const [found, ...others] = rows;
  if (!found)
    throw new ApiError("BLD02", "A pessoa do token não tem (ou não tem mais) este papel.");
  if (others.length > 0) {
    throw new ApiError(
      "BLD04",
      "A pessoa tem este papel em várias administradoras: o token deve dizer em qual.",
    );
  }
  return {
    role: role.data,
    personId: found.person_id,
    organizationId: found.organization_id,
    apiKeyId: null,
  };
}

async function signInWithKey(
  pool: pg.Pool,
  key: string,
  onBehalfOf: string | undefined,
): Promise<Identity> {
  if (!API_KEY.test(key)) throw new ApiError("BLD01");
  if (onBehalfOf === undefined || onBehalfOf === "") {
    throw new ApiError(
      "BLD04",
      "Com chave de API, diga em nome de quem no cabeçalho On-Behalf-Of.",
    );
  }
  const hash = createHash("sha256").update(key).digest("hex");
  const { rows } = await pool.query<{
    api_key_id: string;
    person_id: string;
    organization_id: string;
  }>(
    "select api_key_id, person_id, organization_id from blindagem_private.sign_in_with_key($1, $2)",
    [hash, onBehalfOf],
  );
  const [found] = rows;
  if (!found) throw new ApiError("BLD01", "A chave não vale, ou a pessoa não é da administradora.");
  return {
    role: "integrator",
    personId: found.person_id,
    organizationId: found.organization_id,
    apiKeyId: found.api_key_id,
  };
}

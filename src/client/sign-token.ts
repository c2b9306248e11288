import { SignJWT } from "jose";
import type { RequestRole } from "../database/role-names.ts";

/** Whom a token signs in. */
export interface TokenSubject {
  subject: string;
  role: Exclude<RequestRole, "anonymous">;
  organizationId?: string | undefined;
}

/**
 * Signs a sign-in token as Supabase would (HS256, RFC 7519), for an installation that has no identity provider: the
 * demo, and commands on the machine that holds the secret.
 *
 * @param hours how long it is valid
 */
export async function signToken(
  secret: string,
  { subject, role, organizationId }: TokenSubject,
  hours: number,
  now: Date,
): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT({
    app_metadata: {
      role,
      ...(organizationId !== undefined && { organization_id: organizationId }),
    },
  })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + hours * 3600)
    .sign(new TextEncoder().encode(secret));
}

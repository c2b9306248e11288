import type { RequestRole } from "../database/role-names.ts";

/** Who asks, as verified. Ids are those of the database, in decimal. */
export interface Identity {
  role: RequestRole;
  /** Null for anonymous requests only. */
  personId: string | null;
  /** The organization a member acts for; null for roles that come by grant. */
  organizationId: string | null;
  /** Set when another system asks, on behalf of the person. */
  apiKeyId: string | null;
}

/** Without a token: sees nothing. */
export const ANONYMOUS: Identity = {
  role: "anonymous",
  personId: null,
  organizationId: null,
  apiKeyId: null,
};

import { AuditFault } from "../fault.ts";
import type { Manifest } from "./manifest.ts";

/** What of an entry says whose it is. */
export interface Owned {
  organization_id?: string | undefined;
  condominium_id?: string | undefined;
}

/** What a bundle is about. */
export class Scope {
  readonly #organizations: ReadonlySet<string>;
  readonly #condominiums: ReadonlySet<string> | undefined;

  constructor({ organizations, condominiums }: Manifest) {
    this.#organizations = new Set(organizations);
    this.#condominiums = condominiums && new Set(condominiums);
  }

  /**
   * Holds an entry against it. A condominium's records belong to the condominium, whichever organization manages it;
   * without a list of condominiums, those of all are meant that the organizations manage.
   *
   * @returns a FOREIGN_RECORD fault for an entry that should not be there
   */
  outsideOf({ organization_id, condominium_id }: Owned): AuditFault | undefined {
    if (condominium_id !== undefined && this.#condominiums !== undefined) {
      return this.#condominiums.has(condominium_id)
        ? undefined
        : foreign(`do condomínio ${condominium_id}`);
    }
    if (organization_id === undefined || this.#organizations.has(organization_id)) return undefined;
    return foreign(`da organização ${organization_id}`);
  }
}

function foreign(whose: string): AuditFault {
  return new AuditFault("FOREIGN_RECORD", `O registro é ${whose}, de que o manifesto não fala.`);
}

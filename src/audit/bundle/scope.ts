import type { Entry } from "../entry.ts";
import { AuditFault } from "../fault.ts";
import type { Manifest } from "./manifest.ts";

/**
 * Holds an entry against what its bundle is about. A condominium's records belong to the condominium, whichever
 * organization manages it; without a list of condominiums, those of all are meant that the organizations manage.
 *
 * @returns a FOREIGN_RECORD fault for an entry that should not be there
 */
export function outsideOf(
  { organizations, condominiums }: Manifest,
  entry: Entry,
): AuditFault | undefined {
  const organization = entry.organization_id;
  const condominium = "condominium_id" in entry ? entry.condominium_id : undefined;
  if (condominium !== undefined && condominiums !== undefined) {
    return condominiums.includes(condominium) ? undefined : foreign(`do condomínio ${condominium}`);
  }
  if (organization === undefined || organizations.includes(organization)) return undefined;
  return foreign(`da organização ${organization}`);
}

function foreign(whose: string): AuditFault {
  return new AuditFault("FOREIGN_RECORD", `O registro é ${whose}, de que o manifesto não fala.`);
}

import type pg from "pg";
import { type Attest, transaction } from "../../../src/database/actor.ts";
import { roleName } from "../../../src/database/role-names.ts";
import { cnpjCheckDigits } from "../../../src/identifiers/cnpj.ts";
import type { Installation } from "../installation.ts";

/** An administradora of the measurement, with the settings of a request of its administrator. */
export interface Tenant {
  organizationId: string;
  /** Codes of its condominiums. */
  condominiums: string[];
  settings: Readonly<Record<string, string>>;
  /** Signs for what its administrator writes. */
  attest: Attest;
}

/** A CNPJ with right check digits, made of a number below 1,000,000. */
export function supplierCnpj(number: number): string {
  const base = `77${String(number).padStart(6, "0")}0001`;
  return base + cnpjCheckDigits(base);
}

/** Cleaning, the trade of every supplier here. */
const CLEANING_CNAE = "8121400";

/** Registry data of so many suppliers, all active and looked up just now. */
export async function seedSuppliers(installation: Installation, count: number): Promise<void> {
  const client = await installation.connect("worker");
  await client.query(
    `insert into blindagem.companies (cnpj, state, name, status, main_cnae, simples, source, source_date)
     select cnpj, 'FOUND', 'Fornecedor', 'Ativa', $2, true, 'MIRROR', current_date from unnest($1::text[]) as cnpj`,
    [Array.from({ length: count }, (_, number) => supplierCnpj(number)), CLEANING_CNAE],
  );
}

/** Makes administradoras with that many condominiums each, through the functions that a customer uses. */
export async function createTenants(
  installation: Installation,
  names: readonly string[],
  condominiumsEach: number,
): Promise<Tenant[]> {
  const client = await installation.connect("authenticator");
  const tenants: Tenant[] = [];
  for (const name of names)
    tenants.push(await createTenant(client, installation, name, condominiumsEach));
  return tenants;
}

const as = (role: "operator" | "admin") => ({ id: "command:bench", role, reason: "Bench" });

/** Makes somebody an operator of the platform. */
export async function makeOperator(installation: Installation, subject: string): Promise<void> {
  const client = await installation.connect("authenticator");
  await transaction(client, installation.attest, as("operator"), async () => {
    await client.query("select set_config('role', $1, true)", [
      roleName(installation.prefix, "operator"),
    ]);
    await client.query(
      "select blindagem_private.grant_operator($1, 'Operação', $1 || '@example.com')",
      [subject],
    );
  });
}

async function createTenant(
  client: pg.Client,
  { prefix, attest }: Installation,
  name: string,
  condominiumCount: number,
): Promise<Tenant> {
  const organizationId = await transaction(client, attest, as("operator"), async () => {
    await client.query("select set_config('role', $1, true)", [roleName(prefix, "operator")]);
    const { rows } = await client.query<{ id: string }>(
      "select id from blindagem.create_organization($1, null, $2, $1, null)",
      [name, `admin ${name}`],
    );
    return rows[0]?.id;
  });
  if (organizationId === undefined) throw new Error("No organization was created.");
  const condominiums = Array.from({ length: condominiumCount }, (_, index) => `C${index}`);
  await transaction(client, attest, as("admin"), async () => {
    await client.query(
      "select set_config('role', $1, true), set_config('blindagem.organization_id', $2, true)",
      [roleName(prefix, "admin"), organizationId],
    );
    await client.query("select count(*) from blindagem.import_condominiums($1)", [
      JSON.stringify(condominiums.map((code) => ({ name: `Condomínio ${code}`, code }))),
    ]);
  });
  const signedIn = await client.query<{ person_id: string }>(
    "select person_id from blindagem_private.sign_in($1, 'admin', $2)",
    [`admin ${name}`, organizationId],
  );
  const personId = signedIn.rows[0]?.person_id;
  if (personId === undefined) throw new Error("The administrator cannot sign in.");
  return {
    organizationId,
    condominiums,
    attest,
    settings: {
      role: roleName(prefix, "admin"),
      transaction_read_only: "off",
      "blindagem.role": "admin",
      "blindagem.organization_id": organizationId,
      "blindagem.person_id": personId,
      "blindagem.actor_id": `person:${personId}`,
      "blindagem.reason": "Lote de despesas",
    },
  };
}

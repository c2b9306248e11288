import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type ApiClient, createApiClient } from "../src/client/api-client.ts";
import { signToken } from "../src/client/sign-token.ts";
import { count } from "../src/validation/catalogue/portuguese.ts";

const person = z.object({ subject: z.string(), name: z.string(), email: z.string() });
const grant = z.object({
  person: z.string(),
  role: z.enum(["admin", "reviewer", "sindico", "auditor", "operator", "integrator"]),
  condominium: z.string().nullable(),
});

/** demo/data/organizations.json, as far as loading needs it. */
export const organizationsFile = z.object({
  openDataDate: z.string(),
  organizations: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      cnpj: z.string(),
      settings: z.object({
        receiptDays: z.int(),
        payeeAccountDays: z.int(),
        splittingDays: z.int(),
      }),
      approvalLimits: z.array(
        z.object({
          condominium: z.string().nullable(),
          amount: z.string(),
          requires: z.enum(["SECOND_APPROVER", "CONDOMINIUM"]),
        }),
      ),
      people: z.record(z.string(), person),
      grants: z.array(grant),
      condominiums: z.array(
        z.object({
          code: z.string(),
          name: z.string(),
          cnpj: z.string().nullable(),
          city: z.string(),
          managed: z.object({ from: z.string() }),
        }),
      ),
      bankConnections: z.array(
        z.object({ condominium: z.string(), itemId: z.string().optional() }),
      ),
    }),
  ),
});
type Organization = z.infer<typeof organizationsFile>["organizations"][number];

const batchesFile = z.array(
  z.object({ file: z.string(), organization: z.string(), idempotencyKey: z.string() }),
);
const receiptsFile = z.array(z.object({ file: z.string(), late: z.boolean() }));

const demoPerson = z.object({
  role: z.enum(["admin", "reviewer", "sindico", "auditor", "operator", "integrator"]),
  subject: z.string(),
  name: z.string(),
  /** Key of the organization; "" for operators. */
  organization: z.string(),
  organizationName: z.string(),
  organizationId: z.string().optional(),
  /** Name of the one condominium that the role is confined to. */
  condominium: z.string().optional(),
});

/** What a later start needs to know of a loaded demo. */
export const loadedDemo = z.object({
  people: z.array(demoPerson),
  batches: z.array(z.object({ batchId: z.string(), organization: z.string(), title: z.string() })),
});

/** Someone who can sign in to the demo. */
export type DemoPerson = z.infer<typeof demoPerson>;
export type LoadedDemo = z.infer<typeof loadedDemo>;

/** A token with which a person of the demo signs in, good for a day. */
export function tokenOf(person: DemoPerson, jwtSecret: string): Promise<string> {
  return signToken(
    jwtSecret,
    {
      subject: person.subject,
      role: person.role,
      ...(person.organizationId !== undefined && { organizationId: person.organizationId }),
    },
    TOKEN_HOURS,
    new Date(),
  );
}

export interface LoadOptions {
  apiUrl: string;
  jwtSecret: string;
  /** Makes the first operator: the one thing that no request can do. */
  createOperator(subject: string, name: string, email: string): Promise<void>;
  /** Directory with data/ and receipts/. */
  root: string;
  tell(step: string): void;
}

const TOKEN_HOURS = 24;

/**
 * Loads the demo through the API, as a customer would: organizations, people, condominiums, settings, banks,
 * documents and batches. The mirror of the open data is imported before, by its own command.
 */
export async function loadDemo(options: LoadOptions): Promise<LoadedDemo> {
  const { organizations } = organizationsFile.parse(
    await json(options.root, "data/organizations.json"),
  );
  const operator = await firstOperator(organizations, options);
  const people: DemoPerson[] = [operator.person];
  const loaded: LoadedDemo["batches"] = [];
  const admins = new Map<string, ApiClient>();
  for (const organization of organizations) {
    options.tell(`Cadastrando ${organization.name}…`);
    const id = await createOrganization(operator.client, organization);
    const admin = await setUpOrganization(organization, id, options);
    admins.set(organization.key, admin.client);
    people.push(...admin.people);
  }
  const batches = batchesFile.parse(await json(options.root, "data/batches.json"));
  const receipts = receiptsFile.parse(await json(options.root, "data/receipts.json"));
  const late = new Set(receipts.filter(({ late }) => late).map(({ file }) => file));
  const uploads: { client: ApiClient; file: string }[] = [];
  for (const batch of batches) {
    const client = admins.get(batch.organization);
    if (!client) throw new Error(`${batch.file}: unknown organization ${batch.organization}`);
    const content = await readFile(join(options.root, "data", batch.file));
    const named = receipts.filter(({ file }) => content.includes(file));
    for (const { file } of named) {
      if (late.has(file)) uploads.push({ client, file });
      else await upload(client, options.root, file);
    }
    const answer = await client.submitBatch(content, {
      contentType: batch.file.endsWith(".csv") ? "text/csv" : "application/json",
      idempotencyKey: batch.idempotencyKey,
    });
    const [error] = answer.errors;
    if (answer.batchId === null) {
      throw new Error(
        `${batch.file}: line ${(error?.index ?? 0) + 1}, ${error?.field}: ${error?.message}`,
      );
    }
    const title = `Lote ${answer.batchId} · ${organizationName(organizations, batch.organization)}`;
    loaded.push({ batchId: answer.batchId, organization: batch.organization, title });
    options.tell(`${title}: ${count(answer.accepted, "despesa recebida", "despesas recebidas")}.`);
  }
  for (const { client, file } of uploads) await upload(client, options.root, file);
  return { people, batches: loaded };
}

async function json(root: string, file: string): Promise<unknown> {
  return JSON.parse(await readFile(join(root, file), "utf8"));
}

function organizationName(organizations: readonly Organization[], key: string): string {
  return organizations.find((organization) => organization.key === key)?.name ?? key;
}

async function upload(client: ApiClient, root: string, file: string): Promise<void> {
  await client.uploadDocument(file, new Uint8Array(await readFile(join(root, "receipts", file))));
}

async function firstOperator(organizations: readonly Organization[], options: LoadOptions) {
  for (const organization of organizations) {
    const found = organization.grants.find(({ role }) => role === "operator");
    const who = found && organization.people[found.person];
    if (!who) continue;
    await options.createOperator(who.subject, who.name, who.email);
    const person: DemoPerson = {
      role: "operator",
      subject: who.subject,
      name: who.name,
      organization: "",
      organizationName: "plataforma",
    };
    const token = await tokenOf(person, options.jwtSecret);
    return { client: createApiClient({ url: options.apiUrl, token }), person };
  }
  throw new Error("The demo has no operator.");
}

async function createOrganization(
  operator: ApiClient,
  organization: Organization,
): Promise<string> {
  const { person: admin } = adminOf(organization);
  const { createOrganization: created } = await operator.graphql(
    `mutation ($input: CreateOrganizationInput!) { createOrganization(input: $input) { result { id } } }`,
    {
      input: {
        name: organization.name,
        cnpj: organization.cnpj,
        adminSubject: admin.subject,
        adminName: admin.name,
        adminEmail: admin.email,
      },
    },
    z.object({ createOrganization: z.object({ result: z.object({ id: z.string() }) }) }),
  );
  return created.result.id;
}

function adminOf(organization: Organization) {
  const found = organization.grants.find(({ role }) => role === "admin");
  const admin = found && organization.people[found.person];
  if (!found || !admin) throw new Error(`${organization.key} has no administrator.`);
  return { key: found.person, person: admin };
}

async function setUpOrganization(organization: Organization, id: string, options: LoadOptions) {
  const admin = adminOf(organization);
  const signedIn = await tokenOf(
    {
      role: "admin",
      subject: admin.person.subject,
      name: admin.person.name,
      organization: organization.key,
      organizationName: organization.name,
      organizationId: id,
    },
    options.jwtSecret,
  );
  const client = createApiClient({ url: options.apiUrl, token: signedIn });
  const run = (mutation: string, input: Record<string, unknown>) =>
    client.graphql(
      `mutation ($input: ${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!) { ${mutation}(input: $input) { clientMutationId } }`,
      { input },
      z.unknown(),
    );

  await run("importCondominiums", {
    rows: organization.condominiums.map(({ code, name, cnpj, city, managed }) => ({
      code,
      name,
      cnpj,
      city,
      managedFrom: managed.from,
    })),
  });
  const condominiumIds = await condominiumsByCode(client);
  const condominiumId = (code: string | null) =>
    code === null ? null : (condominiumIds.get(code) ?? null);

  const people: DemoPerson[] = [];
  for (const { person: key, role, condominium } of organization.grants) {
    const who = organization.people[key];
    if (!who || role === "operator") continue;
    const isMember = role === "admin" || role === "reviewer" || role === "integrator";
    if (isMember && !(role === "admin" && key === admin.key)) {
      await run("addMember", { ...who, role });
    } else if (!isMember) {
      await run("grantRole", { ...who, role, condominiumId: condominiumId(condominium) });
    }
    people.push({
      role,
      subject: who.subject,
      name: who.name,
      organization: organization.key,
      organizationName: organization.name,
      ...(isMember && { organizationId: id }),
      condominium: organization.condominiums.find(({ code }) => code === condominium)?.name,
    });
  }
  const settings = {
    receipt_date_tolerance_days: organization.settings.receiptDays,
    payee_account_hold_days: organization.settings.payeeAccountDays,
    split_window_days: organization.settings.splittingDays,
  };
  for (const [name, value] of Object.entries(settings)) {
    await run("setSetting", { name, value, reason: "Ajuste inicial da demonstração" });
  }
  for (const { condominium, amount, requires } of organization.approvalLimits) {
    await run("setApprovalLimit", {
      amount,
      requires,
      condominiumId: condominiumId(condominium),
      reason: "Alçada inicial da demonstração",
    });
  }
  for (const { condominium, itemId } of organization.bankConnections) {
    if (itemId === undefined) continue;
    await run("connectBank", { providerItemId: itemId, condominiumId: condominiumId(condominium) });
  }
  return { client, people };
}

async function condominiumsByCode(client: ApiClient): Promise<Map<string, string>> {
  const { managements } = await client.graphql(
    "{ managements(first: 200) { nodes { code condominiumId } } }",
    {},
    z.object({
      managements: z.object({
        nodes: z.array(z.object({ code: z.string(), condominiumId: z.string() })),
      }),
    }),
  );
  return new Map(managements.nodes.map(({ code, condominiumId }) => [code, condominiumId]));
}

/** The open-data files under `root`, to import before. */
export async function openDataFiles(root: string): Promise<string[]> {
  const directory = join(root, "data", "open-data");
  return (await readdir(directory))
    .filter((name) => name.endsWith(".zip"))
    .map((name) => join(directory, name));
}

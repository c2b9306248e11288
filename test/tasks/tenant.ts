import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import type { TestDatabase } from "../database/test-database.ts";

/** An administradora with one condominium, made through the functions that the API calls. */
export interface Tenant {
  organizationId: string;
  personId: string;
  /** A reviewer, who submits nothing. */
  colleagueId: string;
  condominiumId: string;
  /** Connects a Pluggy item: to the condominium, or to the organization's pool. */
  connect(providerItemId: string, holder?: "CONDOMINIUM" | "POOL"): Promise<string>;
  /** Answers the open review of that subject, as a colleague of the one who submits. */
  answer(subject: string, approve: boolean): Promise<void>;
  /** Receives a verified notification, as the API does. */
  notify(providerItemId: string, event: string, named: Record<string, unknown>): Promise<void>;
  /** Hands in one expense. @returns its id */
  submit(expense: SubmittedExpense): Promise<string>;
}

/** What a test says of an expense; the rest is ordinary maintenance of lifts. */
export interface SubmittedExpense {
  externalId: string;
  grossAmount: string;
  dueDate: string;
  [field: string]: unknown;
}

const id = z.object({ id: z.string() });

let made = 0;

export async function createTenant(database: TestDatabase): Promise<Tenant> {
  made += 1;
  const subject = `admin-${made}`;
  const code = `C${made}`;
  const organization = await database.asRequest("operator", { actor_id: "operator" }, (client) =>
    client.query("select id::text from blindagem.create_organization($1, null, $2, 'Ana', null)", [
      `Administradora ${made}`,
      subject,
    ]),
  );
  const { id: organizationId } = id.parse(organization.rows[0]);
  const member = await database
    .pool("worker")
    .query("select person_id::text as id from blindagem.members where organization_id = $1", [
      organizationId,
    ]);
  const { id: personId } = id.parse(member.rows[0]);
  const as = {
    organization_id: organizationId,
    person_id: personId,
    actor_id: `person:${personId}`,
  };
  const one = async (statement: string, values: unknown[]): Promise<string> => {
    const { rows } = await database.asRequest("admin", as, (client) =>
      client.query(statement, values),
    );
    return id.parse(rows[0]).id;
  };
  const condominiumId = await one(
    "select id::text from blindagem.create_condominium('Edifício Exemplo', $1, null)",
    [code],
  );
  const colleagueId = await one(
    "select person_id::text as id from blindagem.add_member($1, 'Beto', null, 'reviewer')",
    [`reviewer-${made}`],
  );
  return {
    organizationId,
    personId,
    colleagueId,
    condominiumId,
    connect: (providerItemId, holder = "CONDOMINIUM") =>
      one("select id::text from blindagem.connect_bank($1, $2)", [
        providerItemId,
        holder === "CONDOMINIUM" ? condominiumId : null,
      ]),
    async answer(subject, approve) {
      const settings = {
        organization_id: organizationId,
        person_id: colleagueId,
        actor_id: `person:${colleagueId}`,
      };
      await database.asRequest("reviewer", settings, (client) =>
        client.query(
          `select blindagem.resolve_review(id, $3, 'conferido no extrato') from blindagem.reviews
           where condominium_id = $1 and subject = $2 and outcome is null`,
          [condominiumId, subject, approve],
        ),
      );
    },
    async notify(providerItemId, event, named) {
      await database
        .pool("authenticator")
        .query("select blindagem_private.receive_webhook('PLUGGY', $1, $2, $3, null, $4)", [
          randomUUID(),
          event,
          providerItemId,
          JSON.stringify(named),
        ]);
    },
    async submit(expense) {
      const rows = JSON.stringify([{ ...ordinary, index: 0, condominium: code, ...expense }]);
      const hash = createHash("sha256").update(rows).digest("hex");
      await one(`select blindagem.submit_expense_batch($1, $2)->>'batchId' as id`, [rows, hash]);
      const stored = await database
        .pool("worker")
        .query(
          "select id::text from blindagem.expenses where organization_id = $1 and external_id = $2",
          [organizationId, expense.externalId],
        );
      return id.parse(stored.rows[0]).id;
    },
  };
}

const ordinary = {
  category: "ELEVADORES",
  documentKind: "NFSE",
  documentNumber: null,
  issueDate: "2030-11-01",
  competence: "2030-11",
  retentions: [],
  payeeKind: "CNPJ",
  payeeDocument: "11222333000181",
  payeeName: "Elevadores Exemplo Ltda",
  documents: [],
};

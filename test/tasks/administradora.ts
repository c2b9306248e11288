import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { loadLanes } from "../../src/queue/lanes.ts";
import type { ReceiptReading } from "../../src/receipts/reading.ts";
import type { TestDatabase } from "../database/test-database.ts";
import { runJobs } from "./task-run.ts";

/** An administradora with members and condominiums, made through the functions that the API calls. */
export interface Administradora {
  organizationId: string;
  /** Registers a condominium under that code. @returns its id */
  condominium(code: string): Promise<string>;
  /** Runs a statement as the administrator, who submits, or as the reviewer. */
  as<Row extends object>(
    role: "admin" | "reviewer",
    statement: string,
    values?: unknown[],
  ): Promise<Row[]>;
  /** Hands in a batch. @returns the expenses' ids in the order of the rows */
  submit(...rows: Record<string, unknown>[]): Promise<string[]>;
  /** Hands in a document. */
  upload(sha256: string, fileName: string): Promise<void>;
}

const id = z.object({ id: z.string() });
let made = 0;

export async function createAdministradora(database: TestDatabase): Promise<Administradora> {
  made += 1;
  const number = made;
  const created = await database.asRequest("operator", { actor_id: "operator" }, (client) =>
    client.query("select id::text from blindagem.create_organization($1, null, $2, 'Ana', null)", [
      `Administradora ${number}`,
      `ana-${number}`,
    ]),
  );
  const { id: organizationId } = id.parse(created.rows[0]);
  const people = new Map<string, string>();
  const as: Administradora["as"] = (role, statement, values = []) => {
    const person = people.get(role) ?? "";
    const settings = {
      organization_id: organizationId,
      person_id: person,
      actor_id: `person:${person}`,
    };
    return database.asRequest(role, settings, async (client) => {
      const result = await client.query(statement, values);
      return result.rows;
    });
  };
  const first = await database
    .pool("worker")
    .query("select person_id::text as id from blindagem.members where organization_id = $1", [
      organizationId,
    ]);
  people.set("admin", id.parse(first.rows[0]).id);
  const [reviewer] = await as(
    "admin",
    "select person_id::text as id from blindagem.add_member($1, 'Rui', null, 'reviewer')",
    [`rui-${number}`],
  );
  people.set("reviewer", id.parse(reviewer).id);

  return {
    organizationId,
    as,
    async condominium(code) {
      const [row] = await as(
        "admin",
        "select id::text from blindagem.create_condominium($1, $2, null)",
        [`Edifício ${code}`, code],
      );
      return id.parse(row).id;
    },
    async submit(...rows) {
      const batch = JSON.stringify(
        rows.map((row, index) => ({ ...ordinaryRow(number), index, ...row })),
      );
      const hash = createHash("sha256").update(batch).digest("hex");
      const [answer] = await as(
        "admin",
        "select blindagem.submit_expense_batch($1, $2)->>'batchId' as id",
        [batch, hash],
      );
      const { rows: expenses } = await database
        .pool("worker")
        .query("select id::text from blindagem.expenses where batch_id = $1 order by id", [
          id.parse(answer).id,
        ]);
      return z
        .array(id)
        .parse(expenses)
        .map((expense) => expense.id);
    },
    async upload(sha256, fileName) {
      await as("admin", "select blindagem_private.register_document($1, 'PDF', 1000, $2)", [
        sha256,
        fileName,
      ]);
    },
  };
}

let rowsMade = 0;

/** Maintenance of lifts, to be approved without a document once its supplier is known. */
function ordinaryRow(organization: number): Record<string, unknown> {
  rowsMade += 1;
  return {
    externalId: `E-${organization}-${rowsMade}`,
    category: "ELEVADORES",
    documentKind: "NFSE",
    documentNumber: `N-${rowsMade}`,
    issueDate: "2026-11-03",
    competence: "2026-11",
    grossAmount: `${1000 + rowsMade}.00`,
    retentions: [],
    payeeKind: "CNPJ",
    payeeDocument: "11222333000181",
    payeeName: "Elevadores Exemplo Ltda",
    dueDate: "2026-11-10",
    documents: [],
  };
}

/** The body with which CNPJ.ws answers for a maintainer of lifts, with that CNPJ and status. */
export function registryBody(cnpj: string, status = "Ativa"): unknown {
  const file = new URL("../fixtures/suppliers/cnpjws-200-ativa.json", import.meta.url);
  const body = z
    .looseObject({ estabelecimento: z.looseObject({}) })
    .parse(JSON.parse(readFileSync(file, "utf8")));
  Object.assign(body.estabelecimento, { cnpj, situacao_cadastral: status });
  return body;
}

/** A reading without doubt; `changes` to its fields make it what a test needs. */
export function readingOf(changes: {
  amount?: string;
  timestamp?: string;
  identifiers?: ReceiptReading["fields"]["identifiers"];
}): ReceiptReading {
  const absent = { value: null, confidence: 0, box: null, page: null };
  const sure = { confidence: 0.99, box: null, page: 0 };
  return {
    kind: "NFSE",
    method: "TEXT_LAYER",
    pages: [],
    fields: {
      timestamp: {
        ...sure,
        value: changes.timestamp ?? "2026-11-03T10:00:00-03:00",
        precision: "second",
        evidence: [],
      },
      amount: changes.amount === undefined ? absent : { ...sure, value: changes.amount },
      cnpj: absent,
      takerCnpj: absent,
      payee: absent,
      payer: absent,
      documentNumber: absent,
      dueDate: absent,
      identifiers: changes.identifiers ?? [],
    },
    verdict: "ACCEPTED",
    reasons: [],
  };
}

/** Runs the jobs of all tasks until none is due. */
export async function runAll(database: TestDatabase): Promise<void> {
  const { QUICK, PROVIDER, READING } = await loadLanes();
  await runJobs(database, { ...QUICK, ...PROVIDER, ...READING });
}

/** Makes every waiting job due, as if its time had come. */
export async function passTime(database: TestDatabase): Promise<void> {
  await database.pool("worker").query("update graphile_worker._private_jobs set run_at = now()");
}

/** What stands of an expense. */
export interface Standing {
  status: string;
  codes: string[];
  /** Its reviews, "KIND OUTCOME". */
  reviews: string[];
  decisions: number;
}

export async function standingOf(database: TestDatabase, expenseId: string): Promise<Standing> {
  const { rows } = await database.pool("worker").query<Standing>(
    `select e.status,
       array(select reason->>'code' from jsonb_array_elements(e.status_reasons) as reason) as codes,
       array(select r.kind || ' ' || coalesce(r.outcome, 'OPEN') from blindagem.reviews r
         where r.condominium_id = e.condominium_id and r.expense_id = e.id order by r.id) as reviews,
       (select count(*)::int from blindagem.decisions d
         where d.condominium_id = e.condominium_id and d.expense_id = e.id) as decisions
     from blindagem.expenses e where e.id = $1`,
    [expenseId],
  );
  const [row] = rows;
  if (!row) throw new Error(`There is no expense ${expenseId}.`);
  return row;
}

/** How many audit records there are. */
export async function auditRecords(database: TestDatabase): Promise<number> {
  const { rows } = await database
    .pool("migrator")
    .query<{ count: number }>("select count(*)::int as count from blindagem_audit.records");
  return rows[0]?.count ?? 0;
}

import { randomUUID } from "node:crypto";
import { encodeBase64 } from "../../../src/audit/base64.ts";
import { signIntent } from "../../../src/audit/intent.ts";
import { rootOfLeafHashes } from "../../../src/audit/leaf-hashes.ts";
import type { Signer } from "../../../src/audit/note.ts";
import { leafHash } from "../../../src/audit/tree.ts";

export const ORGANIZATION = "10";
const CONDOMINIUMS = 5;
/** Expenses of a batch, and rows of a task's set. */
const SET = 250;

interface Change {
  type: string;
  id: number;
  condominium: number;
  action: string;
  before?: object;
  after?: object;
}

/**
 * The log of an administradora that submits batches, whose expenses are validated, paid and matched, as the capture
 * functions write it: five records an expense, by sets of 250 in a transaction with its intent, and now and then a review
 * by a person, alone in its own.
 */
export async function* auditedBatches(records: number, signer: Signer): AsyncGenerator<string> {
  let id = 0;
  let transaction = 1000;
  let written = 0;
  const write = async function* (changes: readonly Change[], actor: string, login: string) {
    transaction += 1;
    const leaves = new Map<number, Uint8Array[]>();
    const request = randomUUID();
    for (const change of changes) {
      id += 1;
      const entry = entryOf(id, change, contextOf(transaction, actor, login, request));
      const hashes = leaves.get(change.condominium) ?? [];
      hashes.push(leafHash(entry));
      leaves.set(change.condominium, hashes);
      yield entry;
    }
    const groups = [...leaves.values()].map((hashes) => ({
      records: hashes.length,
      root: encodeBase64(rootOfLeafHashes(Buffer.concat(hashes))),
    }));
    id += 1;
    yield JSON.stringify({
      format: "blindagem-intent-1",
      id: String(id),
      salt: randomUUID(),
      recorded_at: "2026-11-24T12:00:00.000001Z",
      transaction_id: String(transaction),
      note: await signIntent(
        {
          transaction_id: String(transaction),
          actor_id: actor,
          actor_role: "admin",
          reason: "Envio de despesas",
          request_id: request,
          actions: [...new Set(changes.map(({ action }) => action))].sort(),
          records: changes.length,
          groups: groups.sort((one, other) => (one.root < other.root ? -1 : 1)),
        },
        signer,
      ),
    });
  };
  for (let first = 1; ; first += SET) {
    const rows = Array.from({ length: SET }, (_, place) => first + place);
    const sets: [Change[], string, string][] = [
      [[...rows.map(submitted), ...rows.map(payable)], "person:1", "blindagem_authenticator"],
      [rows.map(validated), "system:validate_expenses", "blindagem_worker"],
      [[...rows.map(matched), ...rows.map(paid)], "system:reconcile", "blindagem_worker"],
      [[reviewed(first)], "person:2", "blindagem_authenticator"],
    ];
    for (const set of sets) {
      for await (const entry of write(...set)) {
        yield entry;
        written += 1;
      }
      if (written >= records) return;
    }
  }
}

function entryOf(id: number, change: Change, context: string): string {
  const { type, condominium, action, before, after } = change;
  const operation = before === undefined ? "INSERT" : "UPDATE";
  const states = [
    ...(after === undefined ? [] : [`,"new_state":${JSON.stringify(after)}`]),
    ...(before === undefined ? [] : [`,"previous_state":${JSON.stringify(before)}`]),
  ].join("");
  return `{"format":"blindagem-record-4","id":"${id}","salt":"${randomUUID()}","organization_id":"${ORGANIZATION}","condominium_id":"${condominium}","sensitivity":"ORDINARY","entity_type":"${type}","entity_id":"${condominium}/${change.id}","operation":"${operation}","action":"${action}"${states},${context}}`;
}

function contextOf(transaction: number, actor: string, login: string, request: string): string {
  return `"recorded_at":"2026-11-24T12:00:00.000000Z","actor_id":"${actor}","actor_role":"admin","reason":"Envio de despesas","ip":"203.0.113.9","user_agent":"Mozilla/5.0 (X11; Linux x86_64)","request_id":"${request}","session_login":"${login}","application_name":"blindagem-api","client_address":"10.0.0.7","transaction_id":"${transaction}"`;
}

const condominiumOf = (id: number) => 20 + (id % CONDOMINIUMS);

function submitted(id: number): Change {
  const condominium = condominiumOf(id);
  const after = {
    condominium_id: String(condominium),
    id: String(id),
    organization_id: ORGANIZATION,
    batch_id: String(Math.floor(id / SET)),
    external_id: `2026-11-${id}`,
    category: "LIMPEZA",
    sensitivity: "ORDINARY",
    document_kind: "NFSE",
    document_number: String(id),
    issue_date: "2026-11-03",
    competence: "2026-11-01",
    gross_amount: "5300.00",
    payee_kind: "COMPANY",
    payee_document: "11222333000181",
    payee_name: "Limpa Bem Serviços de Conservação Ltda",
    due_date: "2026-12-15",
    description: "Limpeza das áreas comuns em novembro",
    submitted_by: "7",
    submitted_at: "2026-11-24T12:00:00.000000+00:00",
    fact_deadline: "2026-11-27T12:00:00.000000+00:00",
    status: "PENDING",
    status_reasons: [],
    payment_status: "UNPAID",
  };
  return { type: "expenses", id, condominium, action: "SUBMIT", after };
}

function payable(id: number): Change {
  const condominium = condominiumOf(id);
  const after = {
    condominium_id: String(condominium),
    id: String(id),
    expense_id: String(id),
    kind: "NET",
    payee_document: "11222333000181",
    payee_name: "Limpa Bem Serviços de Conservação Ltda",
    amount: "5300.00",
    due_date: "2026-12-15",
    payment_status: "UNPAID",
  };
  return { type: "payables", id, condominium, action: "INSERT", after };
}

function validated(id: number): Change {
  const before = { status: "PENDING", status_reasons: [], decided_at: null, facts_hash: null };
  const after = {
    status: "APPROVED",
    status_reasons: ["SUPPLIER_ACTIVE", "TRADE_FITS", "RECEIPT_AGREES"],
    decided_at: "2026-11-24T12:00:09.123456+00:00",
    facts_hash: "\\x4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a",
  };
  return { type: "expenses", id, condominium: condominiumOf(id), action: "APPROVE", before, after };
}

function matched(id: number): Change {
  const condominium = condominiumOf(id);
  const after = {
    condominium_id: String(condominium),
    payable_id: String(id),
    transaction_id: String(id),
    amount: "5300.00",
    matched_at: "2026-11-25T12:00:00.000000+00:00",
    rule: "EXACT",
  };
  return { type: "payments", id, condominium, action: "MATCH", after };
}

function paid(id: number): Change {
  const before = { payment_status: "UNPAID" };
  const after = { payment_status: "PAID" };
  return { type: "payables", id, condominium: condominiumOf(id), action: "UPDATE", before, after };
}

function reviewed(id: number): Change {
  const after = { id: String(id), kind: "RECEIPT", reasons: [], expense_id: String(id) };
  return { type: "reviews", id, condominium: condominiumOf(id), action: "OPEN_REVIEW", after };
}

/** Fields of a record; what is left out is as in an ordinary update of a person's own condominium. */
export interface EntryFields {
  [field: string]: unknown;
}

const FIELDS: EntryFields = {
  format: "blindagem-record-6",
  id: "1",
  salt: "2c4e9f6a-0000-4000-8000-000000000000",
  organization_id: "10",
  condominium_id: "20",
  sensitivity: "ORDINARY",
  entity_type: "expenses",
  entity_id: "7",
  operation: "INSERT",
  action: "SUBMIT",
  new_state: undefined,
  previous_state: undefined,
  recorded_at: "2026-11-24T12:00:00.000000Z",
  actor_id: "person:1",
  actor_role: "admin",
  on_behalf_of: undefined,
  reason: "Envio de despesas",
  ip: undefined,
  user_agent: undefined,
  request_id: "req-1",
  job_id: undefined,
  session_login: "blindagem_authenticator",
  application_name: "blindagem-api",
  client_address: undefined,
  transaction_id: "100",
};

/** The text of a record as a trigger would have written it, its fields in the same order. */
export function recordText(fields: EntryFields = {}): string {
  return JSON.stringify({ ...FIELDS, ...fields });
}

import { describe, expect, it } from "@jest/globals";
import { entryOf, type LogRecord, leafHash } from "../../src/audit/leaf.ts";

const RECORD: LogRecord = {
  id: "17",
  recorded_at: "2026-11-05T03:00:00.123456Z",
  organization_id: "1",
  condominium_id: "2",
  sensitivity: "ORDINARY",
  entity_type: "expenses",
  entity_id: "2/9",
  operation: "UPDATE",
  action: "APPROVE",
  actor_id: "system:validate_expenses",
  actor_role: "worker",
  on_behalf_of: null,
  previous_state: '{"status": "PENDING", "gross_amount": 100.00}',
  new_state: '{"status": "APPROVED", "gross_amount": 100.10}',
  reason: "Validação automática",
  ip: null,
  user_agent: null,
  request_id: null,
  job_id: "5",
  session_login: "blindagem_worker",
  application_name: "",
  client_address: "127.0.0.1",
  transaction_id: "771",
  intent: null,
};

describe("leafHash", () => {
  // Leaf hashes of the reference tree of certificate-transparency-go (merkle tree test inputs), RFC 6962.
  it.each([
    ["", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
    ["00", "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"],
    ["10", "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7"],
    ["2021", "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7"],
  ])("of %j", (hex, expected) => {
    expect(leafHash(Buffer.from(hex, "hex")).toString("hex")).toBe(expected);
  });
});

describe("entryOf", () => {
  it("is canonical JSON in UTF-8 with exact numbers", () => {
    expect(entryOf(RECORD).toString("utf8")).toBe(
      '{"action":"APPROVE","actor_id":"system:validate_expenses","actor_role":"worker","application_name":"",' +
        '"client_address":"127.0.0.1","condominium_id":"2","entity_id":"2/9","entity_type":"expenses",' +
        '"format":"blindagem-record-1","id":"17","intent":null,"ip":null,"job_id":"5",' +
        '"new_state":{"gross_amount":"100.10","status":"APPROVED"},"on_behalf_of":null,"operation":"UPDATE",' +
        '"organization_id":"1","previous_state":{"gross_amount":"100.00","status":"PENDING"},' +
        '"reason":"Validação automática","recorded_at":"2026-11-05T03:00:00.123456Z","request_id":null,' +
        '"sensitivity":"ORDINARY","session_login":"blindagem_worker","transaction_id":"771","user_agent":null}',
    );
  });

  it("changes with every field", () => {
    const original = leafHash(entryOf(RECORD)).toString("hex");
    const hashes = Object.keys(RECORD).map((field) => {
      const other = field.endsWith("_state") ? '{"status": "X"}' : "other";
      return leafHash(entryOf({ ...RECORD, [field]: other })).toString("hex");
    });
    expect(new Set([original, ...hashes]).size).toBe(Object.keys(RECORD).length + 1);
  });
});

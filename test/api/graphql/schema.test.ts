import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isObjectType,
  parse,
  validate,
} from "graphql";
import { textOf } from "../../docs/markdown.ts";
import { type ApiFixture, pick, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
let schema: GraphQLSchema;
beforeAll(async () => {
  fixture = await startApi();
  const { body } = await fixture.graphql("auditor", getIntrospectionQuery());
  schema = buildClientSchema(pick(body, "data") as IntrospectionQuery);
});
afterAll(() => fixture.close());

function fieldsOf(typeName: string): string[] {
  const type = schema.getType(typeName);
  return isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()) : [];
}

function argumentsOf(queryField: string): string[] {
  return (
    schema
      .getQueryType()
      ?.getFields()
      [queryField]?.args.map(({ name }) => name) ?? []
  );
}

function valuesOf(typeName: string): string[] {
  const type = schema.getType(typeName);
  return isEnumType(type) ? type.getValues().map(({ name }) => name) : [];
}

describe("the GraphQL schema", () => {
  it("names no relation after the columns of its key", () => {
    const named = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && type !== schema.getQueryType())
      .filter(({ name }) => !name.startsWith("__"))
      .flatMap(({ name }) => fieldsOf(name).map((field) => `${name}.${field}`))
      .filter((field) => /[a-z]By[A-Z]/.test(field));
    expect(named).toEqual([]);
    expect(fieldsOf("Payment")).toEqual(expect.arrayContaining(["payable", "transaction"]));
    expect(fieldsOf("BankTransaction")).toEqual(
      expect.arrayContaining(["payments", "refunds", "refundsOfDebits", "verdict", "reversals"]),
    );
  });

  it("has exactly these mutations: functions of the business, none that writes a table", () => {
    expect(fieldsOf("Mutation").sort()).toEqual(
      [
        "addMember",
        "assignPoolMovement",
        "cancelExpense",
        "cancelJobs",
        "closePeriod",
        "confirmMatch",
        "connectBank",
        "correctReading",
        "createApiKey",
        "createCondominium",
        "createOrganization",
        "endGrant",
        "endMembership",
        "erasePersonalData",
        "grantRole",
        "importBankStatement",
        "importCondominiums",
        "rescheduleJobs",
        "resolveReview",
        "retryJobs",
        "revokeApiKey",
        "setApprovalLimit",
        "setOrganizationWeight",
        "setReaderThreshold",
        "setSetting",
        "splitPayment",
        "submitExpenseBatch",
        "undoIncome",
        "undoMatch",
      ].sort(),
    );
  });

  it("has the collections that people look for", () => {
    expect(fieldsOf("Query")).toEqual(
      expect.arrayContaining([
        "auditCheckpoints",
        "auditCosignatures",
        "auditLog",
        "auditRecord",
        "auditWitnesses",
        "auditorAccesses",
        "backgroundJobs",
        "batchProgress",
        "bankTransactions",
        "condominiums",
        "expenseBatches",
        "expenses",
        "income",
        "payables",
        "payments",
        "refunds",
        "reviews",
      ]),
    );
  });

  it("shows a record of the audit log in the mission's shape", () => {
    expect(fieldsOf("AuditLog")).toEqual(
      expect.arrayContaining([
        "entityType",
        "entityId",
        "action",
        "actorId",
        "previousState",
        "newState",
        "metadata",
      ]),
    );
  });

  it("names the parts of an expense after what they are", () => {
    expect(fieldsOf("Expense")).toEqual(
      expect.arrayContaining([
        "batch",
        "condominium",
        "decisions",
        "documents",
        "payables",
        "retentions",
        "reviews",
      ]),
    );
    expect(fieldsOf("Expense").filter((name) => /By[A-Z].*And/.test(name))).toEqual([]);
  });

  it("offers no filter where it would be costly", () => {
    expect(fieldsOf("AuditLogFilter")).toEqual([
      "entityType",
      "entityId",
      "action",
      "actorId",
      "organizationId",
      "condominiumId",
      "recordedAt",
    ]);
    expect(argumentsOf("auditLog")).toEqual([
      "first",
      "last",
      "before",
      "after",
      "orderBy",
      "filter",
    ]);
    expect(valuesOf("AuditLogOrderBy")).toEqual([
      "PRIMARY_KEY_ASC",
      "PRIMARY_KEY_DESC",
      "ID_ASC",
      "ID_DESC",
    ]);
    for (const rows of ["AuditLog", "AuditCheckpoint", "AuditorAccess"]) {
      expect(fieldsOf(`${rows}Connection`)).not.toContain("totalCount");
    }
    expect(fieldsOf("BatchProgressFilter")).not.toContain("pending");
    expect(fieldsOf("BackgroundJobFilter")).not.toContain("lastError");
  });

  it("never shows the hash of an API key", () => {
    expect(fieldsOf("ApiKey")).not.toContain("keyHash");
    expect(fieldsOf("Query")).not.toContain("apiKeyByKeyHash");
  });

  it("answers what the auditors' guide asks", async () => {
    const blocks = (await textOf("docs/auditoria.md")).matchAll(/^```graphql\n(.*?)^```/gms);
    const documents = [...blocks].map(([, text = ""]) => parse(text));
    expect(documents).toHaveLength(6);
    for (const document of documents) expect(validate(schema, document)).toEqual([]);
  });
});

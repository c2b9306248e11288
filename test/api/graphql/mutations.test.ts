import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ApiFixture, expenseRow, type Person, pick, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

/** Calls a mutation of one argument `input`; its result, or the code of its error. */
async function call(person: Person, name: string, input: Record<string, unknown>, result: string) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${result} } }`;
  const { body } = await fixture.graphql(person, query, { input });
  return pick(body, "data", name) ?? pick(body, "errors", 0, "extensions", "code") ?? body;
}

describe("beginning", () => {
  it("makes an organization with its administrator, by operators only", async () => {
    const input = {
      name: "Gama",
      cnpj: "12ABC34501DE35",
      adminSubject: "gil",
      adminName: "Gil",
      adminEmail: "gil@example.com",
    };
    expect(await call("operator", "createOrganization", input, "result { name cnpj }")).toEqual({
      result: { name: "Gama", cnpj: "12ABC34501DE35" },
    });
    expect(await call("operator", "createOrganization", input, "result { name }")).toBe("BLD11");
    expect(await call("admin", "createOrganization", input, "result { name }")).toBe("BLD02");
    const wrong = { ...input, cnpj: "12ABC34501DE36" };
    expect(await call("operator", "createOrganization", wrong, "result { name }")).toBe("BLD04");
  });

  it("adds and ends members", async () => {
    const input = { subject: "ivo", name: "Ivo", email: "ivo@example.com", role: "reviewer" };
    const added = await call("admin", "addMember", input, "result { id role organizationId }");
    expect(added).toMatchObject({ result: { role: "reviewer", organizationId: fixture.ids.alfa } });
    expect(await call("admin", "addMember", { ...input, role: "owner" }, "result { id }")).toBe(
      "BLD04",
    );
    expect(await call("reviewer", "addMember", input, "result { id }")).toBe("BLD02");
  });

  it("makes condominiums, one or many", async () => {
    const one = { name: "Edifício Rio", code: "RIO", city: "Rio de Janeiro", state: "RJ" };
    expect(await call("admin", "createCondominium", one, "result { name state }")).toEqual({
      result: { name: "Edifício Rio", state: "RJ" },
    });
    const rows = [
      { name: "Edifício Norte", code: "NORTE", managedFrom: "2026-01-01" },
      { name: "Edifício Sul", code: "SUL" },
    ];
    expect(await call("admin", "importCondominiums", { rows }, "result { name }")).toEqual({
      result: [{ name: "Edifício Norte" }, { name: "Edifício Sul" }],
    });
    expect(await call("admin", "importCondominiums", { rows }, "result { name }")).toBe("BLD11");
  });

  it("says what is wrong with an argument", async () => {
    const messageOf = async (name: string, input: Record<string, unknown>) => {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
      const query = `mutation ($input: ${type}!) { ${name}(input: $input) { clientMutationId } }`;
      const { body } = await fixture.graphql("admin", query, { input });
      const error = pick(body, "errors", 0);
      return [pick(error, "extensions", "code"), pick(error, "message")];
    };
    const said = (words: string) => ["BLD04", expect.stringContaining(words)];
    const nul = "Ilha\u0000";
    const limit = { amount: "NaN", requires: "SECOND_APPROVER", reason: "ata da assembleia" };
    for (const rows of ["x", [1], {}]) {
      expect(await messageOf("importCondominiums", { rows })).toEqual(said("lista de objetos"));
    }
    expect(await messageOf("createCondominium", { name: nul, code: "I" })).toEqual(
      said("caractere nulo"),
    );
    expect(await messageOf("importCondominiums", { rows: [{ name: nul, code: "I" }] })).toEqual(
      said("caractere nulo"),
    );
    expect(
      await messageOf("createCondominium", { name: "Ilha", code: "I", cnpj: "11222333000182" }),
    ).toEqual(said("CNPJ (cnpj)"));
    expect(await messageOf("setApprovalLimit", limit)).toEqual(said("espera-se um número"));
  });

  it("grants and ends roles in a scope", async () => {
    const person = { subject: "zeca", name: "Zeca", email: "zeca@example.com" };
    const granted = await call(
      "admin",
      "grantRole",
      { ...person, role: "sindico", condominiumId: fixture.ids.mar },
      "result { id role condominiumId }",
    );
    expect(granted).toMatchObject({ result: { role: "sindico", condominiumId: fixture.ids.mar } });
    expect(await call("admin", "grantRole", { ...person, role: "operator" }, "result { id }")).toBe(
      "BLD04",
    );
    const foreign = { ...person, role: "sindico", condominiumId: fixture.ids.lua };
    expect(await call("admin", "grantRole", foreign, "result { id }")).toBe("BLD03");
    const grantId = pick(granted, "result", "id");
    expect(await call("admin", "endGrant", { grantId, reason: "x" }, "result { id }")).toBe(
      "BLD08",
    );
    expect(await call("otto", "endGrant", { grantId, reason: "não é meu" }, "result { id }")).toBe(
      "BLD03",
    );
    expect(
      await call(
        "admin",
        "endGrant",
        { grantId, reason: "mandato acabou" },
        "result { id validTo }",
      ),
    ).toMatchObject({
      result: { id: grantId, validTo: expect.any(String) },
    });
  });

  it("connects a bank and enqueues its first sync", async () => {
    const input = { providerItemId: "item-7", condominiumId: fixture.ids.sol };
    expect(await call("admin", "connectBank", input, "result { state }")).toEqual({
      result: { state: "NEW" },
    });
    expect(await call("admin", "connectBank", input, "result { state }")).toBe("BLD11");
    const { body } = await fixture.graphql(
      "admin",
      '{ backgroundJobs(filter: { task: { equalTo: "pluggy_sync" } }) { totalCount } }',
    );
    expect(pick(body, "data", "backgroundJobs", "totalCount")).toBe(1);
  });

  it("keeps settings and approval limits, each with a reason", async () => {
    const setting = { name: "fact_deadline_hours", value: 48, reason: "mais rápido" };
    expect(await call("admin", "setSetting", setting, "result { name value }")).toEqual({
      result: { name: "fact_deadline_hours", value: 48 },
    });
    expect(
      await call("admin", "setSetting", { ...setting, name: "other" }, "result { value }"),
    ).toBe("BLD04");
    expect(await call("admin", "setSetting", { ...setting, reason: " " }, "result { value }")).toBe(
      "BLD08",
    );
    const limit = { amount: "5000.00", requires: "SECOND_APPROVER", reason: "ata da assembleia" };
    expect(
      await call("admin", "setApprovalLimit", limit, "result { amount condominiumId }"),
    ).toEqual({
      result: { amount: "5000.00", condominiumId: null },
    });
  });
});

describe("cancelExpense", () => {
  it("is for the one who submitted, with a reason, while nothing is decided", async () => {
    await fixture.request("/batch-expenses", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([expenseRow({ externalId: "to-cancel" })]),
      person: "admin",
    });
    const { body } = await fixture.graphql(
      "admin",
      '{ expenses(filter: { externalId: { equalTo: "to-cancel" } }) { nodes { id } } }',
    );
    const expenseId = pick(body, "data", "expenses", "nodes", 0, "id");
    expect(
      await call("otto", "cancelExpense", { expenseId, reason: "engano" }, "result { id }"),
    ).toBe("BLD03");
    expect(
      await call("reviewer", "cancelExpense", { expenseId, reason: "engano" }, "result { id }"),
    ).toBe("BLD02");
    expect(await call("admin", "cancelExpense", { expenseId, reason: "" }, "result { id }")).toBe(
      "BLD08",
    );
    expect(
      await call(
        "admin",
        "cancelExpense",
        { expenseId, reason: "nota errada" },
        "result { status }",
      ),
    ).toEqual({
      result: { status: "CANCELLED" },
    });
    expect(
      await call("admin", "cancelExpense", { expenseId, reason: "de novo" }, "result { id }"),
    ).toBe("BLD06");
  });
});

describe("resolveReview", () => {
  /** An expense that a worker has sent to a person. */
  async function expenseInReview(
    secondApproval: string | null = null,
  ): Promise<{ reviewId: string; expenseId: string }> {
    const externalId = `review-${Math.random()}`;
    await fixture.request("/batch-expenses", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([expenseRow({ externalId })]),
      person: "admin",
    });
    const worker = fixture.database.pool("worker");
    const { rows: expenses } = await worker.query<{ id: string; condominium_id: string }>(
      `update blindagem.expenses set status = 'MANUAL_REVIEW', second_approval = $2 where external_id = $1
       returning id, condominium_id`,
      [externalId, secondApproval],
    );
    const expense = expenses[0];
    const { rows } = await worker.query<{ id: string }>(
      `insert into blindagem.reviews (condominium_id, kind, expense_id, subject, reasons)
       values ($1, 'EXPENSE', $2::bigint, 'expense:' || $2::bigint, '[]') returning id`,
      [expense?.condominium_id, expense?.id],
    );
    return { reviewId: rows[0]?.id ?? "", expenseId: expense?.id ?? "" };
  }
  const resolve = (person: Person, reviewId: unknown, reason = "conferi a nota", approve = true) =>
    call(
      person,
      "resolveReview",
      { reviewId, approve, reason },
      "result { outcome resolvedBy expense { status } }",
    );

  it("never by the one who submitted", async () => {
    const { reviewId } = await expenseInReview();
    expect(await resolve("admin", reviewId)).toBe("BLD07");
    expect(await resolve("otto", reviewId)).toBe("BLD03");
    expect(await resolve("operator", reviewId)).toBe("BLD02");
    expect(await resolve("reviewer", reviewId, "")).toBe("BLD08");
    expect(await resolve("reviewer", reviewId)).toMatchObject({
      result: { outcome: "APPROVED", expense: { status: "APPROVED" } },
    });
    expect(await resolve("reviewer", reviewId)).toBe("BLD06");
  });

  it("rejects", async () => {
    const { reviewId } = await expenseInReview();
    expect(await resolve("sindico", reviewId, "não reconheço", false)).toBe("BLD02");
    expect(await resolve("reviewer", reviewId, "não reconheço", false)).toMatchObject({
      result: { outcome: "REJECTED", expense: { status: "REJECTED" } },
    });
  });

  it("leads to the condominium's own approval where the limit asks for it", async () => {
    const { reviewId, expenseId } = await expenseInReview("CONDOMINIUM");
    expect(await resolve("reviewer", reviewId)).toMatchObject({
      result: { expense: { status: "AWAITING_SECOND_APPROVAL" } },
    });
    const { body } = await fixture.graphql(
      "sindico",
      `query ($id: BigInt!) { expenseById(id: $id) { reviews(filter: {}) { nodes { id kind outcome } } } }`.replace(
        "(filter: {})",
        "",
      ),
      { id: expenseId },
    );
    const second = pick(body, "data", "expenseById", "reviews", "nodes", 1);
    expect(second).toMatchObject({ kind: "SECOND_APPROVAL", outcome: null });
    expect(await resolve("reviewer", pick(second, "id"))).toBe("BLD02");
    expect(await resolve("sindico", pick(second, "id"))).toMatchObject({
      result: { outcome: "APPROVED", expense: { status: "APPROVED" } },
    });
  });
});

describe("erasing personal data", () => {
  const CPF = "52998224725";

  it("is an administrator's, who is told what is gone and what stays, and never whom", async () => {
    const row = { payeeDocument: CPF, payeeName: "Joana Prado Teixeira", documentKind: "RPA" };
    const submitted = await fixture.request("/batch-expenses", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([expenseRow(row), expenseRow(row)]),
      person: "admin",
    });
    expect(submitted.status).toBe(201);
    await fixture.database.pool("migrator").query(
      `update blindagem.expenses set status = 'REJECTED', decided_at = now()
       where id = (select min(id) from blindagem.expenses where payee_document = '${CPF}')`,
    );
    const erase = (person: Person, input: Record<string, unknown>) =>
      call(person, "erasePersonalData", input, "result { subject counts kept targets }");
    const input = { document: CPF, reason: "Pedido do titular" };
    expect(await erase("reviewer", input)).toBe("BLD02");
    expect(await erase("otto", input)).toBe("BLD03");
    expect(await erase("admin", { ...input, document: "123" })).toBe("BLD04");
    expect(await erase("admin", { reason: "Pedido do titular" })).toBe("BLD04");
    expect(await erase("admin", { ...input, name: "Joana" })).toBe("BLD04");
    const erased = await erase("admin", input);
    expect(erased).toMatchObject({
      result: {
        subject: "PAYEE",
        counts: { expenses: 1 },
        kept: [{ what: "expenses", count: 1, why: expect.stringContaining("ainda não") }],
      },
    });
    expect(JSON.stringify(erased)).not.toMatch(/Joana|52998224725/);
    const { rows } = await fixture.database
      .pool("migrator")
      .query("select payee_name from blindagem.expenses where payee_document = $1", [CPF]);
    expect(rows).toEqual([{ payee_name: "Joana Prado Teixeira" }]);
  });
});

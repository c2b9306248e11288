import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ApiFixture, expenseRow, pick, signToken, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

const CSV_HEADER =
  "id_externo;condominio;categoria;tipo_documento;numero_documento;emissao;competencia;valor_bruto;documento_favorecido;favorecido;vencimento";

function submit(content: unknown, query = "", headers: Record<string, string> = {}) {
  return fixture.request(`/batch-expenses${query}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(content),
    person: "admin",
  });
}

function submitCsv(text: string | Uint8Array, query = "") {
  return fixture.request(`/batch-expenses${query}`, {
    method: "POST",
    headers: { "content-type": "text/csv; charset=utf-8" },
    body: typeof text === "string" ? text : new Blob([Uint8Array.from(text)]),
    person: "admin",
  });
}

async function count(table: "expenses" | "expense_batches"): Promise<number> {
  const { rows } = await fixture.database
    .pool("migrator")
    .query<{ count: number }>(`select count(*)::int as count from blindagem.${table}`);
  return rows[0]?.count ?? -1;
}

describe("POST /batch-expenses", () => {
  it.each([
    ["a list", (rows: unknown[]) => rows],
    ["an object with rows", (rows: unknown[]) => ({ rows })],
    ["an object with expenses", (rows: unknown[]) => ({ expenses: rows })],
  ])("stores a batch given as %s, and tells where to watch it", async (_name, wrap) => {
    const answer = await submit(wrap([expenseRow(), expenseRow({ condominium: "MAR" })]));
    expect(answer).toMatchObject({
      status: 201,
      body: { accepted: 2, errors: [], repeated: false, refusedFile: null },
    });
    const progressUrl = String(pick(answer.body, "progressUrl"));
    expect(answer.headers.get("location")).toBe(progressUrl);
    expect(await fixture.request(progressUrl, { person: "admin" })).toMatchObject({
      status: 200,
      body: { batchId: pick(answer.body, "batchId"), expenses: 2, pending: 2, approved: 0 },
    });
  });

  it("writes batch, expenses, payables and jobs together", async () => {
    const retained = expenseRow({
      grossAmount: "1000.00",
      retentions: [{ kind: "INSS", amount: "110.00" }],
      payeePixKey: "11222333000181",
      instalment: "2/3",
      documents: ["nota.pdf"],
    });
    const batchId = pick((await submit([retained])).body, "batchId");
    const { body } = await fixture.graphql(
      "admin",
      `query ($id: BigInt!) {
         expenseBatch(id: $id) {
           expenses { nodes {
             status grossAmount instalmentNumber submittedBy
             payables { nodes { kind amount retention } }
             documents { nodes { fileName sha256 } }
           } }
         }
         backgroundJobs(filter: { batchId: { equalTo: $id } }) { nodes { task state batchId organizationId } }
       }`,
      { id: batchId },
    );
    expect(pick(body, "data", "expenseBatch", "expenses", "nodes")).toMatchObject([
      {
        status: "PENDING",
        grossAmount: "1000.00",
        instalmentNumber: 2,
        payables: {
          nodes: [
            { kind: "SUPPLIER", amount: "890.00" },
            { kind: "RETENTION", amount: "110.00", retention: "INSS" },
          ],
        },
        documents: { nodes: [{ fileName: "nota.pdf", sha256: null }] },
      },
    ]);
    expect(pick(body, "data", "backgroundJobs", "nodes")).toEqual([
      { task: "validate_expenses", state: "WAITING", batchId, organizationId: fixture.ids.alfa },
      { task: "reconcile_batch", state: "WAITING", batchId, organizationId: fixture.ids.alfa },
    ]);
  });

  it("reads CSV with a header, in UTF-8 and Windows-1252", async () => {
    const line = (id: string) =>
      `${id};SOL;LIMPEZA;NFSE;99;03/11/2026;11/2026;1.234,56;11.222.333/0001-81;Manutenção São João;20/11/2026`;
    expect(await submitCsv(`${CSV_HEADER}\r\n${line("csv-1")}\r\n`)).toMatchObject({
      status: 201,
      body: { accepted: 1 },
    });
    const latin1 = Buffer.from(`${CSV_HEADER}\n${line("csv-2")}\n`, "latin1");
    expect((await submitCsv(latin1)).status).toBe(201);
    const { rows } = await fixture.database.pool("migrator").query(
      `select payee_name, gross_amount, issue_date::text from blindagem.expenses
         where external_id in ('csv-1', 'csv-2')`,
    );
    expect(rows).toEqual(
      Array(2).fill({
        payee_name: "Manutenção São João",
        gross_amount: "1234.56",
        issue_date: "2026-11-03",
      }),
    );
  });

  it("says what keeps a file from being read", async () => {
    const answer = await submitCsv("nada;que;conheça\n1;2;3\n");
    expect(answer.status).toBe(422);
    expect(pick(answer.body, "error", "code")).toBe("BLD04");
    expect(pick(answer.body, "fileErrors", 0, "message")).toEqual(expect.any(String));
  });
});

describe("a bad row", () => {
  const rows = () => [
    expenseRow(),
    expenseRow({ grossAmount: "-1", competence: "2026-13" }),
    expenseRow({ condominium: "NOWHERE" }),
  ];

  it("refuses the whole batch, with all errors of all rows", async () => {
    const before = await count("expenses");
    const answer = await submit(rows());
    expect(answer).toMatchObject({
      status: 422,
      body: { error: { code: "BLD04" }, batchId: null, accepted: 0 },
    });
    expect(pick(answer.body, "errors")).toEqual([
      expect.objectContaining({ index: 1, field: "competence", code: "COMPETENCE_INVALID" }),
      expect.objectContaining({ index: 1, field: "grossAmount", code: "AMOUNT_NOT_POSITIVE" }),
      {
        index: 2,
        field: "condominium",
        code: "CONDOMINIUM_UNKNOWN",
        message: expect.stringContaining("condomínio"),
      },
    ]);
    expect(await count("expenses")).toBe(before);
  });

  it("comes back as a file to mend with onError=acceptValid, and the good ones are stored", async () => {
    const answer = await submit(rows(), "?onError=acceptValid");
    expect(answer).toMatchObject({ status: 201, body: { accepted: 1, repeated: false } });
    const file = String(pick(answer.body, "refusedFile"));
    const mended = file
      .replace(";'-1;", ";1,00;")
      .replace(";13/2026;", ";11/2026;")
      .replace(";NOWHERE;", ";SOL;");
    expect(mended).not.toBe(file);
    expect(await submitCsv(mended)).toMatchObject({ status: 201, body: { accepted: 2 } });
  });

  it("refuses the batch with onError=acceptValid, too, if there is no good one, and leaves its key free", async () => {
    const bad = [expenseRow({ condominium: "NOWHERE" }), expenseRow({ grossAmount: "-1" })];
    const headers = { "idempotency-key": "none-good" };
    const batches = await count("expense_batches");
    const answer = await submit(bad, "?onError=acceptValid", headers);
    expect(answer).toMatchObject({
      status: 422,
      body: { error: { code: "BLD04" }, batchId: null, accepted: 0, progressUrl: null },
    });
    expect(pick(answer.body, "refusedFile")).toContain("NOWHERE");
    expect((await submit(bad, "?onError=acceptValid&dryRun=true")).status).toBe(200);
    expect(await count("expense_batches")).toBe(batches);
    expect(await submit([expenseRow()], "", headers)).toMatchObject({
      status: 201,
      body: { repeated: false },
    });
  });

  it("is an external id that was handed in before", async () => {
    const row = expenseRow();
    expect((await submit([row])).status).toBe(201);
    expect(await submit([row])).toMatchObject({
      status: 422,
      body: { errors: [{ index: 0, field: "externalId", code: "EXTERNAL_ID_TAKEN" }] },
    });
  });

  it("is a condominium of another administradora", async () => {
    expect(await submit([expenseRow({ condominium: "LUA" })])).toMatchObject({
      status: 422,
      body: { errors: [{ code: "CONDOMINIUM_UNKNOWN" }] },
    });
  });
});

describe("dryRun", () => {
  it("only checks", async () => {
    const before = await count("expense_batches");
    expect(await submit([expenseRow()], "?dryRun=true")).toMatchObject({
      status: 200,
      body: { batchId: null, errors: [] },
    });
    expect((await submit([expenseRow({ grossAmount: "x" })], "?dryRun=true")).status).toBe(422);
    expect(await count("expense_batches")).toBe(before);
  });
});

describe("an idempotency key", () => {
  it("gives the same batch again, also in parallel", async () => {
    const rows = [expenseRow()];
    const headers = { "idempotency-key": "k-1" };
    const answers = await Promise.all([1, 2, 3].map(() => submit(rows, "", headers)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect(new Set(answers.map(({ body }) => pick(body, "batchId"))).size).toBe(1);
    const inBody = await submit({ rows, idempotencyKey: "k-1" });
    expect(inBody).toMatchObject({ status: 200, body: { repeated: true, accepted: 1 } });
  });

  it("is refused with other content", async () => {
    const headers = { "idempotency-key": "k-2" };
    expect((await submit([expenseRow()], "", headers)).status).toBe(201);
    expect(await submit([expenseRow()], "", headers)).toMatchObject({
      status: 409,
      body: { error: { code: "BLD05" } },
    });
  });

  it("repeats what was refused with acceptValid, messages and file included", async () => {
    const rows = [expenseRow(), expenseRow({ condominium: "NOWHERE" })];
    const headers = { "idempotency-key": "k-3" };
    const first = await submit(rows, "?onError=acceptValid", headers);
    const second = await submit(rows, "?onError=acceptValid", headers);
    expect(second.status).toBe(200);
    expect(pick(second.body, "errors")).toEqual(pick(first.body, "errors"));
    expect(pick(second.body, "refusedFile")).toEqual(pick(first.body, "refusedFile"));
  });
});

describe("who and how much", () => {
  it("is only for administrators and integrators", async () => {
    for (const person of ["reviewer", "sindico", "auditor", "operator"] as const) {
      const answer = await fixture.request("/batch-expenses", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify([expenseRow()]),
        person,
      });
      expect([person, answer.status, pick(answer.body, "error", "code")]).toEqual([
        person,
        403,
        "BLD02",
      ]);
    }
  });

  it("looks at the token before it reads a body, and then takes 8 MB at most", async () => {
    const body = JSON.stringify([expenseRow({ description: "x".repeat(8_000_000) })]);
    const send = (authorization: string) =>
      fixture.request("/batch-expenses", {
        method: "POST",
        headers: { "content-type": "application/json", authorization },
        body,
      });
    const expired = await signToken({ sub: "ana", app_metadata: { role: "admin" }, exp: 1 });
    expect(await send(`Bearer ${expired}`)).toMatchObject({
      status: 401,
      body: { error: { code: "BLD01" } },
    });
    const token = await fixture.token("admin");
    expect(await send(`Bearer ${token}`)).toMatchObject({
      status: 413,
      body: { error: { code: "BLD09" } },
    });
  });

  it.each([
    ["no rows", [], 400],
    ["more than 10,000 rows", Array(10_001).fill({}), 400],
    ["no list at all", { rows: "none" }, 400],
    ["an unknown member", { rows: [], more: 1 }, 400],
    [
      "rows nested too deeply",
      [{ externalId: JSON.parse(`${"[".repeat(40)}${"]".repeat(40)}`) }],
      400,
    ],
  ])("refuses %s", async (_name, content, status) => {
    expect(await submit(content)).toMatchObject({ status, body: { error: { code: "BLD04" } } });
  });

  it("names what it does not know", async () => {
    const unknown = (name: string) => ({
      body: { error: { message: `O pedido tem um dado inválido: ${name}.` } },
    });
    expect(await submit({ rows: [], dry_run: true })).toMatchObject(unknown("dry_run"));
    expect(await submit([], "?dry=true")).toMatchObject(unknown("dry"));
    expect(await submit({ rows: "none" })).toMatchObject(unknown("rows"));
  });

  it("refuses other media types, unknown options and malformed JSON", async () => {
    const send = (init: { body: string; headers: Record<string, string> }, query = "") =>
      fixture.request(`/batch-expenses${query}`, { method: "POST", person: "admin", ...init });
    const json = { "content-type": "application/json" };
    expect((await send({ body: "<a/>", headers: { "content-type": "text/xml" } })).status).toBe(
      415,
    );
    expect((await send({ body: "[]", headers: { "content-type": "text/plain" } })).status).toBe(
      415,
    );
    expect(await send({ body: "[", headers: json })).toMatchObject({
      status: 400,
      body: { error: { message: "O corpo do pedido não é JSON bem formado." } },
    });
    expect(await send({ body: "", headers: json })).toMatchObject({
      status: 400,
      body: { error: { message: "O corpo do pedido está vazio; espera-se JSON." } },
    });
    expect((await send({ body: "[]", headers: json }, "?onError=ignore")).status).toBe(400);
  });

  it("does not show the progress of another administradora's batch", async () => {
    const batchId = pick((await submit([expenseRow()])).body, "batchId");
    expect((await fixture.request(`/batch-expenses/${batchId}`, { person: "otto" })).status).toBe(
      404,
    );
  });

  it("takes 10,000 rows", async () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => expenseRow({ externalId: `many-${n}` }));
    expect(await submit(rows)).toMatchObject({ status: 201, body: { accepted: 10_000 } });
  }, 60_000);
});

describe("the mutation submitExpenseBatch", () => {
  const SUBMIT = `mutation ($input: SubmitExpenseBatchInput!) {
    submitExpenseBatch(input: $input) {
      clientMutationId batchId accepted repeated refusedFile progressUrl
      errors { index field code message } batch { id rowCount }
    }
  }`;
  const mutate = async (input: Record<string, unknown>) =>
    (await fixture.graphql("admin", SUBMIT, { input })).body;

  it("does the same", async () => {
    const rows = [expenseRow(), expenseRow({ condominium: "NOWHERE" })];
    const input = { rows, idempotencyKey: "g-1", onError: "acceptValid", clientMutationId: "c" };
    const first = pick(await mutate(input), "data", "submitExpenseBatch");
    expect(first).toMatchObject({
      clientMutationId: "c",
      accepted: 1,
      repeated: false,
      errors: [{ index: 1, field: "condominium", code: "CONDOMINIUM_UNKNOWN" }],
      refusedFile: expect.stringContaining("NOWHERE"),
      progressUrl: `/batch-expenses/${pick(first, "batchId")}`,
      batch: { id: pick(first, "batchId"), rowCount: 1 },
    });
    expect(pick(await mutate(input), "data", "submitExpenseBatch")).toMatchObject({
      repeated: true,
    });
    expect(
      pick(await mutate({ ...input, rows: [expenseRow()] }), "errors", 0, "extensions", "code"),
    ).toBe("BLD05");
  });

  it("refuses by default, and stores nothing on dryRun", async () => {
    const refused = await mutate({ rows: [expenseRow({ grossAmount: "x" })] });
    expect(pick(refused, "data", "submitExpenseBatch")).toMatchObject({
      batchId: null,
      batch: null,
      progressUrl: null,
      refusedFile: null,
      errors: [{ code: "AMOUNT_INVALID" }],
    });
    const noneGood = { rows: [expenseRow({ condominium: "NOWHERE" })], onError: "acceptValid" };
    expect(pick(await mutate(noneGood), "data", "submitExpenseBatch")).toMatchObject({
      batchId: null,
      accepted: 0,
      refusedFile: expect.stringContaining("NOWHERE"),
      errors: [{ code: "CONDOMINIUM_UNKNOWN" }],
    });
    const checked = await mutate({ rows: [expenseRow()], dryRun: true });
    expect(pick(checked, "data", "submitExpenseBatch")).toMatchObject({
      batchId: null,
      errors: [],
    });
    expect(pick(await mutate({ rows: "none" }), "errors", 0, "extensions", "code")).toBe("BLD04");
  });
});

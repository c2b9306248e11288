import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { reviewPool } from "../../../src/banking/review-pool.ts";
import { type ApiFixture, expenseRow, type Person, pick, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

const RETURN = readFileSync("test/fixtures/banking/pagamentos.ret");

interface Entry {
  id: string;
  day: string;
  amount: string;
  memo: string;
}

let accounts = 0;
/** The number of an account that no other test has. */
const newNumber = () => `12345-${++accounts}`;

function ofx(
  account: string,
  entries: Entry[],
  balance = "0.00",
  from = "20261101",
  to = "20261130",
): string {
  return [
    "OFXHEADER:100\nDATA:OFXSGML\nENCODING:USASCII\nCHARSET:1252\n",
    `<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>BRL<BANKACCTFROM><BANKID>001<ACCTID>${account}</BANKACCTFROM>`,
    `<BANKTRANLIST><DTSTART>${from}<DTEND>${to}`,
    ...entries.map(
      ({ id, day, amount, memo }) =>
        `<STMTTRN><TRNTYPE>OTHER<DTPOSTED>${day}<TRNAMT>${amount}<FITID>${id}<MEMO>${memo}</STMTTRN>`,
    ),
    `</BANKTRANLIST><LEDGERBAL><BALAMT>${balance}<DTASOF>${to}</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>`,
  ].join("\n");
}

function hand(
  content: string | Uint8Array,
  query: Record<string, string> = { condominiumId: fixture.ids.sol, newAccount: "true" },
  person: Person = "admin",
) {
  return fixture.request(`/bank-statements?${new URLSearchParams(query)}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream", "x-file-name": "extrato.ofx" },
    body: new Blob([typeof content === "string" ? content : Uint8Array.from(content)]),
    person,
  });
}

const owner = (text: string, values: unknown[] = []) =>
  fixture.database
    .pool("migrator")
    .query(text, values)
    .then(({ rows }) => rows);

const movementsOf = (accountId: unknown) =>
  owner(
    "select provider_id, amount::text, description from blindagem.bank_transactions where account_id = $1 order by posted_on, id",
    [accountId],
  );

const ELEVADORES = {
  id: "A1",
  day: "20261105",
  amount: "-1234,56",
  memo: "PIX ENVIADO ELEVADORES",
};
const TARIFA = { id: "A2", day: "20261106", amount: "-12.00", memo: "TARIFA PIX" };

describe("POST /bank-statements", () => {
  it("stores a statement's movements once, with its balances and who handed it in", async () => {
    const file = ofx(newNumber(), [ELEVADORES, TARIFA], "753.44");
    const query = {
      condominiumId: fixture.ids.sol,
      newAccount: "true",
      reason: "Conta sem Pluggy",
    };
    const first = await hand(file, query);
    expect(first).toMatchObject({
      status: 201,
      body: {
        kind: "OFX",
        repeated: false,
        accounts: [{ from: "2026-11-01", to: "2026-11-30", added: 2, known: 0, doubtful: 0 }],
      },
    });
    const again = await hand(file, query);
    expect(again).toMatchObject({ status: 200, body: { repeated: true } });
    expect(pick(again.body, "accounts")).toEqual(pick(first.body, "accounts"));
    const accountId = pick(first.body, "accounts", 0, "accountId");
    expect(await movementsOf(accountId)).toHaveLength(2);
    expect(
      await owner(
        "select starts_on::text, opening_balance, closing_balance from blindagem.bank_statements where account_id = $1",
        [accountId],
      ),
    ).toEqual([{ starts_on: "2026-11-01", opening_balance: "2000.00", closing_balance: "753.44" }]);
    const [record] = await owner(
      "select actor_id, reason from blindagem_audit.records where entity_type = 'statement_files' and operation = 'INSERT' order by id desc limit 1",
    );
    expect(record).toMatchObject({
      actor_id: expect.stringMatching(/^person:/),
      reason: "Conta sem Pluggy",
    });
  });

  it("takes of an overlapping file only what is new, and of a reused id another movement", async () => {
    const number = newNumber();
    await hand(ofx(number, [ELEVADORES, TARIFA]));
    const december = { ...ELEVADORES, day: "20261205" };
    const second = await hand(ofx(number, [TARIFA, december]), { condominiumId: fixture.ids.sol });
    expect(pick(second.body, "accounts", 0)).toMatchObject({ added: 1, known: 1 });
    expect(await movementsOf(pick(second.body, "accounts", 0, "accountId"))).toHaveLength(3);
  });

  it("doubles nothing where a bank uses an id again on another day", async () => {
    const number = newNumber();
    const nextDay = { ...TARIFA, day: "20261107" };
    await hand(ofx(number, [TARIFA]));
    const second = await hand(ofx(number, [TARIFA, nextDay]), { condominiumId: fixture.ids.sol });
    expect(pick(second.body, "accounts", 0)).toMatchObject({ added: 1, known: 1, doubtful: 0 });
    const third = await hand(ofx(number, [TARIFA], "7.00"), { condominiumId: fixture.ids.sol });
    expect(pick(third.body, "accounts", 0)).toMatchObject({ added: 0, known: 1, doubtful: 0 });
    expect(await movementsOf(pick(second.body, "accounts", 0, "accountId"))).toHaveLength(2);
  });

  it("knows the movements again that the provider told of, and asks a person where nothing tells", async () => {
    const number = newNumber();
    const begun = await hand(ofx(number, []));
    const accountId = pick(begun.body, "accounts", 0, "accountId");
    for (const [id, amount, text] of [
      ["p-1", "-1234.56", "Pix enviado|Elevadores"],
      ["p-2", "-12.00", "Compra no cartão"],
    ]) {
      await owner(
        `insert into blindagem.bank_transactions (condominium_id, account_id, provider_id, posted_at, posted_on, amount, description, status)
         values ($1, $2, $3, case $3 when 'p-1' then timestamptz '2026-11-05 15:00Z' else '2026-11-06 15:00Z' end,
           case $3 when 'p-1' then date '2026-11-05' else '2026-11-06' end, $4, $5, 'POSTED')`,
        [fixture.ids.sol, accountId, id, amount, text],
      );
    }
    const told = await hand(ofx(number, [ELEVADORES, TARIFA]), { condominiumId: fixture.ids.sol });
    expect(pick(told.body, "accounts", 0)).toMatchObject({ added: 0, known: 1, doubtful: 1 });
    expect(await movementsOf(accountId)).toHaveLength(2);

    const { body } = await fixture.graphql(
      "reviewer",
      '{ reviews(filter: { kind: { equalTo: "BANK" } }) { nodes { id subject reasons } } }',
    );
    const review = pick(body, "data", "reviews", "nodes", 0);
    expect(review).toMatchObject({ reasons: [{ code: "STATEMENT_ENTRY_AMBIGUOUS" }] });
    const answer = await fixture.graphql(
      "reviewer",
      'mutation ($id: BigInt!) { resolveReview(input: { reviewId: $id, approve: true, reason: "É outra tarifa" }) { result { outcome } } }',
      { id: pick(review, "id") },
    );
    expect(pick(answer.body, "data", "resolveReview", "result", "outcome")).toBe("APPROVED");
    expect((await movementsOf(accountId)).map(({ description }) => description)).toEqual([
      "Pix enviado|Elevadores",
      "Compra no cartão",
      "TARIFA PIX",
    ]);
    const after = await hand(ofx(number, [ELEVADORES, TARIFA], "1.00"), {
      condominiumId: fixture.ids.sol,
    });
    expect(pick(after.body, "accounts", 0)).toMatchObject({ added: 0, known: 2, doubtful: 0 });
  });

  it("knows an entry again that a person has found to be known", async () => {
    const number = newNumber();
    const begun = await hand(ofx(number, []));
    const accountId = pick(begun.body, "accounts", 0, "accountId");
    await owner(
      `insert into blindagem.bank_transactions (condominium_id, account_id, provider_id, posted_at, posted_on, amount, description, status)
       values ($1, $2, 'p-3', '2026-11-06 15:00Z', '2026-11-06', -12, 'Compra', 'POSTED')`,
      [fixture.ids.sol, accountId],
    );
    const entries = [TARIFA];
    await hand(ofx(number, entries), { condominiumId: fixture.ids.sol });
    const { body } = await fixture.graphql(
      "reviewer",
      '{ reviews(filter: { kind: { equalTo: "BANK" }, outcome: { isNull: true } }) { nodes { id } } }',
    );
    await fixture.graphql(
      "reviewer",
      'mutation ($id: BigInt!) { resolveReview(input: { reviewId: $id, approve: false, reason: "É a mesma" }) { result { outcome } } }',
      { id: pick(body, "data", "reviews", "nodes", 0, "id") },
    );
    const again = await hand(ofx(number, entries, "7.00"), { condominiumId: fixture.ids.sol });
    expect(pick(again.body, "accounts", 0)).toMatchObject({ added: 0, known: 1, doubtful: 0 });
    expect(await movementsOf(accountId)).toHaveLength(1);
  });

  it("doubles nothing where a bank counts its ids anew in each file", async () => {
    const number = newNumber();
    await hand(ofx(number, [ELEVADORES, TARIFA]));
    const anew = [
      { ...TARIFA, id: "1" },
      { ...ELEVADORES, id: "2" },
    ];
    const second = await hand(ofx(number, anew), { condominiumId: fixture.ids.sol });
    expect(pick(second.body, "accounts", 0)).toMatchObject({ added: 0, known: 2, doubtful: 0 });
  });

  it("knows an entry again whose id stood for two of its day and amount, and asks where no text tells", async () => {
    const number = newNumber();
    await hand(ofx(number, [TARIFA]));
    const twice = await hand(ofx(number, [{ ...TARIFA, memo: "OUTRA TARIFA" }, TARIFA]), {
      condominiumId: fixture.ids.sol,
    });
    expect(pick(twice.body, "accounts", 0)).toMatchObject({ added: 1, known: 1, doubtful: 0 });
    const others = [
      { ...TARIFA, memo: "TARIFA A" },
      { ...TARIFA, memo: "TARIFA B" },
    ];
    const asked = await hand(ofx(newNumber(), [TARIFA]));
    const accountId = String(pick(asked.body, "accounts", 0, "accountId"));
    const unclear = await hand(ofx(newNumber(), others), {
      condominiumId: fixture.ids.sol,
      accountId,
    });
    expect(pick(unclear.body, "accounts", 0)).toMatchObject({ added: 0, known: 0, doubtful: 2 });
    expect(await movementsOf(accountId)).toHaveLength(1);
  });

  it("asks which account an unknown number is, where there are others", async () => {
    const refused = await hand(ofx("99-9", [TARIFA]), { condominiumId: fixture.ids.sol });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "BLD04" } } });
    expect(String(pick(refused.body, "error", "message"))).toMatch(/accountId.*newAccount/);
    const begun = await hand(ofx(newNumber(), []));
    const accountId = String(pick(begun.body, "accounts", 0, "accountId"));
    const bound = await hand(ofx("99-9", [TARIFA]), { condominiumId: fixture.ids.sol, accountId });
    expect(bound).toMatchObject({ status: 201, body: { accounts: [{ accountId, added: 1 }] } });
    const elsewhere = await hand(ofx("88-8", [TARIFA]), {
      condominiumId: fixture.ids.mar,
      accountId,
    });
    expect(elsewhere).toMatchObject({ status: 404, body: { error: { code: "BLD03" } } });
  });

  it("stores the items of a payment return once", async () => {
    const query = { condominiumId: fixture.ids.mar };
    const first = await hand(RETURN, query);
    expect(first).toMatchObject({
      status: 201,
      body: { kind: "CNAB240", accounts: [{ items: 6 }] },
    });
    expect(await hand(RETURN, query)).toMatchObject({ status: 200, body: { repeated: true } });
    const { body } = await fixture.graphql(
      "admin",
      "{ returnedPayments(orderBy: [ID_ASC]) { nodes { segment outcome amount ownNumber } } }",
    );
    expect(pick(body, "data", "returnedPayments", "nodes", 0)).toEqual({
      segment: "A",
      outcome: "PAID",
      amount: "1234.56",
      ownNumber: "2026-11-001",
    });
  });

  it("says which line of a file is wrong, and stores nothing of it", async () => {
    const number = newNumber();
    const broken = ofx(number, [ELEVADORES, { ...TARIFA, amount: "doze" }]);
    const refused = await hand(broken);
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "BLD04" } } });
    expect(String(pick(refused.body, "error", "message"))).toMatch(/^linha \d+: o valor/);
    expect(await hand("no statement")).toMatchObject({ status: 400 });
    expect(
      await owner("select from blindagem.bank_accounts where number_masked like '%' || $1", [
        number.replace("-", ""),
      ]),
    ).toEqual([]);
  });

  it("refuses who may not, and what is of others", async () => {
    const file = ofx("77-7", [TARIFA]);
    expect(await hand(file, undefined, "auditor")).toMatchObject({ status: 403 });
    expect(await hand(file, undefined, "reviewer")).toMatchObject({ status: 403 });
    expect(await hand(file, undefined, "otto")).toMatchObject({
      status: 404,
      body: { error: { code: "BLD03" } },
    });
    expect(
      await fixture.request("/bank-statements", { method: "POST", body: new Blob([file]) }),
    ).toMatchObject({ status: 401 });
    expect(await hand(" ".repeat(8_000_001))).toMatchObject({
      status: 413,
      body: { error: { code: "BLD09" } },
    });
    expect(await hand(file, { condominium: "1" })).toMatchObject({ status: 400 });
  });
});

describe("a pool account of the administradora", () => {
  it("has its lump debit itemised by the return: each condominium gets its part", async () => {
    const paid = [
      ["2026-11-001", "SOL", "1234.56"],
      ["2026-11-004", "MAR", "973.53"],
      ["2026-11-005", "SOL", "187.43"],
      ["2026-11-006", "MAR", "1100.00"],
    ];
    await fixture.request("/batch-expenses", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(
        paid.map(([externalId, condominium, grossAmount], at) =>
          expenseRow({ externalId, condominium, grossAmount, documentNumber: String(at) }),
        ),
      ),
      person: "admin",
    });
    const lump = { id: "L", day: "20261105", amount: "-3495.52", memo: "SISPAG FORNECEDORES" };
    const begun = await hand(ofx("55-5", [lump]), {});
    const accountId = String(pick(begun.body, "accounts", 0, "accountId"));
    expect(begun.status).toBe(201);
    expect(await hand(RETURN, { accountId })).toMatchObject({ status: 201 });
    expect(
      await owner(
        `select condominium_id, amount, part_of is not null as part from blindagem.bank_transactions
         where account_id = $1 order by condominium_id nulls first`,
        [accountId],
      ),
    ).toEqual([
      { condominium_id: null, amount: "-3495.52", part: false },
      { condominium_id: fixture.ids.sol, amount: "-1421.99", part: true },
      { condominium_id: fixture.ids.mar, amount: "-2073.53", part: true },
    ]);
    const jobs = await owner(
      `select distinct condominium_id from blindagem_private.job_records where task = 'reconcile' and condominium_id = any ($1) order by 1`,
      [[fixture.ids.sol, fixture.ids.mar]],
    );
    expect(jobs).toHaveLength(2);

    // Parts never add up to more than their debit.
    await expect(
      owner(
        "update blindagem.bank_transactions set amount = amount - 0.01 where account_id = $1 and condominium_id = $2",
        [accountId, fixture.ids.sol],
      ),
    ).rejects.toMatchObject({ code: "BLD06" });

    await owner(
      "update blindagem.bank_transactions set deleted_at = now() where account_id = $1 and part_of is null",
      [accountId],
    );
    expect(
      await owner(
        "select from blindagem.bank_transactions where account_id = $1 and deleted_at is null",
        [accountId],
      ),
    ).toEqual([]);
  });
});

describe("what of a pool account nothing tells whose it is", () => {
  it("is asked the administradora, who says it", async () => {
    const lines = [
      { id: "D", day: "20261105", amount: "-900.00", memo: "SISPAG FORNECEDORES" },
      { id: "C", day: "20261106", amount: "300.00", memo: "DEVOLUCAO PIX" },
      { id: "R", day: "20261106", amount: "450.00", memo: "COBRANCA LIQUIDADA" },
    ];
    const { body } = await hand(ofx(newNumber(), lines), { newAccount: "true" });
    const accountId = String(pick(body, "accounts", 0, "accountId"));
    const jobs = await owner(
      "select from blindagem_private.work_claims where task = 'review_pool' and subject = $1",
      [accountId],
    );
    expect(jobs).toHaveLength(1);
    const worker = await fixture.database.pool("worker").connect();
    try {
      const now = new Date("2026-11-30T12:00:00Z");
      expect(await reviewPool(worker, accountId, now)).toBe(2);
      expect(await reviewPool(worker, accountId, now)).toBe(2);
    } finally {
      worker.release();
    }
    const asked = await fixture.graphql(
      "admin",
      "{ poolDoubts(orderBy: ID_ASC) { nodes { kind outcome transactionId transaction { amount } } } }",
      {},
    );
    const doubts = pick(asked.body, "data", "poolDoubts", "nodes") as Record<string, string>[];
    expect(doubts.map(({ transaction }) => transaction)).toEqual([
      { amount: "-900.00" },
      { amount: "300.00" },
    ]);
    expect(doubts.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ["NOT_ITEMISED", null],
      ["REFUND", null],
    ]);
    const assign = (parts: object[]) =>
      fixture.graphql(
        "admin",
        `mutation ($input: AssignPoolMovementInput!) { assignPoolMovement(input: $input) { result { amount condominiumId } } }`,
        {
          input: { transactionId: doubts[0]?.transactionId, parts, reason: "conforme a remessa" },
        },
      );
    const half = { condominiumId: fixture.ids.sol, amount: "600.00" };
    expect((await assign([half])).body).toMatchObject({ errors: [{}] });
    const { body: assigned } = await assign([
      half,
      { condominiumId: fixture.ids.mar, amount: "300.00" },
    ]);
    expect(pick(assigned, "data", "assignPoolMovement", "result")).toEqual([
      { amount: "-600.00", condominiumId: fixture.ids.sol },
      { amount: "-300.00", condominiumId: fixture.ids.mar },
    ]);
    expect(
      await owner("select outcome from blindagem.pool_doubts where transaction_id = $1", [
        doubts[0]?.transactionId,
      ]),
    ).toEqual([{ outcome: "ASSIGNED" }]);
  });
});

describe("importBankStatement", () => {
  it("takes a file in base64, and gives what came of it", async () => {
    const { body } = await fixture.graphql(
      "admin",
      `mutation ($input: ImportBankStatementInput!) { importBankStatement(input: $input) {
         repeated kind accounts { added from } file { fileName condominiumId } } }`,
      {
        input: {
          content: Buffer.from(ofx(newNumber(), [TARIFA])).toString("base64"),
          fileName: "novembro.ofx",
          condominiumId: fixture.ids.sol,
          newAccount: true,
        },
      },
    );
    expect(pick(body, "data", "importBankStatement")).toEqual({
      repeated: false,
      kind: "OFX",
      accounts: [{ added: 1, from: "2026-11-01" }],
      file: { fileName: "novembro.ofx", condominiumId: fixture.ids.sol },
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ApiFixture, expenseRow, pick, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
let payableId: string;
let debitId: string;

beforeAll(async () => {
  fixture = await startApi();
  await fixture.request("/batch-expenses", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([expenseRow({ externalId: "A-1" })]),
    person: "admin",
  });
  await fixture.request(`/bank-statements?condominiumId=${fixture.ids.sol}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream", "x-file-name": "extrato.ofx" },
    body: new Blob([STATEMENT]),
    person: "admin",
  });
  const { body } = await fixture.graphql(
    "reviewer",
    "{ payables { nodes { id } } bankTransactions { nodes { id } } }",
  );
  payableId = String(pick(body, "data", "payables", "nodes", 0, "id"));
  debitId = String(pick(body, "data", "bankTransactions", "nodes", 0, "id"));
});
afterAll(() => fixture.close());

const STATEMENT = `OFXHEADER:100
<OFX><STMTRS><BANKID>237<ACCTID>12345-6<BANKTRANLIST><DTSTART>20261101<DTEND>20261130
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261105<TRNAMT>-1500,00<FITID>1<MEMO>PAGAMENTO</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>500,00<DTASOF>20261130</LEDGERBAL></STMTRS></OFX>`;

describe("decisions on matches", () => {
  it("are made by reviewers, with a reason, and read with what they rest on", async () => {
    const confirmed = await fixture.graphql(
      "reviewer",
      `mutation ($debitId: BigInt!, $payableId: BigInt!) {
         confirmMatch(input: { debitId: $debitId, payableId: $payableId, reason: "Conferido" }) {
           result { decision amount reason } } }`,
      { debitId, payableId },
    );
    expect(pick(confirmed.body, "data", "confirmMatch", "result")).toEqual({
      decision: "CONFIRMED",
      amount: "1234.56",
      reason: "Conferido",
    });
    const split = await fixture.graphql(
      "admin",
      `mutation ($debitId: BigInt!, $parts: JSON!) {
         splitPayment(input: { debitId: $debitId, parts: $parts, reason: "Em partes" }) {
           result { decision amount } } }`,
      { debitId, parts: [{ payableId, amount: "1000.00" }] },
    );
    // She has handed the expense in.
    expect(pick(split.body, "errors", 0, "extensions", "code")).toBe("BLD07");
    const undone = await fixture.graphql(
      "reviewer",
      `mutation ($debitId: BigInt!, $payableId: BigInt!) {
         undoMatch(input: { debitId: $debitId, payableId: $payableId, reason: "Engano" }) {
           result { decision } } }`,
      { debitId, payableId },
    );
    expect(pick(undone.body, "data", "undoMatch", "result", "decision")).toBe("WITHDRAWN");
    const { body } = await fixture.graphql(
      "auditor",
      "{ matchDecisions(orderBy: [ID_ASC]) { nodes { decision debitId payableId reason } } }",
    );
    expect(pick(body, "data", "matchDecisions", "nodes")).toEqual([
      { decision: "CONFIRMED", debitId, payableId, reason: "Conferido" },
      { decision: "WITHDRAWN", debitId, payableId, reason: "Engano" },
    ]);
  });
});

describe("the month of an account", () => {
  it("is read with its balances and what nothing explains", async () => {
    const { body } = await fixture.graphql(
      "sindico",
      `{ accountMonths { nodes { month openingBalance debits balance statedBalance difference unexplainedDebits } }
         statementExceptions { nodes { kind } } statementFiles { nodes { kind fileName } }
         expenses { nodes { paymentInDoubt paymentKnown } } }`,
    );
    expect(body).toEqual({
      data: {
        accountMonths: {
          nodes: [
            {
              month: "2026-11-01",
              openingBalance: "2000.00",
              debits: "-1500.00",
              balance: "500.00",
              statedBalance: "500.00",
              difference: "0.00",
              unexplainedDebits: "1500.00",
            },
          ],
        },
        statementExceptions: { nodes: [] },
        statementFiles: { nodes: [{ kind: "OFX", fileName: "extrato.ofx" }] },
        expenses: { nodes: [{ paymentInDoubt: false, paymentKnown: expect.any(Boolean) }] },
      },
    });
  });

  it("has the precision of each kind of evidence beside it", async () => {
    const { body } = await fixture.graphql(
      "reviewer",
      "{ evidencePrecision { nodes { code confirmed rejected precision } } }",
    );
    expect(pick(body, "data", "evidencePrecision", "nodes")).toEqual([]);
  });
});

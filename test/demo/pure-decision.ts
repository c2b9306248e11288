import type { DemoDocument } from "../../demo/drawing/documents.ts";
import type { DemoExpense, DemoModel } from "../../demo/model.ts";
import { daysBetween } from "../../src/calendar/brasilia.ts";
import { isCategory } from "../../src/suppliers/categories.ts";
import { cnaeFit } from "../../src/suppliers/cnae-policy.ts";
import { decide } from "../../src/validation/decide.ts";
import type { Decision } from "../../src/validation/decision.ts";
import { DEFAULT_THRESHOLDS, expenseFacts, type StoredFacts } from "../../src/validation/facts.ts";
import { DEFAULT_RULES } from "../../src/validation/rule-set.ts";

/**
 * Decides the demo's expenses by the pure rules alone, with facts taken from the model: the registry
 * answers at once, and a paper is read as it was written. So a wrong datum of the demo shows without
 * database or OCR.
 */
export function decideAll(model: DemoModel): Map<string, Decision> {
  const decisions = new Map<string, Decision>();
  const expenses = Object.values(model.expenses).sort((a, b) => (a.batch < b.batch ? -1 : 1));
  expenses.forEach((expense, place) => {
    // What was refused counts for no later expense.
    const live = (other: DemoExpense) =>
      other !== expense && decisions.get(other.row.externalId)?.status !== "REJECTED";
    const earlier = expenses.slice(0, place).filter(live);
    const facts = factsOf(model, expense, earlier, expenses.filter(live));
    decisions.set(expense.row.externalId, decide(expenseFacts.parse(facts)));
  });
  return decisions;
}

function factsOf(
  model: DemoModel,
  expense: DemoExpense,
  earlier: DemoExpense[],
  live: DemoExpense[],
): StoredFacts {
  const { row, condominiumCode, organization } = expense;
  const place = model.organizations[organization];
  const condominium = place?.condominiums.find(({ code }) => code === condominiumCode);
  const limits = place?.approvalLimits ?? [];
  const limit =
    limits.find((one) => one.condominium === condominiumCode) ??
    limits.find((one) => one.condominium === null);
  const kind = row.payeeDocument?.length === 14 ? "CNPJ" : row.payeeDocument ? "CPF" : "NONE";
  const inWindow = live.filter(
    (other) =>
      other.condominiumCode === condominiumCode &&
      row.payeeDocument !== null &&
      other.row.payeeDocument === row.payeeDocument &&
      Number(other.row.grossAmount) <= Number(limit?.amount ?? 0) &&
      Math.abs(daysBetween(other.row.issueDate, row.issueDate)) <= 30,
  );
  const total = inWindow.reduce(
    (sum, other) => sum + BigInt(other.row.grossAmount.replace(".", "")),
    0n,
  );
  const keyBefore = earlier.find(
    (other) =>
      other.condominiumCode === condominiumCode &&
      other.row.payeeDocument === row.payeeDocument &&
      other.row.payeePixKey !== null,
  )?.row.payeePixKey;
  const changed = row.payeePixKey && keyBefore && keyBefore !== row.payeePixKey;
  return {
    expense: {
      id: row.externalId,
      condominiumId: condominiumCode,
      externalId: row.externalId,
      category: row.category,
      documentKind: row.documentKind,
      documentNumber: row.documentNumber,
      issueDate: row.issueDate,
      competence: row.competence,
      grossAmount: row.grossAmount,
      retentions: row.retentions,
      payee: { kind, document: row.payeeDocument, name: row.payeeName },
      dueDate: row.dueDate,
      instalment: row.instalment,
      submittedAt: "2026-11-24T12:00:00Z",
      documentCount: row.documents.length,
    },
    condominium: { cnpj: condominium?.cnpj ?? null },
    asOf: "2026-11-24T15:00:00Z",
    deadline: "2026-11-27T12:00:00Z",
    supplier: supplierOf(model, row.payeeDocument, kind, row.category),
    receipts: row.documents.map((file) => ({
      documentId: file,
      sha256: model.receipts[file]?.copyOf ?? file,
      reading: readingOf(model, file),
    })),
    duplicates: earlier.flatMap((other) => duplicatesOf(model, expense, other)),
    payeeAccountChangedOn: changed ? "2026-11-24" : null,
    otherExpensesInWindow: {
      count: inWindow.length,
      total: `${total / 100n}.${String(total % 100n).padStart(2, "0")}`,
    },
    approvalLimit: limit ? { amount: limit.amount, requires: limit.requires } : null,
    requirements: {
      receipt: ["MATERIAIS", "OBRAS_REFORMA", "JURIDICO", "SEGURO_CONDOMINIO"].includes(
        row.category,
      ),
      supplier: kind === "CNPJ",
    },
    thresholds: { ...DEFAULT_THRESHOLDS, amountTolerance: "0.00", retentionTolerance: "0.01" },
    rules: [...DEFAULT_RULES],
  };
}

function supplierOf(
  model: DemoModel,
  cnpj: string | null,
  kind: string,
  category: string,
): StoredFacts["supplier"] {
  if (kind !== "CNPJ" || cnpj === null) return { state: "NOT_APPLICABLE" };
  const serpro = { status: "Ativa", openedOn: "1967-06-30", mainCnae: "6204000" };
  const supplier =
    model.suppliers[cnpj] ??
    ({ ...serpro, name: "SERPRO", secondaryCnaes: [], mei: false, simples: true } as const);
  if ("known" in supplier && supplier.known === "NOWHERE") return { state: "NOT_FOUND" };
  if ("known" in supplier && supplier.known === "REFUSED") return { state: "REFUSED" };
  if (!isCategory(category)) throw new Error(`no category ${category}`);
  const { name, status, openedOn, mainCnae, mei, simples } = supplier;
  const secondaryCnaes = [...supplier.secondaryCnaes];
  return {
    state: "FOUND",
    company: {
      name,
      status,
      active: status === "Ativa",
      openedOn,
      mainCnae,
      secondaryCnaes,
      mei,
      simples,
      source: "MIRROR",
      sourceDate: "2026-11-08",
    },
    cnaeFit: { ...cnaeFit(category, { mainCnae, secondaryCnaes }) },
  } as StoredFacts["supplier"];
}

/** What an eye reads on the paper. */
function readingOf(model: DemoModel, file: string) {
  const receipt = model.receipts[file];
  if (receipt === undefined) return null;
  const { document, damage } = receipt;
  const cnpj = (text: string) => (text.length === 14 ? text : null);
  const reading = {
    kind: document.kind,
    verdict: damage === null ? ("ACCEPTED" as const) : ("MANUAL_REVIEW" as const),
    reasonCodes: damage === null ? [] : ["TIMESTAMP_LOW_CONFIDENCE"],
    dueDate: "dueDate" in document ? document.dueDate : null,
  };
  const rest = (timestamp: string, amount: string, issuer: string, taker: string) => ({
    ...reading,
    timestamp: damage === null ? timestamp : null,
    amount,
    cnpj: cnpj(issuer),
    takerCnpj: cnpj(taker),
  });
  switch (document.kind) {
    case "PIX_PROOF":
      return rest(
        document.paidAt,
        document.amount,
        document.payee.document,
        document.payer.document,
      );
    case "SCHEDULING":
      return rest(
        document.scheduledFor,
        document.amount,
        document.payee.document,
        document.payer.document,
      );
    case "BOLETO":
      return rest(
        document.issuedOn,
        document.amount,
        document.beneficiary.document,
        document.payer.document,
      );
    case "BOLETO_PROOF":
      return rest(
        document.paidAt,
        document.amount,
        document.beneficiary.document,
        document.payer.document,
      );
    case "NFCE":
      return rest(
        document.issuedAt,
        document.total,
        document.issuer.document,
        document.consumer.document,
      );
    case "NFE":
      return rest(
        document.issuedAt,
        document.total,
        document.issuer.document,
        document.recipient.document,
      );
    case "NFSE":
      return rest(
        document.issuedAt,
        document.gross,
        document.provider.document,
        document.taker.document,
      );
  }
}

function identifiersOf(
  document: DemoDocument,
): [StoredFacts["duplicates"][number]["identifier"], string][] {
  if (document.kind === "PIX_PROOF") return [["PIX_END_TO_END", document.endToEndId]];
  if (document.kind === "NFCE" || document.kind === "NFE") return [["DFE_KEY", document.key]];
  if (document.kind === "BOLETO" || document.kind === "BOLETO_PROOF") {
    return [["BOLETO_LINE", document.line]];
  }
  return [];
}

function duplicatesOf(
  model: DemoModel,
  expense: DemoExpense,
  other: DemoExpense,
): StoredFacts["duplicates"] {
  const { row } = expense;
  const sameCondominium = other.condominiumCode === expense.condominiumCode;
  const sameDocument =
    sameCondominium &&
    other.row.documentKind === row.documentKind &&
    other.row.documentNumber === row.documentNumber &&
    other.row.payeeDocument === row.payeeDocument;
  const sameTenant = other.organization === expense.organization;
  const externalId = sameTenant ? other.row.externalId : null;
  const instalment = sameTenant ? other.row.instalment : null;
  const found: StoredFacts["duplicates"] = [];
  if (sameDocument && row.documentNumber !== null) {
    found.push({
      kind: "DOCUMENT",
      externalId,
      identifier: null,
      sameCondominium,
      sameDocument,
      instalment,
    });
  }
  const sameMonth =
    sameCondominium &&
    row.payeeDocument !== null &&
    other.row.payeeDocument === row.payeeDocument &&
    other.row.grossAmount === row.grossAmount &&
    other.row.competence === row.competence;
  if (sameMonth) {
    found.push({
      kind: "SAME_MONTH",
      externalId,
      identifier: null,
      sameCondominium,
      sameDocument,
      instalment,
    });
  }
  const marks = (files: string[]) =>
    files.flatMap((file) => {
      const receipt = model.receipts[file];
      if (receipt === undefined) return [];
      const hash = ["DOCUMENT_HASH", receipt.copyOf ?? file] as const;
      return [hash, ...identifiersOf(receipt.document)];
    });
  const theirs = new Set(marks(other.row.documents).map(([, value]) => value));
  for (const [identifier, value] of marks(row.documents)) {
    if (!theirs.has(value)) continue;
    const kind = sameTenant ? "RECEIPT" : "RECEIPT_ELSEWHERE";
    found.push({ kind, externalId, identifier, sameCondominium, sameDocument, instalment });
  }
  return found;
}

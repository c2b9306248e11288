import type pg from "pg";
import { z } from "zod";
import { isCategory } from "../suppliers/categories.ts";
import { cnaeFit } from "../suppliers/cnae-policy.ts";
import { FRESH_DAYS } from "../suppliers/look-up.ts";
import { demandedReceipt, loadedReceipt, type ReadingDemands } from "./demanded-reading.ts";
import { DEFAULT_THRESHOLDS, type ExpenseFacts } from "./facts.ts";
import { type Rule, rule } from "./rule.ts";
import { SELECT_FACTS } from "./select-facts.ts";
import { readFacts } from "./stored-facts.ts";

/** What an expense carries now. */
export interface StandingState {
  status: string;
  /** The reasons of its decision, and those of the late facts that a person has let pass since. */
  reasons: unknown;
}

/** An expense with all that is known of it. */
export interface LoadedExpense {
  condominiumId: string;
  organizationId: string;
  batchId: string;
  facts: ExpenseFacts;
  /** SHA-256 of the documents that must be read before it can be decided. */
  unreadDocuments: string[];
  standing: StandingState;
}

const checkedLater = z.unknown();

/**
 * A row of SELECT_FACTS. What goes into facts as it is, their own shape checks as a whole (`readFacts`); it is named here
 * all the same, since keys that zod does not know cost 10 microseconds a row.
 */
const row = z.object({
  condominium_id: z.string(),
  organization_id: z.string(),
  batch_id: z.string(),
  status: z.string(),
  known_reasons: checkedLater,
  id: checkedLater,
  external_id: checkedLater,
  category: z.string(),
  document_kind: checkedLater,
  document_number: checkedLater,
  issue_date: checkedLater,
  competence: checkedLater,
  gross_amount: checkedLater,
  payee_kind: checkedLater,
  payee_document: checkedLater,
  payee_name: checkedLater,
  due_date: checkedLater,
  instalment: checkedLater,
  document_count: checkedLater,
  submitted_at: checkedLater,
  deadline: checkedLater,
  retentions: checkedLater,
  condominium_cnpj: checkedLater,
  supplier_state: z.enum(["MISSING", "NOT_FOUND", "REFUSED", "NOT_APPLICABLE", "FOUND"]),
  supplier_name: checkedLater,
  supplier_status: z.string().nullable(),
  supplier_opened_on: checkedLater,
  main_cnae: z.string().nullable(),
  secondary_cnaes: z.array(z.string()).nullable(),
  mei: checkedLater,
  simples: checkedLater,
  source: checkedLater,
  source_date: checkedLater,
  settings: z.record(z.string(), z.int()).nullable(),
  recalibrated: z.number().nullable(),
  earlier_unread: z.array(z.string()).nullable(),
  receipts: z.array(loadedReceipt).nullable(),
  duplicates: z.array(z.unknown()).nullable(),
  payee_account_changed_on: checkedLater,
  other_count: checkedLater,
  other_total: checkedLater,
  same_month: z.array(z.unknown()).nullable(),
  limit_amount: z.string().nullable(),
  limit_requires: checkedLater,
  requires_receipt: checkedLater,
});
type Row = z.infer<typeof row>;

/**
 * Loads the facts of expenses, in a few set-based statements whatever their number, and hands them on one by one: what an
 * expense needs is garbage before the next one is read, instead of being carried about with all of its chunk's.
 *
 * @param now the instant against which deadlines and the age of the registry's answers count
 * @returns what was made of each, in the order of their ids
 * @throws Error when what the database holds is not of the facts' shape: then nothing is decided
 */
export async function loadFacts<T>(
  client: pg.ClientBase,
  expenseIds: readonly string[],
  now: Date,
  use: (expense: LoadedExpense) => T,
): Promise<T[]> {
  const [rules, rows] = [await loadRules(client), await selectFacts(client, expenseIds, now)];
  return rows.map((each) => {
    const loaded = row.parse(each);
    const facts = readFacts(storedShape(loaded, now), rules);
    const unread = facts.receipts.filter(({ reading }) => reading === null);
    return use({
      condominiumId: loaded.condominium_id,
      organizationId: loaded.organization_id,
      batchId: loaded.batch_id,
      standing: { status: loaded.status, reasons: loaded.known_reasons },
      facts,
      unreadDocuments: [...unread.map(({ sha256 }) => sha256), ...(loaded.earlier_unread ?? [])],
    });
  });
}

/** A row as facts in their stored form; whether they are, `readFacts` says. Keys in order: what is sorted is hashed sooner. */
function storedShape(loaded: Row, now: Date): unknown {
  return {
    approvalLimit:
      loaded.limit_amount === null
        ? null
        : { amount: loaded.limit_amount, requires: loaded.limit_requires },
    asOf: now.toISOString(),
    condominium: { cnpj: loaded.condominium_cnpj },
    deadline: loaded.deadline,
    duplicates: [...(loaded.duplicates ?? []), ...(loaded.same_month ?? [])],
    ...(loaded.earlier_unread?.length && { earlierReceiptUnread: true }),
    expense: {
      category: loaded.category,
      competence: loaded.competence,
      condominiumId: loaded.condominium_id,
      documentCount: loaded.document_count,
      documentKind: loaded.document_kind,
      documentNumber: loaded.document_number,
      dueDate: loaded.due_date,
      externalId: loaded.external_id,
      grossAmount: loaded.gross_amount,
      id: loaded.id,
      instalment: loaded.instalment,
      issueDate: loaded.issue_date,
      payee: {
        document: loaded.payee_document,
        kind: loaded.payee_kind,
        name: loaded.payee_name,
      },
      retentions: loaded.retentions ?? [],
      submittedAt: loaded.submitted_at,
    },
    otherExpensesInWindow: { count: loaded.other_count, total: loaded.other_total },
    payeeAccountChangedOn: loaded.payee_account_changed_on,
    receipts: (loaded.receipts ?? []).map((receipt) => demandedReceipt(receipt, demandsOf(loaded))),
    requirements: {
      receipt: loaded.requires_receipt,
      supplier: loaded.payee_kind === "CNPJ",
    },
    supplier: supplierFacts(loaded),
    thresholds: thresholdsOf(loaded.settings ?? {}),
  };
}

function supplierFacts(loaded: Row): unknown {
  const { category, supplier_state: state, main_cnae: mainCnae } = loaded;
  if (state !== "FOUND") return { state };
  if (!isCategory(category)) {
    throw new Error(`The category ${category} is stored but not known to this version.`);
  }
  const secondaryCnaes = loaded.secondary_cnaes ?? [];
  return {
    cnaeFit: cnaeFit(category, { mainCnae, secondaryCnaes }),
    company: {
      active: loaded.supplier_status === "Ativa",
      mainCnae,
      mei: loaded.mei,
      name: loaded.supplier_name,
      openedOn: loaded.supplier_opened_on,
      secondaryCnaes,
      simples: loaded.simples,
      source: loaded.source,
      sourceDate: loaded.source_date,
      status: loaded.supplier_status,
    },
    state,
  };
}

/** Of the organization's settings and of the threshold in force, if that is another than the reader's own: the stricter. */
function demandsOf({ settings, recalibrated }: Row): ReadingDemands {
  const ofSettings = (settings?.receipt_least_confidence ?? 0) / 10_000;
  return {
    leastConfidence: Math.max(ofSettings, recalibrated ?? 0),
    hourRequired: settings?.receipt_hour_required === 1,
  };
}

/** Amounts here as decimal text: the facts' stored form. */
function thresholdsOf(settings: Readonly<Record<string, number>>): unknown {
  return {
    amountTolerance: "0.00",
    retentionTolerance: "0.01",
    receiptDays: settings.receipt_date_tolerance_days ?? DEFAULT_THRESHOLDS.receiptDays,
    payeeAccountDays: settings.payee_account_hold_days ?? DEFAULT_THRESHOLDS.payeeAccountDays,
    splittingDays: settings.split_window_days ?? DEFAULT_THRESHOLDS.splittingDays,
  };
}

/** Every rule with its dates; in code `validTo` is the last day in force. */
async function loadRules(client: pg.ClientBase): Promise<Rule[]> {
  const { rows } = await client.query(
    `select code, version, facts as "factsNeeded", severity, parameters, source,
       valid_from::text as "validFrom", (valid_to - 1)::text as "validTo"
     from blindagem.rules order by code, version`,
  );
  return z.array(rule).parse(rows);
}

async function selectFacts(
  client: pg.ClientBase,
  expenseIds: readonly string[],
  now: Date,
): Promise<unknown[]> {
  // By name, so that a connection plans it once: planning took as long as loading 100 expenses.
  const { rows } = await client.query({
    name: "select_facts",
    text: SELECT_FACTS,
    values: [expenseIds, DEFAULT_THRESHOLDS.splittingDays, now, FRESH_DAYS],
  });
  return rows;
}

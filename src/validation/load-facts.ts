import type pg from "pg";
import { z } from "zod";
import { isCategory } from "../suppliers/categories.ts";
import { cnaeFit } from "../suppliers/cnae-policy.ts";
import { FRESH_DAYS } from "../suppliers/look-up.ts";
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

const loadedCompany = z
  .looseObject({ mainCnae: z.string().nullable(), secondaryCnaes: z.array(z.string()) })
  .nullable();

const row = z.object({
  condominium_id: z.string(),
  organization_id: z.string(),
  batch_id: z.string(),
  status: z.string(),
  known_reasons: z.unknown(),
  category: z.string(),
  supplier_state: z.enum(["MISSING", "NOT_FOUND", "REFUSED", "NOT_APPLICABLE", "FOUND"]),
  company: loadedCompany,
  settings: z.record(z.string(), z.int()),
  earlier_unread: z.array(z.string()),
  facts: z.record(z.string(), z.unknown()),
});

/**
 * Loads the facts of expenses, in a few set-based statements whatever their number.
 *
 * @param now the instant against which deadlines and the age of the registry's answers count
 * @throws Error when what the database holds is not of the facts' shape: then nothing is decided
 */
export async function loadFacts(
  client: pg.ClientBase,
  expenseIds: readonly string[],
  now: Date,
): Promise<LoadedExpense[]> {
  const [rules, rows] = [await loadRules(client), await selectFacts(client, expenseIds, now)];
  return rows.map((loaded) => {
    const facts = readFacts(
      {
        ...loaded.facts,
        asOf: now.toISOString(),
        supplier: supplierFacts(loaded),
        thresholds: thresholdsOf(loaded.settings),
        ...(loaded.earlier_unread.length > 0 && { earlierReceiptUnread: true }),
      },
      rules,
    );
    const unread = facts.receipts.filter(({ reading }) => reading === null);
    return {
      condominiumId: loaded.condominium_id,
      organizationId: loaded.organization_id,
      batchId: loaded.batch_id,
      standing: { status: loaded.status, reasons: loaded.known_reasons },
      facts,
      unreadDocuments: [...unread.map(({ sha256 }) => sha256), ...loaded.earlier_unread],
    };
  });
}

function supplierFacts(loaded: z.infer<typeof row>): unknown {
  if (loaded.supplier_state !== "FOUND" || loaded.company === null) {
    return { state: loaded.supplier_state };
  }
  if (!isCategory(loaded.category)) {
    throw new Error(`The category ${loaded.category} is stored but not known to this version.`);
  }
  return {
    state: "FOUND",
    company: loaded.company,
    cnaeFit: cnaeFit(loaded.category, loaded.company),
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
): Promise<z.infer<typeof row>[]> {
  // By name, so that a connection plans it once: planning took as long as loading 100 expenses.
  const { rows } = await client.query({
    name: "select_facts",
    text: SELECT_FACTS,
    values: [expenseIds, DEFAULT_THRESHOLDS.splittingDays, now, FRESH_DAYS],
  });
  return z.array(row).parse(rows);
}

/**
 * What the evidence weighs on generated cases, beside the weights in use, and what the thresholds cost.
 *
 *   npm run bench -- reconciliation --calibrate [--cases 1000] [--seed 1]
 *
 * For every pair of equal amounts in the date window it is known whether it is a payment. The weight that the data gives
 * a finding is the logarithm of how much more often true pairs show it than false ones, one added to each count. The
 * findings are not independent and the generator is no bank: so the weights in use are rounded to halves and kept
 * on the careful side, and this table shows where they would mislead.
 */
import { type CondominiumCase, readCase } from "../../../src/reconciliation/case-file.ts";
import { Ledger } from "../../../src/reconciliation/ledger.ts";
import { Parties } from "../../../src/reconciliation/party.ts";
import { candidates, receiptIdsOf } from "../../../src/reconciliation/payment-candidates.ts";
import type { Findings } from "../../../src/reconciliation/payment-evidence.ts";
import {
  byDueDate,
  byMoment,
  prepareMovement,
  preparePayable,
} from "../../../src/reconciliation/prepared.ts";
import { DEFAULT_THRESHOLDS } from "../../../src/reconciliation/thresholds.ts";
import { generateCase } from "./generate.ts";
import { recallOf, Score } from "./score.ts";

type Counts = { right: number; wrong: number };

const ACCEPT_SCORES = [3, 3.5, 4, 4.5, 5, 5.5, 6];
const MARGINS = [0, 1, 2, 3];
const DAY_STEPS = [-45, -15, -7, -3, -1, 2, 4, 8, 16, 31, 61];
const SIMILARITY_STEPS = [0.9, 0.75, 0.6, 0.4, 0.25, 0];

/** Prints both tables. */
export function calibrate(first: number, cases: number, print: (line: string) => void): void {
  const findings = new Map<string, Counts>();
  const total: Counts = { right: 0, wrong: 0 };
  for (let seed = first; seed < first + cases; seed += 1) count(seed, findings, total);
  print(`Pairs of equal amounts: ${total.right} payments, ${total.wrong} others`);
  print(`${"finding".padEnd(44)} ${"payments".padStart(9)} ${"others".padStart(7)}   log-odds`);
  for (const [name, { right, wrong }] of [...findings].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const odds = Math.log((right + 1) / (total.right + 2) / ((wrong + 1) / (total.wrong + 2)));
    print(
      `${name.padEnd(44)} ${String(right).padStart(9)} ${String(wrong).padStart(7)} ${odds.toFixed(2).padStart(10)}`,
    );
  }
  print("\nLeast score, margin: recall of payments, wrong links");
  for (const acceptScore of ACCEPT_SCORES) {
    for (const acceptMargin of MARGINS) {
      const score = new Score({ ...DEFAULT_THRESHOLDS, acceptScore, acceptMargin });
      for (let seed = first; seed < first + Math.ceil(cases / 4); seed += 1) {
        score.add(generateCase(seed));
      }
      const recall = (100 * recallOf(score.payments)).toFixed(2);
      print(`${acceptScore.toFixed(1)}  ${acceptMargin}   ${recall} %  ${score.wrong.length}`);
    }
  }
}

function count(seed: number, findings: Map<string, Counts>, total: Counts): void {
  const { expenses, transactions, truth } = generateCase(seed);
  const right = new Set(truth.payments.map((one) => `${one.expenseId} ${one.transactionId}`));
  const { condominiums } = readCase(JSON.stringify({ expenses, transactions }));
  for (const condominium of condominiums) {
    for (const { payableId, debitId, found } of pairsOf(condominium)) {
      const isRight = right.has(`${payableId} ${debitId}`);
      add(total, isRight);
      for (const name of namesOf(found)) {
        const counts = findings.get(name) ?? { right: 0, wrong: 0 };
        add(counts, isRight);
        findings.set(name, counts);
      }
    }
  }
}

function* pairsOf({
  payables,
  movements,
}: CondominiumCase): Generator<{ payableId: string; debitId: string; found: Findings }> {
  const parties = new Parties();
  const rows = payables.map((one) => preparePayable(one, parties)).sort(byDueDate);
  const columns = movements
    .filter((one) => one.amount < 0n && one.status === "POSTED")
    .map((one) => prepareMovement(one, new Set(), parties))
    .sort(byMoment);
  const nothing = { payments: [], refunds: [], rejectedPairs: [], incomeCredits: [] };
  const ledger = new Ledger(payables, movements, nothing);
  const thresholds = { ...DEFAULT_THRESHOLDS, reviewScore: Number.NEGATIVE_INFINITY };
  const context = { ledger, thresholds, receiptIds: receiptIdsOf(rows, columns, ledger) };
  const edges = candidates(rows, columns, context, {
    ofPayable: (one) => one.payable.amount,
    ofDebit: (one) => one.size,
  });
  for (const { payable, debit, findings } of edges) {
    yield { payableId: payable.id, debitId: debit.id, found: findings };
  }
}

function namesOf({ round, days, party, similarity, identifier, billKind }: Findings): string[] {
  const step = SIMILARITY_STEPS.find((least) => (similarity ?? 0) / 100 >= least) ?? 0;
  const until = DAY_STEPS.find((least) => days < least);
  return [
    round ? "amount: round" : "amount: distinct",
    `days: before ${until ?? "the window's end"}`.replace(
      /before (-?\d+)$/,
      (_, day) => `before ${String(day).padStart(3)}`,
    ),
    `party: ${party}${similarity === undefined ? "" : ` from ${step}`}`,
    ...(identifier === undefined ? [] : [`identifier: ${identifier}`]),
    ...(billKind ? ["bill: same kind"] : []),
  ];
}

function add(counts: Counts, isRight: boolean): void {
  if (isRight) counts.right += 1;
  else counts.wrong += 1;
}

import type { Edge } from "./components.ts";
import { HandleIndex } from "./handle-index.ts";
import type { Ledger } from "./ledger.ts";
import { agreement } from "./party.ts";
import { type Findings, type ReceiptIds, weigh } from "./payment-evidence.ts";
import type { PreparedMovement, PreparedPayable } from "./prepared.ts";
import type { Thresholds } from "./types.ts";

/** A payable (row) and a debit (column) of equal open amounts, with what speaks for the pair. */
export type Candidate = Edge & {
  payable: PreparedPayable;
  debit: PreparedMovement;
  findings: Findings;
};

export type CandidateContext = { ledger: Ledger; thresholds: Thresholds; receiptIds: ReceiptIds };

/** Which amounts have to be equal. */
export type Amounts = {
  ofPayable(payable: PreparedPayable): bigint;
  ofDebit(debit: PreparedMovement): bigint;
};

/** Up to so many pairs of one amount are all compared; beyond, only those that share a name or document. */
const ALL_PAIRS = 2_500;
/** Up to so many pairs of one payee and amount are all compared; beyond, only neighbours in time. */
const PAYEE_PAIRS = 900;
const NEIGHBOURS = 3;
/** In a large block names must agree at least so far. */
const LEAST_SIMILARITY = 0.4;

/**
 * Pairs worth weighing, blocked by exact amount. In a large block the nameless pairs are left out:
 * among many equal amounts they could only be ambiguous.
 * @param payables sorted by due date; row numbers are their indices
 * @param debits sorted by moment; column numbers are their indices
 */
export function candidates(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  context: CandidateContext,
  amounts: Amounts,
): Candidate[] {
  const columns = blocksByAmount(debits, amounts.ofDebit);
  const rows = blocksByAmount(payables, amounts.ofPayable, columns);
  const found: Candidate[] = [];
  for (const [amount, rowBlock] of rows) {
    const columnBlock = columns.get(amount);
    if (amount <= 0n || !columnBlock) continue;
    for (const [row, column] of pairsWorthWeighing(payables, debits, rowBlock, columnBlock)) {
      const payable = payables[row];
      const debit = debits[column];
      if (!payable || !debit || context.ledger.isRejectedPayment(payable.id, debit.id)) continue;
      const findings = weigh(payable, debit, context.receiptIds, context.thresholds);
      if (!findings || findings.score < context.thresholds.reviewScore) continue;
      found.push({ row, column, weight: findings.score, payable, debit, findings });
    }
  }
  return found;
}

/** Which receipts show which end-to-end ids, and which of those the bank knows. */
export function receiptIdsOf(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  ledger: Ledger,
): ReceiptIds {
  const owners = new Map<string, string[]>();
  for (const { id, payable } of payables) {
    for (const endToEndId of payable.endToEndIds) {
      owners.set(endToEndId, [...(owners.get(endToEndId) ?? []), id]);
    }
  }
  const live = new Set(
    debits.filter((one) => !ledger.isUndone(one.id)).map((one) => one.movement.endToEndId),
  );
  return {
    payablesOf: (endToEndId) => owners.get(endToEndId) ?? [],
    isLive: (endToEndId) => live.has(endToEndId),
  };
}

function* pairsWorthWeighing(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  rows: readonly number[],
  columns: readonly number[],
): Generator<[number, number]> {
  if (rows.length * columns.length <= ALL_PAIRS) {
    for (const row of rows) for (const column of columns) yield [row, column];
    return;
  }
  const rowGroups = groupsByKey(payables, rows);
  const byHandle = new HandleIndex<number[]>();
  for (const group of rowGroups) {
    const payee = payables[group[0] ?? 0];
    if (payee) {
      byHandle.add(group, [...payee.party.handles, ...payee.payable.endToEndIds]);
    }
  }
  for (const columnGroup of groupsByKey(debits, columns)) {
    const [first] = columnGroup;
    const debit = first === undefined ? undefined : debits[first];
    if (!debit) continue;
    const { endToEndId } = debit.movement;
    const handles = debit.party.handles;
    for (const rowGroup of byHandle.near(endToEndId ? [...handles, endToEndId] : handles)) {
      const payee = payables[rowGroup[0] ?? 0];
      if (payee && canBePayee(payee, debit)) {
        yield* pairsOfPayee(payables, debits, rowGroup, columnGroup);
      }
    }
  }
}

function canBePayee(payable: PreparedPayable, debit: PreparedMovement): boolean {
  const id = debit.movement.endToEndId;
  if (id !== null && payable.payable.endToEndIds.includes(id)) return true;
  const parties = agreement(payable.party, debit.party);
  if (parties.kind === "NAMES") return parties.similarity >= LEAST_SIMILARITY;
  return parties.kind !== "DIFFERENT_DOCUMENT";
}

function* pairsOfPayee(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  rows: readonly number[],
  columns: readonly number[],
): Generator<[number, number]> {
  if (rows.length * columns.length <= PAYEE_PAIRS) {
    for (const row of rows) for (const column of columns) yield [row, column];
    return;
  }
  let near = 0;
  for (const [rank, column] of columns.entries()) {
    const day = debits[column]?.day ?? 0;
    while (near < rows.length - 1 && (payables[rows[near] ?? 0]?.dueDay ?? 0) < day) near += 1;
    const ranks = new Set([rank]);
    for (let at = near - NEIGHBOURS; at <= near + NEIGHBOURS; at += 1) ranks.add(at);
    for (const at of ranks) {
      const row = rows[at];
      if (row !== undefined) yield [row, column];
    }
  }
}

function groupsByKey(items: readonly { key: string }[], at: readonly number[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const index of at) {
    const key = items[index]?.key ?? "";
    const group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  }
  return [...groups.values()];
}

/** @param sought of other amounts nothing is kept */
function blocksByAmount<T>(
  items: readonly T[],
  amountOf: (item: T) => bigint,
  sought?: ReadonlyMap<bigint, unknown>,
): Map<bigint, number[]> {
  const blocks = new Map<bigint, number[]>();
  if (sought?.size === 0) return blocks;
  for (const [index, item] of items.entries()) {
    const amount = amountOf(item);
    if (sought && !sought.has(amount)) continue;
    const block = blocks.get(amount);
    if (block) block.push(index);
    else blocks.set(amount, [index]);
  }
  return blocks;
}

import { bestAssignment, totalWeight } from "./assignment.ts";
import { components } from "./components.ts";
import type { Candidate } from "./payment-candidates.ts";
import type { Thresholds } from "./types.ts";

/** A pair that is certain enough to link without a person. */
export type Accepted = Candidate & { inDueDateOrder: boolean };

/** Components up to so many rows and columns are solved exactly. */
const EXACT_SIZE = 32;

/**
 * Which pairs of one connected component are certain: they stand in the best assignment, reach the
 * least evidence, and any assignment that gives the payable or the debit to another party is worse
 * by the margin. Payables of one payee and debits of one counterparty are interchangeable: as many of
 * the one as of the other are paired in order of due date.
 */
export function solve(component: readonly Candidate[], thresholds: Thresholds): Accepted[] {
  const [only] = component;
  if (only && component.length === 1) {
    return only.weight >= thresholds.acceptScore ? [{ ...only, inDueDateOrder: false }] : [];
  }
  const rows = distinct(component.map((edge) => edge.row));
  const columns = distinct(component.map((edge) => edge.column));
  if (Math.max(rows.length, columns.length) <= EXACT_SIZE) {
    return solveExactly(component, rows, columns, thresholds);
  }
  const inOrder = pairWholePayee(component, rows, columns, thresholds);
  if (inOrder) return inOrder;
  const pruned = withoutInferior(component, thresholds.acceptMargin);
  const parts = components(pruned);
  if (parts.length === 1) return [];
  return stable(
    component,
    parts.flatMap((part) => solve(part, thresholds)),
    thresholds.acceptMargin,
  );
}

function solveExactly(
  component: readonly Candidate[],
  rows: readonly number[],
  columns: readonly number[],
  { acceptScore, acceptMargin }: Thresholds,
): Accepted[] {
  const edges = new Map(component.map((edge) => [`${edge.row} ${edge.column}`, edge]));
  const matrix = rows.map((row) => columns.map((column) => edges.get(`${row} ${column}`)));
  const weights = matrix.map((line) => line.map((edge) => edge?.weight));
  const chosen = bestAssignment(weights);
  const best = totalWeight(weights, chosen);

  const isCertain = (edge: Candidate): boolean => {
    if (edge.weight < acceptScore) return false;
    const debitKey = edge.debit.key;
    const payableKey = edge.payable.key;
    const withoutPayable = allowing(
      matrix,
      (other) => !(other.row === edge.row && other.debit.key === debitKey),
    );
    const withoutDebit = allowing(
      matrix,
      (other) => !(other.column === edge.column && other.payable.key === payableKey),
    );
    return [withoutPayable, withoutDebit].every(
      (other) => best - totalWeight(other, bestAssignment(other)) >= acceptMargin,
    );
  };
  const certain = chosen.flatMap((column, row) => {
    const edge = matrix[row]?.[column];
    return edge && isCertain(edge) ? [edge] : [];
  });
  return inDueDateOrder(certain, edges, acceptScore);
}

function allowing(
  matrix: readonly (readonly (Candidate | undefined)[])[],
  allowed: (edge: Candidate) => boolean,
): (number | undefined)[][] {
  return matrix.map((line) =>
    line.map((edge) => (edge && allowed(edge) ? edge.weight : undefined)),
  );
}

/** Within one payee and one counterparty the order of due dates decides, not a tie in the weights. */
function inDueDateOrder(
  certain: readonly Candidate[],
  edges: ReadonlyMap<string, Candidate>,
  acceptScore: number,
): Accepted[] {
  const groups = new Map<string, Candidate[]>();
  for (const edge of certain) {
    // A pair joined by identifier is itself, not interchangeable.
    const key = edge.findings.byId
      ? `${edge.row} ${edge.column}`
      : `${edge.payable.key}\n${edge.debit.key}`;
    const group = groups.get(key);
    if (group) group.push(edge);
    else groups.set(key, [edge]);
  }
  return [...groups.values()].flatMap((group) => {
    const columns = distinct(group.map((edge) => edge.column));
    const ordered = distinct(group.map((edge) => edge.row)).map((row, at) =>
      edges.get(`${row} ${columns[at]}`),
    );
    const usable = ordered.every((edge) => edge !== undefined && edge.weight >= acceptScore);
    return (usable ? ordered : group).flatMap((edge) =>
      edge ? [{ ...edge, inDueDateOrder: group.length > 1 }] : [],
    );
  });
}

/** A large component of one payee and one counterparty, as many payables as debits. */
function pairWholePayee(
  component: readonly Candidate[],
  rows: readonly number[],
  columns: readonly number[],
  { acceptScore }: Thresholds,
): Accepted[] | undefined {
  const [first] = component;
  const uniform =
    rows.length === columns.length &&
    component.every(
      (edge) => edge.payable.key === first?.payable.key && edge.debit.key === first.debit.key,
    );
  if (!uniform) return undefined;
  const edges = new Map(component.map((edge) => [`${edge.row} ${edge.column}`, edge]));
  const ordered = rows.map((row, at) => edges.get(`${row} ${columns[at]}`));
  return ordered.every((edge) => edge !== undefined && edge.weight >= acceptScore)
    ? ordered.flatMap((edge) => (edge ? [{ ...edge, inDueDateOrder: true }] : []))
    : undefined;
}

/** Drops the pairs of which both sides have a clearly better one, so that a large component falls apart. */
function withoutInferior(component: readonly Candidate[], margin: number): Candidate[] {
  const bestOfRow = new Map<number, number>();
  const bestOfColumn = new Map<number, number>();
  for (const { row, column, weight } of component) {
    bestOfRow.set(row, Math.max(weight, bestOfRow.get(row) ?? 0));
    bestOfColumn.set(column, Math.max(weight, bestOfColumn.get(column) ?? 0));
  }
  return component.filter(
    ({ row, column, weight }) =>
      (bestOfRow.get(row) ?? 0) - weight < margin ||
      (bestOfColumn.get(column) ?? 0) - weight < margin,
  );
}

/** Takes out links that an exchange along a dropped pair would beat or come near to. */
function stable(
  component: readonly Candidate[],
  accepted: readonly Accepted[],
  margin: number,
): Accepted[] {
  const ofRow = new Map(accepted.map((edge) => [edge.row, edge]));
  const ofColumn = new Map(accepted.map((edge) => [edge.column, edge]));
  const weights = new Map(component.map((edge) => [`${edge.row} ${edge.column}`, edge.weight]));
  const doubtful = new Set<Accepted>();
  for (const edge of component) {
    const mine = ofRow.get(edge.row);
    const theirs = ofColumn.get(edge.column);
    if (!mine || !theirs || mine === theirs) continue;
    const samePair = mine.payable.key === theirs.payable.key && mine.debit.key === theirs.debit.key;
    const back = weights.get(`${theirs.row} ${mine.column}`) ?? 0;
    if (!samePair && mine.weight + theirs.weight - edge.weight - back < margin) {
      doubtful.add(mine).add(theirs);
    }
  }
  return accepted.filter((edge) => !doubtful.has(edge));
}

function distinct(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

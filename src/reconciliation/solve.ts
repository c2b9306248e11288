import { bestAssignment } from "./assignment.ts";
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
  const chosen = bestOf(matrix, () => true);
  const best = totalOf(chosen);
  const leads = (allowed: (edge: Candidate) => boolean) =>
    best - totalOf(bestOf(matrix, allowed)) >= acceptMargin;

  const covered = chosen.filter(
    (edge) =>
      edge.weight >= acceptScore &&
      leads((other) => other.row !== edge.row || other.debit.key !== edge.debit.key) &&
      leads((other) => other.column !== edge.column || other.payable.key !== edge.payable.key),
  );
  const plausible = (pairs: readonly Candidate[]) =>
    pairs.filter((edge) => !isDominated(edge, pairs, edges, { acceptScore, acceptMargin }));
  return groupsOf(covered).flatMap((group) => {
    const ordered = inDueDateOrder(group, component, edges, acceptScore);
    if (ordered && plausible(ordered).length === ordered.length) return ordered;
    return plausible(group)
      .filter((edge) => leads((other) => other !== edge))
      .map((edge) => ({ ...edge, inDueDateOrder: false }));
  });
}

/** The best assignment of the pairs allowed. */
function bestOf(
  matrix: readonly (readonly (Candidate | undefined)[])[],
  allowed: (edge: Candidate) => boolean,
): Candidate[] {
  const weights = matrix.map((line) =>
    line.map((edge) => (edge && allowed(edge) ? edge.weight : undefined)),
  );
  return bestAssignment(weights).flatMap((column, row) => matrix[row]?.[column] ?? []);
}

function totalOf(edges: readonly Candidate[]): number {
  return edges.reduce((sum, edge) => sum + edge.weight, 0);
}

/** By payee and counterparty; a pair joined by identifier is itself, not interchangeable. */
function groupsOf(edges: readonly Candidate[]): Candidate[][] {
  const groups = new Map<string, Candidate[]>();
  for (const edge of edges) {
    const key = edge.findings.byId
      ? `${edge.row} ${edge.column}`
      : `${edge.payable.key}\n${edge.debit.key}`;
    const group = groups.get(key);
    if (group) group.push(edge);
    else groups.set(key, [edge]);
  }
  return [...groups.values()];
}

/**
 * The group's payables and debits paired in order of due date; undefined unless these are all of the
 * payee's payables and all of the counterparty's debits: of unequal numbers any could be the one too
 * many, and then each pair must lead by itself.
 */
function inDueDateOrder(
  group: readonly Candidate[],
  component: readonly Candidate[],
  edges: ReadonlyMap<string, Candidate>,
  acceptScore: number,
): Accepted[] | undefined {
  const [first] = group;
  if (!first || group.length === 1) return undefined;
  const rows = distinct(group.map((edge) => edge.row));
  const columns = distinct(group.map((edge) => edge.column));
  const byId = new Set(
    component
      .filter((edge) => edge.findings.byId)
      .flatMap(({ row, column }) => [`r${row}`, `c${column}`]),
  );
  const complete = component.every(
    ({ row, column, payable, debit }) =>
      (payable.key !== first.payable.key || rows.includes(row) || byId.has(`r${row}`)) &&
      (debit.key !== first.debit.key || columns.includes(column) || byId.has(`c${column}`)),
  );
  const ordered = rows.map((row, at) => edges.get(`${row} ${columns[at]}`));
  if (!complete || ordered.some((edge) => !edge || edge.weight < acceptScore)) return undefined;
  return ordered.flatMap((edge) => (edge ? [{ ...edge, inDueDateOrder: true }] : []));
}

/**
 * Whether the debit clearly fits another payable of the payee better (or the payable another debit of
 * the counterparty), and the two pairs cannot simply change partners. Then a pair may be there only
 * because more links weigh more: September unpaid and December's debit early would shift all months.
 */
function isDominated(
  edge: Candidate,
  pairs: readonly Candidate[],
  edges: ReadonlyMap<string, Candidate>,
  { acceptScore, acceptMargin }: Pick<Thresholds, "acceptScore" | "acceptMargin">,
): boolean {
  return pairs.some((other) => {
    if (other === edge) return false;
    const theirs = [`${other.row} ${edge.column}`, `${edge.row} ${other.column}`];
    const [taking, leaving] = theirs.map((key) => edges.get(key)?.weight ?? 0);
    const better = (weight = 0) => weight - edge.weight >= acceptMargin;
    return (
      (better(taking) && (leaving ?? 0) < acceptScore) ||
      (better(leaving) && (taking ?? 0) < acceptScore)
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

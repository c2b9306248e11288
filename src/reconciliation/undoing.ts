import { chooseOriginal, pairInOrder } from "./episodes.ts";
import type { Ledger } from "./ledger.ts";
import { byMoment, canPrecede, type PreparedMovement } from "./prepared.ts";
import type { Thresholds } from "./types.ts";
import {
  fits,
  isSureParty,
  OriginalIndex,
  PartyIndex,
  type Rank,
  rankOfParty,
} from "./undo-candidates.ts";
import { indexForJoins, joinById } from "./undo-joins.ts";
import { inFull, inPart, type Undone } from "./undo-links.ts";

export type Undoing = {
  links: Undone[];
  ambiguous: { undoer: PreparedMovement; originals: PreparedMovement[] }[];
  /** Joined by identifier, but more comes back than went out. */
  exceeding: { undoer: PreparedMovement; originals: PreparedMovement[] }[];
  unresolved: PreparedMovement[];
};

export type UndoingContext = {
  ledger: Ledger;
  thresholds: Thresholds;
  /** What of an original can still be undone, before this pass. */
  left: (original: PreparedMovement) => bigint;
};

type Context = UndoingContext & { index: OriginalIndex };

type Pool = { key: string; rank: Rank; originals: PreparedMovement[] };

/** More classes than this are not all one party: the refund is ambiguous as it is. */
const MERGED = 12;
const RANKS: readonly Rank[] = ["DOCUMENT", "NAME", "UNKNOWN"];

/**
 * Finds for each undoing movement the original it undoes: joins by identifier first, then the full
 * amount with the memo's party, then parts of a Pix. A choice between parties is never made; it
 * follows only where other, surer links leave one (rounds until nothing changes).
 */
export function matchUndoing(
  originals: readonly PreparedMovement[],
  undoers: readonly PreparedMovement[],
  context: UndoingContext,
): Undoing {
  const result: Undoing = { links: [], ambiguous: [], exceeding: [], unresolved: [] };
  if (undoers.length === 0) return result;
  const used = new Map<string, bigint>();
  const left = (original: PreparedMovement) =>
    context.left(original) - (used.get(original.id) ?? 0n);
  const take = (link: Undone) => {
    used.set(link.original.id, (used.get(link.original.id) ?? 0n) + link.amount);
    result.links.push(link);
  };
  const sorted = [...originals].sort(byMoment);

  const joins = indexForJoins(sorted);
  const byMemo: PreparedMovement[] = [];
  for (const undoer of [...undoers].sort(byMoment)) {
    const join = joinById(undoer, joins, left, context.ledger, context.thresholds);
    if (join?.kind === "LINK") take(join.link);
    else if (join) result.exceeding.push({ undoer, originals: join.originals });
    else byMemo.push(undoer);
  }

  const sought = new Set(byMemo.map((one) => one.block));
  const index = new OriginalIndex(
    sorted.filter((one) => sought.has(one.block) && left(one) === one.size),
  );
  const full: Context = { ...context, index };
  const rest: PreparedMovement[] = [];
  for (const undecided of blocks(byMemo)) {
    for (const link of decideBlock(undecided, full)) take(link);
    for (const undoer of undecided) {
      const pools = surestPools(undoer, full);
      if (pools.length === 0) rest.push(undoer);
      else result.ambiguous.push({ undoer, originals: pools.flatMap((pool) => pool.originals) });
    }
  }

  if (rest.length === 0) return result;
  const { thresholds } = context;
  const parties = new PartyIndex(sorted, rest);
  for (const undoer of rest.sort(byMoment)) {
    const larger = partlyUndone(undoer, parties, left, context);
    const only = onlyOne(larger, undoer, thresholds);
    // Later than what never arrived comes back: probably its debit, but not surely.
    const late = larger.length > 0 ? [] : surestPools(undoer, full, thresholds.otherRefundDays);
    const open = [...larger, ...late.flatMap((pool) => pool.originals)];
    if (only) take(inPart(undoer, only, larger.length));
    else if (open.length > 0) result.ambiguous.push({ undoer, originals: open });
    else result.unresolved.push(undoer);
  }
  return result;
}

/**
 * Decides what can be decided among movements of one account and amount, and takes it out of
 * `undecided`. The surest rank goes first; what it takes may leave one choice to another.
 */
function* decideBlock(undecided: Set<PreparedMovement>, context: Context): Generator<Undone> {
  let progress = true;
  let taken = 0;
  // A link takes one original, so at most one pool of each: who has many is not asked again until they may be one.
  const leastPools = new Map<PreparedMovement, number>();
  while (progress && undecided.size > 0) {
    progress = false;
    const single = new Map<PreparedMovement, Pool>();
    for (const undoer of undecided) {
      if ((leastPools.get(undoer) ?? 0) - taken > 1) continue;
      const pools = surestPools(undoer, context);
      const [pool, other] = pools;
      if (pool && !other) single.set(undoer, pool);
      leastPools.set(undoer, pools.length + taken);
    }
    for (const rank of RANKS) {
      if (progress) break;
      for (const group of groupsOfRank(single, rank)) {
        for (const link of decideGroup(group, context)) {
          context.index.remove(link.original);
          undecided.delete(link.undoer);
          taken += 1;
          progress = true;
          yield link;
        }
      }
    }
  }
}

/**
 * A Pix devolução may come 90 days later; what was rejected comes soon, unless it names whose it was.
 * @param rank how surely the original is of the same party
 */
export function maxDays(
  { channel, rule }: Pick<PreparedMovement, "channel" | "rule">,
  thresholds: Thresholds,
  rank: Rank = "UNKNOWN",
): number {
  return daysBack(channel, rule, thresholds, rank);
}

function daysBack(
  channel: PreparedMovement["channel"],
  rule: PreparedMovement["rule"],
  thresholds: Thresholds,
  rank: Rank,
): number {
  if (channel === "PIX" && (rank !== "UNKNOWN" || !rule?.rejection)) {
    return thresholds.pixRefundDays;
  }
  const soon = rank === "UNKNOWN" && (rule?.rejection || channel === "TED");
  return soon ? thresholds.rejectionDays : thresholds.otherRefundDays;
}

/** The memo of the return may not say that it was a Pix; the debit's does. */
function windowOf(
  { channel, rule }: PreparedMovement,
  original: PreparedMovement,
  rank: Rank,
  thresholds: Thresholds,
): number {
  return daysBack(channel ?? original.channel, rule, thresholds, rank);
}

/**
 * The free originals at the surest rank, pooled by party: classes of one party are one pool. If those
 * are old, and a recent one might be the party's too, both are given: then nobody can know.
 * @param leastWindow days that are looked at whatever the kind allows
 */
function surestPools(
  undoer: PreparedMovement,
  { index, ledger, thresholds }: Context,
  leastWindow = 0,
): Pool[] {
  const ranked: Pool[] = [];
  const isFree = (original: PreparedMovement, rank: Rank) =>
    undoer.day - original.day <=
      Math.max(leastWindow, windowOf(undoer, original, rank, thresholds)) &&
    canPrecede(original, undoer) &&
    fits(undoer, original) &&
    !ledger.isRejectedRefund(undoer.id, original.id);
  for (const { key, originals, rank } of index.classesFor(undoer)) {
    if (!rank) continue;
    // Of most classes none is free: for those nothing is made.
    let free: PreparedMovement[] | undefined;
    for (const original of originals) {
      if (!isFree(original, rank)) continue;
      if (free) free.push(original);
      else free = [original];
    }
    if (free) ranked.push({ key, rank, originals: free });
  }
  // First the parties, then the rank: of one party's debits the first in is the first out, whichever has the CNPJ.
  const pools = ranked.length > MERGED ? ranked : mergeParties(ranked);
  const best = RANKS.find((rank) => pools.some((pool) => pool.rank === rank));
  const isRecent = ({ originals }: Pool) =>
    undoer.day - (originals.at(-1)?.day ?? 0) <= thresholds.recentRefundDays;
  const surest = pools.filter((pool) => pool.rank === best);
  return surest.some(isRecent)
    ? surest
    : [...surest, ...pools.filter((pool) => pool.rank !== best && isRecent(pool))];
}

/** One supplier may stand in several classes: once with its CNPJ, once with the name alone. The surest rank counts. */
function mergeParties(pools: Pool[]): Pool[] {
  const merged: Pool[] = [];
  for (const pool of pools) {
    const same = merged.find((other) => isSameParty(other.originals[0], pool.originals[0]));
    if (same) {
      same.key = `${same.key}\n${pool.key}`;
      same.originals = [...same.originals, ...pool.originals].sort(byMoment);
      if (RANKS.indexOf(pool.rank) < RANKS.indexOf(same.rank)) same.rank = pool.rank;
    } else {
      merged.push({ ...pool });
    }
  }
  return merged;
}

function isSameParty(a: PreparedMovement | undefined, b: PreparedMovement | undefined): boolean {
  return a !== undefined && b !== undefined && isSureParty(a, b);
}

/** Undoing movements by the one pool they have, in order; a group has the rank of its surest. */
function groupsOfRank(
  single: ReadonlyMap<PreparedMovement, Pool>,
  rank: Rank,
): PreparedMovement[][] {
  const groups = Map.groupBy(single.keys(), (undoer) => single.get(undoer)?.key);
  return [...groups.values()].filter(
    (group) =>
      RANKS.find((one) => group.some((undoer) => single.get(undoer)?.rank === one)) === rank,
  );
}

/** First in, first out within one pool; the originals taken are removed between the links. */
function* decideGroup(undoers: readonly PreparedMovement[], context: Context): Generator<Undone> {
  const { thresholds } = context;
  const last = undoers.at(-1);
  const [whole] = last ? surestPools(last, context) : [];
  const pairs =
    whole &&
    pairInOrder(whole.originals, undoers, (undoer, original) =>
      windowOf(undoer, original, whole.rank, thresholds),
    );
  if (pairs) {
    for (const [original, undoer] of pairs) {
      yield inFull(undoer, original, rankOfParty(undoer, original) ?? whole.rank, pairs.length);
    }
    return;
  }
  for (const undoer of undoers) {
    const [pool, other] = surestPools(undoer, context);
    if (!pool || other) continue;
    const choice = chooseOriginal(pool.originals, undoer, thresholds);
    if (choice.kind === "CHOSEN") {
      yield inFull(undoer, choice.original, pool.rank, pool.originals.length);
    }
  }
}

function blocks(undoers: readonly PreparedMovement[]): Iterable<Set<PreparedMovement>> {
  const byBlock = new Map<string, Set<PreparedMovement>>();
  for (const undoer of undoers) {
    const key = undoer.block;
    byBlock.set(key, (byBlock.get(key) ?? new Set()).add(undoer));
  }
  return byBlock.values();
}

function partlyUndone(
  undoer: PreparedMovement,
  parties: PartyIndex,
  left: (original: PreparedMovement) => bigint,
  { ledger, thresholds }: UndoingContext,
): PreparedMovement[] {
  // Only a Pix can come back in part (Regulamento do Pix); a bank's estorno is whole.
  if (undoer.channel !== undefined && undoer.channel !== "PIX") return [];
  return parties
    .largerOfParty(undoer, thresholds.pixRefundDays)
    .filter(
      (original) =>
        left(original) >= undoer.size && !ledger.isRejectedRefund(undoer.id, original.id),
    )
    .sort(byMoment);
}

/**
 * The one Pix to this party, or the only recent one where the others are of other months: amounts
 * say nothing here, so two near each other leave it open. Where only the name is the same, the debit may as well be one
 * that the statement does not reach back to: then it has to be recent, and the only one.
 * @param originals sorted by moment
 */
function onlyOne(
  originals: readonly PreparedMovement[],
  undoer: PreparedMovement,
  thresholds: Thresholds,
): PreparedMovement | undefined {
  const latest = originals.at(-1);
  const before = originals.at(-2);
  if (!latest) return undefined;
  const recent = undoer.day - latest.day <= thresholds.recentRefundDays;
  if (rankOfParty(undoer, latest) !== "DOCUMENT") return recent && !before ? latest : undefined;
  if (!before) return latest;
  return recent && latest.day - before.day > 2 * thresholds.recentRefundDays ? latest : undefined;
}

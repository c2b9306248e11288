import { chooseOriginal } from "./episodes.ts";
import type { Ledger } from "./ledger.ts";
import { canPrecede, type PreparedMovement } from "./prepared.ts";
import { note } from "./reasons.ts";
import type { Thresholds } from "./types.ts";
import type { Undone } from "./undo-links.ts";

/** What an identifier says of one undoing movement. */
export type Join =
  | { kind: "LINK"; link: Undone }
  /** The identifier names originals that have too little left. */
  | { kind: "EXCEEDS"; originals: PreparedMovement[] };

/** Originals by the identifiers that join them for certain. */
export type JoinIndex = {
  byEndToEndId: ReadonlyMap<string, PreparedMovement[]>;
  byCheckNumber: ReadonlyMap<string, PreparedMovement[]>;
};

/** @param originals sorted by moment */
export function indexForJoins(originals: readonly PreparedMovement[]): JoinIndex {
  const byEndToEndId = new Map<string, PreparedMovement[]>();
  const byCheckNumber = new Map<string, PreparedMovement[]>();
  const add = (map: Map<string, PreparedMovement[]>, key: string, one: PreparedMovement) => {
    const list = map.get(key);
    if (list) list.push(one);
    else map.set(key, [one]);
  };
  for (const one of originals) {
    if (one.movement.endToEndId !== null) add(byEndToEndId, one.movement.endToEndId, one);
    const check = checkKey(one);
    if (check !== undefined) add(byCheckNumber, check, one);
  }
  return { byEndToEndId, byCheckNumber };
}

/**
 * Joins by identifier: OrgnlEndToEndId of the devolução (pacs.004), the same end-to-end id, or the
 * bank's document number with account and amount. The first two hold whatever account the money
 * came from (MED 2.0) and in part; the third also needs the refund's memo, which the caller has seen.
 */
export function joinById(
  undoer: PreparedMovement,
  index: JoinIndex,
  left: (original: PreparedMovement) => bigint,
  ledger: Ledger,
  thresholds: Thresholds,
): Join | undefined {
  const { originalEndToEndId, endToEndId } = undoer.movement;
  const ids = [
    ["REFUND_BY_ORIGINAL_ID", originalEndToEndId],
    ["REFUND_BY_SAME_ID", endToEndId],
  ] as const;
  for (const [code, id] of ids) {
    if (id === null) continue;
    const named = (index.byEndToEndId.get(id) ?? []).filter(
      (original) => !ledger.isRejectedRefund(undoer.id, original.id),
    );
    if (named.length === 0) continue;
    const original = named.find((one) => left(one) >= undoer.size);
    return original
      ? { kind: "LINK", link: certain(undoer, original, code, { endToEndId: id }) }
      : { kind: "EXCEEDS", originals: named };
  }
  const check = checkKey(undoer);
  const numbered = (check === undefined ? [] : (index.byCheckNumber.get(check) ?? [])).filter(
    (original) =>
      canPrecede(original, undoer) && undoer.day - original.day <= thresholds.otherRefundDays,
  );
  // Some banks number a kind of entry, not the entry: then several payees share the number.
  if (new Set(numbered.map((original) => original.key)).size !== 1) return undefined;
  const free = numbered.filter(
    (original) =>
      left(original) === original.size && !ledger.isRejectedRefund(undoer.id, original.id),
  );
  const choice = chooseOriginal(free, undoer, thresholds);
  if (choice.kind !== "CHOSEN") return undefined;
  const { checkNumber } = undoer.movement;
  const link = certain(undoer, choice.original, "REFUND_BY_CHECK_NUMBER", { checkNumber });
  return { kind: "LINK", link };
}

function certain(
  undoer: PreparedMovement,
  original: PreparedMovement,
  code: "REFUND_BY_ORIGINAL_ID" | "REFUND_BY_SAME_ID" | "REFUND_BY_CHECK_NUMBER",
  evidence: Record<string, string | null>,
): Undone {
  return {
    undoer,
    original,
    amount: undoer.size,
    confidence: 1,
    reasons: [note(code, { ...evidence, days: undoer.day - original.day })],
  };
}

function checkKey({ movement, size }: PreparedMovement): string | undefined {
  const number = movement.checkNumber?.trim().replace(/^0+/, "") ?? "";
  return number.length >= 3 ? `${movement.accountId}\n${number}\n${size}` : undefined;
}

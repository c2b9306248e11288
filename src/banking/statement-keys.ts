import { createHash } from "node:crypto";
import { formatDecimal } from "../money/centavos.ts";
import type { StatementEntry } from "./statement.ts";

/**
 * Gives each entry its key. Banks count their ids anew in each file, or each day, so an id says which entry it is only with
 * day and amount. Some write no id, or the same for two entries of a day and amount; then the key is a hash of what the
 * entry says, with its place among equal ones: the same file, or another that overlaps it by whole days, gives the same keys.
 *
 * @param entries of one account, in the order of the file
 */
export function withEntryKeys(
  entries: readonly Omit<StatementEntry, "entryKey" | "otherKey">[],
): StatementEntry[] {
  const uses = new Map<string | null, number>();
  for (const entry of entries) count(uses, keyOfId(entry));
  const hashed = new Map<string, number>();
  const all = new Map<string, number>();
  return entries.map((entry) => {
    const idKey = keyOfId(entry);
    const text = textOf(entry);
    const place = count(all, text);
    if (idKey !== null && uses.get(idKey) === 1) {
      return { ...entry, entryKey: idKey, otherKey: keyOfText(text, place) };
    }
    return {
      ...entry,
      bankId: null,
      entryKey: keyOfText(text, count(hashed, text)),
      otherKey: idKey,
    };
  });
}

function keyOfId({
  bankId,
  postedOn,
  amount,
}: Pick<StatementEntry, "bankId" | "postedOn" | "amount">) {
  return bankId === null ? null : `id:${bankId}@${postedOn}/${amount}`;
}

function textOf(entry: Omit<StatementEntry, "entryKey" | "otherKey">): string {
  return JSON.stringify([
    entry.postedOn,
    formatDecimal(entry.amount),
    entry.description.toUpperCase(),
    entry.checkNumber,
  ]);
}

function keyOfText(text: string, place: number): string {
  return `hash:${createHash("sha256").update(`${text}\n${place}`).digest("hex").slice(0, 32)}`;
}

/** @returns how often it had been counted before */
function count<T>(counts: Map<T, number>, value: T): number {
  const before = counts.get(value) ?? 0;
  counts.set(value, before + 1);
  return before;
}

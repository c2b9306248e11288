import { createHash } from "node:crypto";
import { formatDecimal } from "../money/centavos.ts";
import type { StatementEntry } from "./statement.ts";

/**
 * Gives each entry its key. Some banks write no id, or one id for all entries, or the same for two entries of a day; then
 * the key is a hash of what the entry says, with its place among equal ones: the same file, or another that
 * overlaps it by whole days, gives the same keys.
 *
 * @param entries of one account, in the order of the file
 */
export function withEntryKeys(
  entries: readonly Omit<StatementEntry, "entryKey">[],
): StatementEntry[] {
  const uses = new Map<string, number>();
  for (const { bankId } of entries) {
    if (bankId !== null) uses.set(bankId, (uses.get(bankId) ?? 0) + 1);
  }
  const equal = new Map<string, number>();
  return entries.map((entry) => {
    const bankId = entry.bankId !== null && uses.get(entry.bankId) === 1 ? entry.bankId : null;
    if (bankId !== null) return { ...entry, bankId, entryKey: `id:${bankId}` };
    const said = JSON.stringify([
      entry.postedOn,
      formatDecimal(entry.amount),
      entry.description.toUpperCase(),
      entry.checkNumber,
    ]);
    const place = equal.get(said) ?? 0;
    equal.set(said, place + 1);
    const hash = createHash("sha256").update(`${said}\n${place}`).digest("hex").slice(0, 32);
    return { ...entry, bankId, entryKey: `hash:${hash}` };
  });
}

/** What a query asks of witnesses: each with the newest tree that it truly signed. */
export const WITNESSES = "auditWitnesses { treeSize witness keyId cosignedAt }";

/** Who vouches for a leaf: of each witness, the newest time at which it truly signed a tree that has it. */
export function witnessesOf(leafIndex, witnesses) {
  const told = new Map();
  for (const { treeSize, witness, cosignedAt } of witnesses) {
    if (Number(treeSize) <= Number(leafIndex)) continue;
    if (!told.has(witness)) told.set(witness, cosignedAt);
  }
  return [...told].map(([witness, cosignedAt]) => ({ witness, cosignedAt }));
}

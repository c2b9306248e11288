/** What a query asks of witnesses, the newest first: as many as people read. */
export const COSIGNATURES =
  "auditCosignatures(orderBy: TREE_SIZE_DESC, first: 100) { nodes { treeSize witness keyId cosignedAt isTrue } }";

/** Who vouches for a leaf: of each witness, the newest time at which it truly signed a tree that has it. */
export function witnessesOf(leafIndex, cosignatures) {
  const told = new Map();
  for (const { treeSize, witness, cosignedAt, isTrue } of cosignatures) {
    if (!isTrue || Number(treeSize) <= Number(leafIndex)) continue;
    if (!told.has(witness)) told.set(witness, cosignedAt);
  }
  return [...told].map(([witness, cosignedAt]) => ({ witness, cosignedAt }));
}

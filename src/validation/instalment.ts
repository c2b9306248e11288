/**
 * Whether two instalments ("2/3", or null for the whole) claim the same part of a document. The whole
 * overlaps with each of its parts; "2/3" and "02/3" are the same part.
 */
export function instalmentsOverlap(one: string | null, other: string | null): boolean {
  return one === null || other === null || part(one) === part(other);
}

/** How many instalments there are: "2/3" -> 3. */
export function instalmentCount(instalment: string): bigint {
  return BigInt(instalment.split("/")[1] ?? "1");
}

function part(instalment: string): string {
  return (instalment.split("/")[0] ?? "").replace(/^0+/, "");
}

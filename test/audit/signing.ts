import type { ListedKey } from "../../src/audit/key-list.ts";
import { generateKey, loadSigner } from "../../src/audit/keys.ts";
import type { Signer } from "../../src/audit/note.ts";
import { COSIGNATURE_V1, ED25519 } from "../../src/audit/verifier-key.ts";

/** A fresh key that signs notes. */
export function newSigner(name: string): Promise<Signer> {
  return loadSigner({ text: generateKey(name, ED25519).text });
}

/** A fresh key that cosigns checkpoints. */
export function newWitness(name: string): Promise<Signer> {
  return loadSigner({ text: generateKey(name, COSIGNATURE_V1).text });
}

/** The signer's key in a list, valid everywhere unless the range says otherwise. */
export function listed(
  role: ListedKey["role"],
  { key }: Signer,
  range: Partial<Pick<ListedKey, "from" | "until">> = {},
): ListedKey {
  return { role, key, from: 0, until: Number.POSITIVE_INFINITY, ...range };
}

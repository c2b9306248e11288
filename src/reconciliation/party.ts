import { parseCnpj } from "../identifiers/cnpj.ts";
import { foldedNameSimilarity, nameWords } from "./name-similarity.ts";

/** Who stands on the other side, as far as known: identifiers, and texts that may name them. */
export type Party = {
  /** CNPJ or CPF, without punctuation. */
  documents: readonly string[];
  names: readonly { folded: string; words: readonly string[] }[];
};

export type Agreement =
  | { kind: "SAME_DOCUMENT" }
  /** Two establishments of one company: the first eight characters of the CNPJ are equal. */
  | { kind: "SAME_COMPANY" }
  | { kind: "DIFFERENT_DOCUMENT"; similarity: number | undefined }
  | { kind: "NAMES"; similarity: number }
  /** One of the two names no one. */
  | { kind: "UNKNOWN" };

const DOCUMENT = /^(?:[A-Z0-9]{12}\d{2}|\d{11})$/;
const CNPJ_IN_TEXT =
  /(?<![\w.])(?:[A-Z0-9]{2}\.[A-Z0-9]{3}\.[A-Z0-9]{3}\/[A-Z0-9]{4}-\d{2}|\d{8}0\d{3}\d{2})(?!\w)/gi;

export function namedBy(
  documents: readonly (string | null)[],
  foldedTexts: readonly string[],
): Party {
  return {
    documents: [...new Set(documents)].filter(
      (one) => one !== null && DOCUMENT.test(one),
    ) as string[],
    names: foldedTexts
      .map((folded) => ({ folded, words: nameWords(folded) }))
      .filter((name) => name.folded !== ""),
  };
}

/** CNPJs with right check digits that a memo spells out, as some banks do on boletos. */
export function cnpjsIn(memo: string): string[] {
  return (memo.match(CNPJ_IN_TEXT) ?? []).flatMap((text) => parseCnpj(text) ?? []);
}

/** Whether two sides can be the same party. Documents decide where both are known. */
export function agreement(a: Party, b: Party): Agreement {
  const similarity = bestSimilarity(a, b);
  if (a.documents.length > 0 && b.documents.length > 0) {
    if (a.documents.some((one) => b.documents.includes(one))) return { kind: "SAME_DOCUMENT" };
    const roots = b.documents.filter((one) => one.length === 14).map((one) => one.slice(0, 8));
    return a.documents.some((one) => one.length === 14 && roots.includes(one.slice(0, 8)))
      ? { kind: "SAME_COMPANY" }
      : { kind: "DIFFERENT_DOCUMENT", similarity };
  }
  return similarity === undefined ? { kind: "UNKNOWN" } : { kind: "NAMES", similarity };
}

/** Equal for movements of one party through one kind of text; the finest identity that data gives. */
export function partyKey(party: Party): string {
  const [document] = party.documents;
  if (document !== undefined) return `document ${document}`;
  const name = party.names.find((one) => one.words.length > 0);
  if (name) return `name ${[...name.words].sort().join(" ")}`;
  return `text ${(party.names[0]?.folded ?? "")
    .replace(/\S*\d\S*/g, "")
    .replace(/ +/g, " ")
    .trim()}`;
}

/** What to look a party up by: documents, company roots and the first letters of its words. */
export function partyHandles(party: Party): string[] {
  const handles = new Set<string>();
  for (const document of party.documents) {
    handles.add(document.length === 14 ? document.slice(0, 8) : document);
  }
  for (const { words } of party.names) for (const word of words) handles.add(word.slice(0, 3));
  return [...handles];
}

function bestSimilarity(a: Party, b: Party): number | undefined {
  let best: number | undefined;
  for (const left of a.names) {
    for (const right of b.names) {
      const one = foldedNameSimilarity(left.folded, left.words, right.folded, right.words);
      if (one !== undefined && (best === undefined || one > best)) best = one;
    }
  }
  return best;
}

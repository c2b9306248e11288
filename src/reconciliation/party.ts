import { parseCnpj } from "../identifiers/cnpj.ts";
import { withoutNumbers } from "./memo-text.ts";
import { beginAlike, isWithin, nameSimilarity } from "./name-similarity.ts";
import { type Name, nameOf } from "./name-words.ts";

/**
 * Who stands on the other side, as far as known: identifiers, and texts that may name them. What is found out about it is
 * kept with it, and goes with it.
 */
export class Party {
  /** CNPJ or CPF, without punctuation. */
  readonly documents: readonly string[];
  readonly names: readonly Name[];
  readonly #agreements = new Map<Party, Agreement>();
  readonly #united = new Map<Party, Party>();
  #handles: readonly string[] | undefined;
  #key: string | undefined;

  constructor(documents: readonly string[], names: readonly Name[]) {
    this.documents = documents;
    this.names = names;
  }

  /** What to look it up by: company (root of the CNPJ), CPF, the first letters of its words, guias. */
  get handles(): readonly string[] {
    this.#handles ??= findHandles(this);
    return this.#handles;
  }

  /** Equal for movements of one party through one kind of text; the finest identity that data gives. */
  get key(): string {
    this.#key ??= findKey(this);
    return this.#key;
  }

  /** See `agreement`. */
  agreementWith(other: Party): Agreement {
    let found = this.#agreements.get(other);
    if (!found) {
      found = compare(this, other);
      this.#agreements.set(other, found);
    }
    return found;
  }

  /** This party with the names of another text about it. */
  alsoNamed(other: Party): Party {
    let found = this.#united.get(other);
    if (!found) {
      found = new Party(this.documents, distinctNames([...this.names, ...other.names]));
      this.#united.set(other, found);
    }
    return found;
  }
}

export type Agreement =
  | { kind: "SAME_DOCUMENT" }
  /** Two establishments of one company: the first eight characters of the CNPJ are equal. */
  | { kind: "SAME_COMPANY" }
  | { kind: "DIFFERENT_DOCUMENT"; similarity: number | undefined }
  | {
      kind: "NAMES";
      similarity: number;
      /** They begin with the same words: see `beginAlike`. */
      alike: boolean;
    }
  /** One of the two names no one. */
  | { kind: "UNKNOWN" };

const DOCUMENT = /^(?:[A-Z0-9]{12}\d{2}|\d{11})$/;
const CNPJ_IN_TEXT =
  /(?<![\w.])(?:[A-Z0-9]{2}\.[A-Z0-9]{3}\.[A-Z0-9]{3}\/[A-Z0-9]{4}-\d{2}|\d{8}0\d{3}\d{2})(?!\w)/gi;

/**
 * Makes parties, one object for equal data, so that what is known of a pair is found out once: a
 * condominium has thousands of movements, and a few dozen parties.
 */
export class Parties {
  readonly #byData = new Map<string, Party>();

  /** @param foldedTexts texts through `fold` that may name the party, the best first */
  of(documents: readonly (string | null)[], foldedTexts: readonly string[]): Party {
    const texts = foldedTexts.map(withoutNumbers).filter((text) => text !== "");
    const known = new Set<string>();
    for (const one of documents) if (one !== null && DOCUMENT.test(one)) known.add(one);
    const data = [...known, "", ...texts].join("\n");
    let party = this.#byData.get(data);
    if (!party) {
      party = new Party([...known], distinctNames(texts.map(nameOf)));
      this.#byData.set(data, party);
    }
    return party;
  }
}

/** A cut name beside the whole one would only agree with more. */
function distinctNames(names: readonly Name[]): Name[] {
  return names.filter(
    (name, at) =>
      !names.slice(0, at).some((before) => isWithin(name, before) && name.guias.length === 0),
  );
}

/** CNPJs with right check digits that a memo spells out, as some banks do on boletos. */
export function cnpjsIn(memo: string): string[] {
  return (memo.match(CNPJ_IN_TEXT) ?? []).flatMap((text) => parseCnpj(text) ?? []);
}

/** Whether two sides can be the same party. Documents decide where both are known. */
export function agreement(a: Party, b: Party): Agreement {
  return a.agreementWith(b);
}

function compare(a: Party, b: Party): Agreement {
  if (a.documents.length > 0 && b.documents.length > 0) {
    if (a.documents.some((one) => b.documents.includes(one))) return { kind: "SAME_DOCUMENT" };
    const roots = b.documents.filter((one) => one.length === 14).map((one) => one.slice(0, 8));
    return a.documents.some((one) => one.length === 14 && roots.includes(one.slice(0, 8)))
      ? { kind: "SAME_COMPANY" }
      : { kind: "DIFFERENT_DOCUMENT", similarity: bestSimilarity(a, b) };
  }
  const similarity = bestSimilarity(a, b);
  if (similarity === undefined) return { kind: "UNKNOWN" };
  const alike = a.names.some((name) => b.names.some((other) => beginAlike(name, other)));
  return { kind: "NAMES", similarity, alike };
}

function findKey({ documents: [document], names }: Party): string {
  if (document !== undefined) return `document ${document}`;
  const name = names.find((one) => one.words.length > 0);
  if (name) return `name ${[...name.words].sort().join(" ")}`;
  return `text ${names[0]?.all.join(" ") ?? ""}`;
}

function findHandles({ documents, names }: Party): string[] {
  const companies = documents.map((one) => (one.length === 14 ? one.slice(0, 8) : one));
  return [...new Set([...companies, ...names.flatMap((name) => name.handles)])];
}

function bestSimilarity(a: Party, b: Party): number | undefined {
  let best: number | undefined;
  for (const left of a.names) {
    for (const right of b.names) {
      const one = nameSimilarity(left, right);
      if (one !== undefined && (best === undefined || one > best)) best = one;
    }
  }
  return best;
}

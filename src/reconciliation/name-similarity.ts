import { COMMON_WORDS, type Name } from "./name-words.ts";

const COMMON_WEIGHT = 0.3;
/** Neither the same party nor another. */
const UNDECIDED = 0.5;
/** So many letters of how a name begins say whose it is, though each word is common. */
const CUT_LETTERS = 8;

/**
 * How well two names agree although one is abbreviated or cut short, as statements do ("LIMPAD
 * EXEMPLO SERV" for "Limpadora Exemplo Serviços Ltda"). 0 to 1; undefined if either names no one.
 * Symmetric. Words compare as equal, prefix, consonant skeleton or one wrong letter; common words
 * count for less.
 */
export function nameSimilarity(left: Name, right: Name): number | undefined {
  if (namesGuia(left, right) || namesGuia(right, left)) return 0.9;
  if (left.words.length === 0 || right.words.length === 0) return undefined;
  const covered = coverage(left.words, right.words);
  const covering = coverage(right.words, left.words);
  const mean = (covered + covering) / 2;
  const whole = Math.max(covered, covering);
  // One side lies wholly within the other, which adds words: a cut memo, or a memo with a remark.
  const inside =
    (whole >= 0.85 && hasWeight(left.words, right.words)) ||
    isCut(left.words, right.words) ||
    isCut(right.words, left.words);
  const base = inside ? Math.max(mean, 0.78) : mean;
  // "JARDINS CI" beside "JARDINS CIA PAIS": the trade alone neither proves one party nor two.
  if (base < UNDECIDED && sameTrade(left.words, right.words)) return UNDECIDED;
  return firstWordsAgree(left.words, right.words) ? base : base * 0.8;
}

/**
 * Whether two names begin with the same words, so far that no other payee's does: lines are cut at their end. What
 * two names share further on ("Limpadora Horizonte", "Horizonte Elevadores") does not make them one.
 */
export function beginAlike(left: Name, right: Name): boolean {
  let letters = 0;
  let shared = 0;
  for (const [at, word] of left.words.entries()) {
    const other = right.words[at];
    if (other === undefined || !(word.startsWith(other) || other.startsWith(word))) break;
    letters += Math.min(word.length, other.length);
    shared += 1;
  }
  const [first = ""] = left.words;
  return letters >= CUT_LETTERS && (shared > 1 || !COMMON_WORDS.has(first));
}

/** Whether the one adds nothing to the other: each of its words is a word of that, or how one begins. */
export function isWithin(cut: Name, whole: Name): boolean {
  return (
    cut.words.length > 0 &&
    cut.words.every((word) => whole.words.some((other) => other.startsWith(word)))
  );
}

/** The one is how the other begins, each word whole but the last, which the line's width cut. */
function isCut(cut: readonly string[], whole: readonly string[]): boolean {
  const last = cut.length - 1;
  return (
    last >= 1 &&
    cut.length <= whole.length &&
    cut.join("").length >= CUT_LETTERS &&
    cut.every((word, at) => (at < last ? word === whole[at] : whole[at]?.startsWith(word) === true))
  );
}

/** A public payee is paid by guia, and the memo names the guia. */
function namesGuia(payee: Name, memo: Name): boolean {
  return payee.guias.some((guia) => memo.all.includes(guia));
}

function sameTrade(a: readonly string[], b: readonly string[]): boolean {
  const says = (words: readonly string[]) =>
    words.some((word) => word.length > 2 && !COMMON_WORDS.has(word));
  return a[0] === b[0] && (!says(a) || !says(b));
}

/** The weighted share of the words of one side that the other has too. */
function coverage(words: readonly string[], others: readonly string[]): number {
  let total = 0;
  let found = 0;
  for (const word of words) {
    // Two letters are what the line's width left of a word.
    const weight = COMMON_WORDS.has(word) || word.length < 3 ? COMMON_WEIGHT : 1;
    total += weight;
    let best = 0;
    for (const other of others) best = Math.max(best, wordAgreement(word, other));
    found += weight * best;
  }
  return found / total;
}

/** Whether the agreeing words are more than words that anyone may have in the name. */
function hasWeight(words: readonly string[], others: readonly string[]): boolean {
  return words.some(
    (word) =>
      word.length >= 3 &&
      others.some(
        (other) =>
          !(COMMON_WORDS.has(word) && COMMON_WORDS.has(other)) && wordAgreement(word, other) >= 0.8,
      ),
  );
}

function firstWordsAgree(a: readonly string[], b: readonly string[]): boolean {
  const first = a[0] ?? "";
  const other = b[0] ?? "";
  return (
    b.some((word) => wordAgreement(first, word) > 0) ||
    a.some((word) => wordAgreement(word, other) > 0)
  );
}

function wordAgreement(a: string, b: string): number {
  if (a === b) return 1;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length >= 3 && long.startsWith(short)) return 0.95;
  if (short.length === 2 && long.startsWith(short)) return 0.6;
  if (
    short.length >= 3 &&
    short[0] === long[0] &&
    isSubsequence(short, long) &&
    !/[AEIOU]{2}/.test(short)
  ) {
    return short.length * 3 >= long.length ? 0.8 : 0;
  }
  return short.length >= 5 && oneEditApart(short, long) ? 0.85 : 0;
}

function isSubsequence(short: string, long: string): boolean {
  let at = 0;
  for (const letter of long) {
    if (letter === short[at]) at += 1;
  }
  return at === short.length;
}

/** One letter replaced, added or missing. */
function oneEditApart(short: string, long: string): boolean {
  if (long.length - short.length > 1) return false;
  let start = 0;
  while (start < short.length && short[start] === long[start]) start += 1;
  const tail = long.length === short.length ? short.slice(start + 1) : short.slice(start);
  return long.slice(start + 1) === tail;
}

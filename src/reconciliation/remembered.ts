/** So many texts are remembered: those of a condominium, and the names that many share. */
const MOST = 4_096;

/** A pure function of a text that keeps what it gave, if it is anything: statements and expenses say the same again and again. */
export function remembered<T>(of: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size >= MOST) known.clear();
    const found = of(text);
    known.set(text, found);
    return found;
  };
}

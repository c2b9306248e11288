/** What JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/**
 * One text for one content: keys sorted, no space, properties that are undefined left out, and arrays
 * sorted by their elements' text, because nothing that is hashed here means anything by its order.
 * Amounts come as decimal text, so no float is ever written.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).sort().join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const properties = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const property = value[key];
      return property === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(property)}`];
    });
  return `{${properties.join(",")}}`;
}

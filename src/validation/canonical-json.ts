/** What JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/**
 * One text for one content: keys sorted, no space, properties that are undefined left out, and arrays
 * sorted by their elements' text, because nothing that is hashed here means anything by its order.
 * Amounts come as decimal text, so no float is ever written.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).sort().join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  let properties = "";
  for (const key of Object.keys(value).sort()) {
    const property = value[key];
    if (property === undefined) continue;
    properties += `${properties === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(property)}`;
  }
  return `{${properties}}`;
}

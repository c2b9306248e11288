/** What JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/**
 * One text for one content: keys sorted, no space, properties that are undefined left out, and arrays
 * sorted by their elements' text, because nothing that is hashed here means anything by its order.
 * Amounts come as decimal text, so no float is ever written.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    return value.length === 0 ? "[]" : `[${value.map(canonicalJson).sort().join(",")}]`;
  }
  let properties = "";
  for (const key of sortedKeys(value)) {
    const property = value[key];
    if (property === undefined) continue;
    properties += `${properties === "" ? "" : ","}${quoted(key)}:${canonicalJson(property)}`;
  }
  return `{${properties}}`;
}

/** Printable ASCII without quote and backslash. */
const NEEDS_NO_ESCAPE = /^[ !#-[\]-~]*$/;

/** `JSON.stringify` of a short text is slow; with this and the look at the keys before sorting, facts take 11 instead of 35 microseconds. */
function quoted(text: string): string {
  return NEEDS_NO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text);
}

function sortedKeys(object: { [key: string]: Json | undefined }): string[] {
  const keys = Object.keys(object);
  const areSorted = keys.every((key, place) => place === 0 || (keys[place - 1] ?? "") <= key);
  return areSorted ? keys : keys.sort();
}

/** JSON whose numbers are text: no reader rounds them. */
export type ExactJson = string | boolean | null | ExactJson[] | { [key: string]: ExactJson };

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * Reads JSON and keeps every number as the text it was written with: 100.00 becomes "100.00". `JSON.parse` alone
 * would make it 100, and turn large integers into others.
 *
 * @throws SyntaxError when the text is not JSON
 */
export function parseExactly(json: string): ExactJson {
  return JSON.parse(
    json.replace(STRING_OR_NUMBER, (part) => (part[0] === '"' ? part : `"${part}"`)),
  );
}

/**
 * One text for one content, as RFC 8785 (JSON Canonicalization Scheme) has it: no space, members sorted by the
 * UTF-16 units of their names, strings escaped as ECMAScript does. Its rules for numbers are not needed here.
 */
export function canonicalText(value: ExactJson): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`);
  return `{${members.join(",")}}`;
}

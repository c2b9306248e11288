/**
 * JSON text that jsonb takes: without NUL and halves of surrogate pairs, which PostgreSQL refuses in any string. What
 * comes from outside (a text layer, an answer, an error's message) may hold them.
 */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === "string" ? storableText(member) : member,
  );
}

/** The text without what PostgreSQL refuses. */
export function storableText(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}

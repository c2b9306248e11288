/** The code of an error: PostgreSQL's SQLSTATE ("23505"), or the system's ("ENOENT"). */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Whether a rename failed because something stands there already. */
export function isOccupied(error: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST"].includes(errorCode(error) ?? "");
}

/** What an entry of the log says, as far as it is JSON: whoever compares goes on where somebody has broken one. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

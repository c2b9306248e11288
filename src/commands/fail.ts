/** Ends the command with status 1 and a message that a person can act on; the stack only when DEBUG says so. */
export function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message || "A operação falhou."}\n${causes(error)}`);
  process.exitCode = 1;
}

function causes(error: unknown): string {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return "";
  return `  causa: ${error.cause.message}\n${causes(error.cause)}`;
}

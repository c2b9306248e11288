import { messageOf } from "./fault.ts";

/** Ends the command with status 1 and a message that a person can act on; never a stack. */
export function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n${causes(error)}`);
  process.exitCode = 1;
}

function causes(error: unknown): string {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return "";
  return `  causa: ${error.cause.message}\n${causes(error.cause)}`;
}

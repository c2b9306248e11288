import pg from "pg";
import { z } from "zod";
import type { Reason } from "./reason.ts";

/** An expense that cannot be decided automatically, and what that fails of. */
export interface Undecidable {
  expenseId: string;
  error: unknown;
}

/** What an expense fails of that workers die of. Its message is shown to people. */
export class WorkersDied extends Error {
  constructor(deaths: number) {
    super(`${deaths} processos terminaram enquanto a validavam`);
    this.name = "WorkersDied";
  }
}

/** What an expense fails of that ends the database's sessions. Its message is shown to people. */
export class SessionsEnded extends Error {
  constructor() {
    super("o banco de dados encerrou a sessão cada vez que a despesa foi validada");
    this.name = "SessionsEnded";
  }
}

/** What people are told of it. */
export function undecidableBecause(error: unknown): Reason {
  return { code: "UNDECIDABLE", severity: "REVIEW", evidence: { cause: causeOf(error) } };
}

/**
 * What kind of error it is and where, without its message, which may quote the expense: reasons are shown, and stay in the log.
 */
export function causeOf(error: unknown): string {
  if (error instanceof WorkersDied || error instanceof SessionsEnded) return error.message;
  if (error instanceof pg.DatabaseError) {
    return [error.code, error.table, error.constraint].filter(Boolean).join(" ");
  }
  if (error instanceof z.ZodError)
    return `ZodError ${error.issues[0]?.path.join(".") ?? ""}`.trim();
  return error instanceof Error ? error.name : typeof error;
}

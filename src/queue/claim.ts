import { releaseClaim } from "./enqueue.ts";
import type { TaskContext } from "./task.ts";

/**
 * Runs a job that keeps the claim on its subject until it has stored its answer, so that no second job asks for the
 * same meanwhile. `run` releases the claim itself, in the transaction that stores the answer; a failure keeps it for
 * the next attempt, and the last one gives it free, so that whoever needs the answer later can ask again.
 */
export async function holdClaim(
  context: TaskContext,
  task: string,
  subject: string,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (context.isLastAttempt) {
      await context.transaction("Tarefa sem êxito", (client) =>
        releaseClaim(client, task, subject),
      );
    }
    throw error;
  }
}

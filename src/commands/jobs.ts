import { Command } from "commander";
import { z } from "zod";
import { asCommand } from "./database-session.ts";
import { interventionCommands } from "./job-interventions.ts";

const job = z.object({
  id: z.string(),
  task: z.string(),
  state: z.string(),
  attempts: z.int(),
  organization_id: z.string().nullable(),
  batch_id: z.string().nullable(),
  enqueued_at: z.date(),
  run_at: z.date().nullable(),
  waiting_for: z.string().nullable(),
  last_error: z.string().nullable(),
});

const STATES: Readonly<Record<string, string>> = {
  WAITING: "esperando",
  RUNNING: "rodando",
  FINISHED: "terminada",
  FAILED: "falhou",
  CANCELLED: "cancelada",
};

/** Prints the queue as operators see it, or as one organization does; its subcommands step in. */
export function jobsCommand(): Command {
  const command = new Command("jobs")
    // What follows the name of a subcommand is the subcommand's, also where both have such an option.
    .enablePositionalOptions()
    .description("mostra a fila: tarefas esperando, rodando, terminadas, com falha e canceladas")
    .option("--organization <id>", "só as desta administradora")
    .option("--batch <id>", "só as deste lote")
    .option("--state <state>", "WAITING, RUNNING, FINISHED, FAILED ou CANCELLED")
    .option("--limit <n>", "quantas, das mais novas", "50")
    .option("--json", "uma linha JSON por tarefa")
    .action(
      async (options: {
        organization?: string;
        batch?: string;
        state?: string;
        limit: string;
        json?: true;
      }) => {
        if (options.batch !== undefined && !/^\d{1,18}$/.test(options.batch)) {
          throw new Error(`"${options.batch}" não é o número de um lote.`);
        }
        if (!/^\d{1,5}$/.test(options.limit)) throw new Error("--limit é um número inteiro.");
        const state = options.state?.toUpperCase();
        if (state !== undefined && !(state in STATES)) {
          throw new Error(`--state é um destes: ${Object.keys(STATES).join(", ")}.`);
        }
        const rows = await asCommand(
          options.organization === undefined
            ? { role: "operator", reason: "Consulta da fila" }
            : { role: "admin", organizationId: options.organization, reason: "Consulta da fila" },
          async (client) => {
            const result = await client.query(
              `select id::text, task, state, attempts, organization_id::text, batch_id::text, enqueued_at,
               run_at, waiting_for, last_error
             from blindagem.background_jobs
             where ($1::text is null or state = $1) and ($3::bigint is null or batch_id = $3)
             order by background_jobs.id desc limit $2`,
              [state ?? null, options.limit, options.batch ?? null],
            );
            return z.array(job).parse(result.rows);
          },
        );
        for (const row of rows)
          process.stdout.write(`${options.json ? JSON.stringify(row) : lineOf(row)}\n`);
        if (rows.length === 0 && !options.json) process.stdout.write("Nenhuma tarefa.\n");
      },
    );
  for (const subcommand of interventionCommands()) command.addCommand(subcommand);
  return command;
}

function lineOf(row: z.infer<typeof job>): string {
  const isForLater = row.state === "WAITING" && row.run_at !== null && row.run_at > new Date();
  const note = row.waiting_for ?? row.last_error ?? "";
  return [
    row.id.padStart(8),
    row.task.padEnd(18),
    (STATES[row.state] ?? row.state).padEnd(10),
    `${row.attempts}x`.padEnd(4),
    row.enqueued_at.toISOString(),
    row.batch_id ? `lote ${row.batch_id}` : "",
    isForLater ? `para ${row.run_at?.toISOString()}` : "",
    note,
  ]
    .join("  ")
    .trimEnd();
}

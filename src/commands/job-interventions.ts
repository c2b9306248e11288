import { Command } from "commander";
import { z } from "zod";
import { count } from "../validation/catalogue/portuguese.ts";
import { asCommand } from "./database-session.ts";

/** What the command line says of a selection; the options are the same for all three. */
interface Options {
  task?: string;
  organization?: string;
  state?: string;
  error?: string;
  olderThan?: string;
  reason?: string;
  preview?: true;
  json?: true;
  at?: string;
}

const selection = z.object({
  count: z.int(),
  changed: z.int(),
  intervention_id: z.coerce.string().nullable(),
  in_background: z.boolean(),
  sample: z.array(
    z.object({
      id: z.coerce.string(),
      task: z.string(),
      state: z.string(),
      last_error: z.string().nullable(),
    }),
  ),
});
type Selection = z.infer<typeof selection>;

/** `blindagem jobs retry|cancel|reschedule`: what operators do to jobs, as the mutations of the same names. */
export function interventionCommands(): Command[] {
  return [
    intervention("retry", "tenta de novo tarefas que falharam ou foram canceladas").action(
      (ids: string[], options: Options) => intervene("retry_jobs", ids, options),
    ),
    intervention(
      "cancel",
      "cancela tarefas que esperam, e dá por encerradas as que falharam",
    ).action((ids: string[], options: Options) => intervene("cancel_jobs", ids, options)),
    intervention("reschedule", "dá outro horário a tarefas que esperam")
      .requiredOption("--at <quando>", "novo horário, como 2026-11-05T08:00:00-03:00, ou now")
      .action((ids: string[], options: Options) => intervene("reschedule_jobs", ids, options)),
  ];
}

function intervention(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument("[ids...]", "números das tarefas, até 1000; ou diga um filtro")
    .option("--task <name>", "filtro: a tarefa, como cnpj_lookup")
    .option("--organization <id>", "filtro: a administradora")
    .option("--state <state>", "filtro: o estado")
    .option("--error <text>", "filtro: parte do último erro")
    .option("--older-than <time>", "filtro: na fila há mais de: 30m, 6h, 2d")
    .option("--reason <text>", "motivo, para a auditoria")
    .option("--preview", "só conta e mostra as dez primeiras; nada muda")
    .option("--json", "a resposta em JSON");
}

async function intervene(
  operation: "retry_jobs" | "cancel_jobs" | "reschedule_jobs",
  ids: readonly string[],
  options: Options,
): Promise<void> {
  const wrong = ids.find((id) => !/^\d{1,18}$/.test(id));
  if (wrong !== undefined) throw new Error(`"${wrong}" não é o número de uma tarefa.`);
  const filter = {
    task: options.task,
    organization_id: options.organization && wholeNumber("--organization", options.organization),
    state: options.state?.toUpperCase(),
    error: options.error,
    enqueued_before: options.olderThan && agoOf(options.olderThan),
  };
  const runAt = options.at === undefined ? undefined : instantOf(options.at);
  const answer = await asCommand(
    { role: "operator", reason: "Intervenção na fila por comando" },
    async (client) => {
      const result = await client.query(
        `select to_jsonb(blindagem.${operation}(
           ${runAt === undefined ? "" : "run_at => $5, "}reason => $1, job_ids => $2,
           filter => jsonb_populate_record(null::blindagem.job_filter, $3), preview => $4)) as answer`,
        [
          // A preview changes nothing and needs none.
          options.reason ?? null,
          ids.length > 0 ? ids : null,
          JSON.stringify(filter),
          options.preview ?? false,
          ...(runAt === undefined ? [] : [runAt]),
        ],
      );
      return z.tuple([z.object({ answer: selection })]).parse(result.rows)[0].answer;
    },
  );
  process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : textOf(answer, options));
}

function textOf(answer: Selection, options: Options): string {
  const lines = answer.sample.map(({ id, task, state, last_error }) =>
    [id.padStart(8), task.padEnd(18), state.padEnd(10), last_error ?? ""].join("  ").trimEnd(),
  );
  if (answer.count > lines.length) lines.push(`… e mais ${answer.count - lines.length}`);
  lines.push(
    options.preview
      ? `Prévia: ${countOf(answer.count)}; nada mudou.`
      : answer.count === 0
        ? "Nenhuma tarefa; nada mudou."
        : answer.in_background
          ? `${countOf(answer.count)}: a intervenção ${answer.intervention_id} corre em segundo plano.`
          : `${countOf(answer.changed)}: intervenção ${answer.intervention_id}.`,
  );
  return `${lines.join("\n")}\n`;
}

const countOf = (jobs: number) => count(jobs, "tarefa", "tarefas");

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The instant so long ago. */
function agoOf(text: string): string {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const ms = UNITS[unit ?? ""];
  if (count === undefined || ms === undefined) {
    throw new Error("--older-than é um tempo como 30m, 6h ou 2d.");
  }
  return new Date(Date.now() - Number(count) * ms).toISOString();
}

function instantOf(text: string): Date {
  const at =
    text === "now"
      ? new Date()
      : z.iso.datetime({ offset: true }).safeParse(text).success
        ? new Date(text)
        : undefined;
  if (!at) throw new Error("--at é um instante como 2026-11-05T08:00:00-03:00, ou now.");
  return at;
}

function wholeNumber(option: string, text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new Error(`${option} é um número.`);
  return text;
}

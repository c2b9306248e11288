import { MultiBar, type SingleBar } from "cli-progress";
import { z } from "zod";
import { createApiClient } from "../client/api-client.ts";

/** A batch whose progress is shown, and the token of someone who may see it. */
export interface WatchedBatch {
  batchId: string;
  title: string;
  token: string;
}

const progressAnswer = z.object({
  batchProgress: z.object({ expenses: z.int(), pending: z.coerce.number() }).nullable(),
});
const jobsAnswer = z.object({
  waiting: z.object({ totalCount: z.int() }),
  running: z.object({ totalCount: z.int() }),
});

const POLL_MS = 500;
/** The queue's length changes at every look: as lines, it is told no more often than this. */
const QUEUE_LINE_MS = 5_000;

export interface WatchOptions {
  apiUrl: string;
  batches: readonly WatchedBatch[];
  /** Token of an operator, who sees the whole queue. */
  operatorToken: string;
  /** Where bars (on a TTY) or lines go; undefined: show nothing. */
  output: NodeJS.WriteStream | undefined;
  /** Gives up after so long. */
  timeoutMs: number;
}

/**
 * Shows how far the batches are until the queue is empty: bars on a terminal, lines elsewhere.
 *
 * @returns false when time ran out first
 */
export async function watchBatches(options: WatchOptions): Promise<boolean> {
  const show = options.output?.isTTY
    ? bars(options.output, options.batches)
    : plainLines(options.output);
  const deadline = performance.now() + options.timeoutMs;
  try {
    for (;;) {
      for (const batch of options.batches) {
        const { batchProgress } = await createApiClient({
          url: options.apiUrl,
          token: batch.token,
        }).graphql(
          "query ($id: BigInt!) { batchProgress(batchId: $id) { expenses pending } }",
          { id: batch.batchId },
          progressAnswer,
        );
        if (batchProgress) {
          show.update(
            batch,
            batchProgress.expenses - batchProgress.pending,
            batchProgress.expenses,
          );
        }
      }
      const open = await openJobs(options);
      show.queue(open);
      if (open === 0) return true;
      if (performance.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    show.stop();
  }
}

async function openJobs({ apiUrl, operatorToken }: WatchOptions): Promise<number> {
  const { waiting, running } = await createApiClient({ url: apiUrl, token: operatorToken }).graphql(
    `{ waiting: backgroundJobs(condition: {state: "WAITING"}) { totalCount }
       running: backgroundJobs(condition: {state: "RUNNING"}) { totalCount } }`,
    {},
    jobsAnswer,
  );
  return waiting.totalCount + running.totalCount;
}

/** How far things are, shown to people. */
export interface Display {
  update(batch: WatchedBatch, done: number, total: number): void;
  queue(open: number): void;
  stop(): void;
}

const BAR_WIDTH = 30;
/** What stands beside title and bar: two spaces, and figures such as 10000/10000. */
const FIGURES_WIDTH = 13;
const USUAL_COLUMNS = 80;

/** The titles at one width, so that bars stand under each other and their figures still fit into the terminal. */
export function titleColumn(
  titles: readonly string[],
  columns: number = USUAL_COLUMNS,
): (title: string) => string {
  const longest = Math.max(...titles.map((title) => title.length));
  const width = Math.max(1, Math.min(longest, columns - BAR_WIDTH - FIGURES_WIDTH));
  return (title) => (title.length > width ? `${title.slice(0, width - 1)}…` : title.padEnd(width));
}

function bars(output: NodeJS.WriteStream, batches: readonly WatchedBatch[]): Display {
  const multi = new MultiBar({
    format: "{title} {bar} {value}/{total}",
    stream: output,
    hideCursor: true,
    barsize: BAR_WIDTH,
  });
  const fitted = titleColumn(
    batches.map(({ title }) => title),
    output.columns,
  );
  const shown = new Map<string, SingleBar>();
  return {
    update(batch, done, total) {
      const title = fitted(batch.title);
      const bar = shown.get(batch.batchId) ?? multi.create(total, 0, { title });
      shown.set(batch.batchId, bar);
      bar.update(done, { title });
    },
    queue: () => undefined,
    stop: () => multi.stop(),
  };
}

/**
 * A line whenever a figure has changed; the queue's at most every five seconds.
 *
 * @param now milliseconds of a clock that never goes back
 */
export function plainLines(
  output: Pick<NodeJS.WriteStream, "write"> | undefined,
  now: () => number = () => performance.now(),
): Display {
  const last = new Map<string, string>();
  let queueToldAt = Number.NEGATIVE_INFINITY;
  const say = (key: string, text: string) => {
    if (last.get(key) === text) return;
    last.set(key, text);
    output?.write(`${text}\n`);
  };
  return {
    update: (batch, done, total) =>
      say(batch.batchId, `${batch.title}: ${done} de ${total} despesas decididas`),
    queue(open) {
      if (now() - queueToldAt < QUEUE_LINE_MS) return;
      queueToldAt = now();
      say("queue", `tarefas na fila: ${open}`);
    },
    stop: () => undefined,
  };
}

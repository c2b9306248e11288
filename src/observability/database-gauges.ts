import pg from "pg";
import { Gauge } from "prom-client";
import { z } from "zod";
import { registry } from "./registry.ts";

/** Scrapes that come at once share one look at the database. */
const CACHE_MS = 1_000;
const CONNECT_TIMEOUT_MS = 1_000;
const STATEMENT_TIMEOUT_MS = 1_500;
/** Where not even the server's time-out gets through. Prometheus gives a scrape up after 10 s. */
const ANSWER_TIMEOUT_MS = 2_000;

const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
  new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });

const jobs = gauge(
  "blindagem_queue_jobs",
  "Open jobs: due and waiting, scheduled for later, running.",
  ["task", "lane", "state"],
);
const oldest = gauge(
  "blindagem_queue_oldest_waiting_seconds",
  "For how long the job has been due that waits longest; 0 when none waits.",
  ["task", "lane"],
);
const nextSlot = gauge(
  "blindagem_provider_next_slot_seconds",
  "In how long all have had their slots that wait for the provider now, if nobody else comes.",
  ["provider"],
);
const paused = gauge(
  "blindagem_provider_paused_seconds",
  "For how long nobody may ask the provider (its pause, or the breaker is open); 0: it may be asked.",
  ["provider"],
);
const workers = gauge(
  "blindagem_workers",
  "Worker processes: live, or dead (died within the last hour, or silent for too long).",
  ["state"],
);
const pending = gauge(
  "blindagem_audit_pending_records",
  "Records of the audit log that wait for their seal, counted up to 100,000.",
  [],
);
const lag = gauge(
  "blindagem_audit_sealing_lag_seconds",
  "Age of the oldest record that waits for its seal; 0 when none waits.",
  [],
);
const silence = gauge(
  "blindagem_audit_sealer_silent_seconds",
  "Since when the sealing process has given no sign of life.",
  [],
);
const scrapeError = gauge(
  "blindagem_scrape_error",
  "1 when the database did not answer this scrape: then what comes from it is left out.",
  [],
);

const seconds = z.coerce.number();
const queueState = z.object({
  tasks: z.array(
    z.object({
      task: z.string(),
      lane: z.string(),
      waiting: z.number(),
      scheduled: z.number(),
      running: z.number(),
      oldestWaitingSeconds: seconds,
    }),
  ),
  providers: z.array(
    z.object({ provider: z.string(), nextSlotSeconds: seconds, pausedSeconds: seconds }),
  ),
  workers: z.object({ live: z.number(), dead: z.number() }),
});
const figures = z.object({
  queue: queueState.nullish(),
  pending: z.coerce.number(),
  lag: z.number().nullable(),
  silence: z.number().nullable(),
});

export interface DatabaseGaugesOptions {
  databaseUrl: string;
  /** A role to take first: the API's login may do nothing by itself. */
  role?: string;
  /** The queue's gauges too, not only the log's: the sealing process's login does not see the queue. */
  queue: boolean;
  /** A worker that was not heard of for so long counts as dead. */
  deadAfterMs: number;
}

export interface DatabaseGauges {
  /** Brings the gauges up to date, or takes them away and says so; it never rejects, and it takes 3 s at most. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The gauges that need SQL, looked up when somebody scrapes and never per event, on a connection of their own: the
 * pool's may all be busy just when it is interesting.
 */
export function createDatabaseGauges(options: DatabaseGaugesOptions): DatabaseGauges {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    application_name: "blindagem metrics",
    max: 1,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    allowExitOnIdle: true,
  });
  pool.on("error", () => undefined);
  let running: Promise<void> | undefined;
  let freshUntil = 0;

  const look = async () => {
    try {
      show(figures.parse(await ask(pool, options)));
      scrapeError.set(0);
      freshUntil = performance.now() + CACHE_MS;
    } catch {
      for (const each of [jobs, oldest, nextSlot, paused, workers, pending, lag, silence])
        each.reset();
      for (const each of [pending, lag, silence]) each.remove();
      scrapeError.set(1);
    }
  };
  return {
    async refresh() {
      if (performance.now() < freshUntil) return;
      running ??= look().finally(() => {
        running = undefined;
      });
      await running;
    },
    close: () => pool.end(),
  };
}

/** In one round trip: a statement that fails ends the connection, and with it the transaction. */
async function ask(pool: pg.Pool, options: DatabaseGaugesOptions): Promise<unknown> {
  const role = options.role ? `set local role ${pg.escapeIdentifier(options.role)};` : "";
  const queue = options.queue
    ? `blindagem_private.queue_state(${Math.round(options.deadAfterMs)} * interval '1 millisecond')`
    : "null::jsonb";
  const answers: unknown = await pool.query(
    `begin read only;
     ${role}
     select ${queue} as queue, blindagem_audit.pending_count() as pending,
       extract(epoch from clock_timestamp() - s.oldest_pending_at)::float8 as lag,
       extract(epoch from clock_timestamp() - s.beat_at)::float8 as silence
     from blindagem_audit.sealing_state() as s;
     commit`,
  );
  return z
    .array(z.object({ rows: z.array(z.unknown()) }))
    .parse(answers)
    .flatMap(({ rows }) => rows)[0];
}

function show(found: z.infer<typeof figures>): void {
  for (const each of [jobs, oldest, nextSlot, paused, workers]) each.reset();
  for (const { task, lane, ...state } of found.queue?.tasks ?? []) {
    jobs.set({ task, lane, state: "waiting" }, state.waiting);
    jobs.set({ task, lane, state: "scheduled" }, state.scheduled);
    jobs.set({ task, lane, state: "running" }, state.running);
    oldest.set({ task, lane }, state.oldestWaitingSeconds);
  }
  for (const { provider, nextSlotSeconds, pausedSeconds } of found.queue?.providers ?? []) {
    nextSlot.set({ provider }, nextSlotSeconds);
    paused.set({ provider }, pausedSeconds);
  }
  if (found.queue) {
    workers.set({ state: "live" }, found.queue.workers.live);
    workers.set({ state: "dead" }, found.queue.workers.dead);
  }
  pending.set(found.pending);
  lag.set(found.lag ?? 0);
  if (found.silence === null) silence.remove();
  else silence.set(found.silence);
}

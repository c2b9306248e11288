import type { WorkerEventMap, WorkerEvents } from "graphile-worker";
import type pg from "pg";
import { z } from "zod";
import { envelope } from "./envelope.ts";

/** The virtual time may lag by so much: who enqueues meanwhile comes at most this much work too early. */
const FLUSH_MS = 100;

const tagged = z.object({ envelope: envelope.pick({ startTag: true }) });

export interface VirtualClock {
  /** Tells of what was begun and not told yet. */
  flush(): Promise<void>;
}

/**
 * Advances the virtual time of start-time fair queueing (Goyal, Vin and Cheng, 1996) as a worker's jobs begin: it is the
 * greatest start tag of them, and whoever enqueues next begins there. One statement for all jobs of a tenth of a second,
 * and none where no later tag was begun. What is lost with a killed worker, its next job or another's makes up for.
 *
 * The arithmetic of tags and priorities is the database's (000017-fairness.sql).
 */
export function followVirtualTime(
  events: WorkerEvents,
  pool: Pick<pg.Pool, "query">,
  onError: (error: unknown) => void,
): VirtualClock {
  const latest = new Map<string, number>();
  let begun = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let telling: Promise<void> = Promise.resolve();

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    telling = telling.then(async () => {
      if (begun.size === 0) return;
      const started = [...begun].map(([task, startTag]) => ({ task, startTag }));
      begun = new Map();
      await pool
        .query("select blindagem_private.advance_virtual_time($1)", [JSON.stringify(started)])
        .catch(onError);
    });
    return telling;
  };

  events.on("job:start", ({ job }: WorkerEventMap["job:start"]) => {
    const known = tagged.safeParse(job.payload);
    const startTag = known.success ? known.data.envelope.startTag : undefined;
    if (startTag == null) return;
    if (startTag <= (latest.get(job.task_identifier) ?? Number.NEGATIVE_INFINITY)) return;
    latest.set(job.task_identifier, startTag);
    begun.set(job.task_identifier, startTag);
    timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
  });
  return { flush };
}

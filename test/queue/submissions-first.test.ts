import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { TaskList } from "graphile-worker";
import { z } from "zod";
import { SubmissionsFirst } from "../../src/queue/submissions-first.ts";
import { defineTask } from "../../src/queue/task.ts";
import { useServices } from "../../src/services.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { runJobs, servicesOf } from "../tasks/task-run.ts";
import { waitFor } from "../wait-for.ts";

/** Work whose end the test decides. */
function pieces(turns: SubmissionsFirst, look = () => new Promise<boolean>(() => {})) {
  const running = new Map<number, () => void>();
  const ends: Promise<void>[] = [];
  let done = 0;
  return {
    running,
    ends,
    done: () => done,
    start(number: number, { fails = false } = {}) {
      ends.push(
        turns.run(async () => {
          await new Promise<void>((resolve) => running.set(number, resolve));
          running.delete(number);
          done += 1;
          if (fails) throw new Error(`piece ${number}`);
        }, look),
      );
    },
    async end(number: number) {
      running.get(number)?.();
      await settled();
    },
  };
}

/** All that is not waiting for the test has come to rest. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("bulk work", () => {
  it("runs as it comes while nobody hands in", async () => {
    const work = pieces(new SubmissionsFirst());
    for (const number of [1, 2, 3]) work.start(number);
    await settled();
    expect([...work.running.keys()]).toEqual([1, 2, 3]);
    for (const number of [1, 2, 3]) await work.end(number);
    await Promise.all(work.ends);
  });

  it("runs one after the other, in order, while somebody does, and at once when nobody does any more", async () => {
    let now = 0;
    const turns = new SubmissionsFirst({ lingerMs: 500, clock: () => now });
    const work = pieces(turns);
    turns.see(true);
    for (const number of [1, 2, 3, 4, 5]) work.start(number);
    await settled();
    expect([...work.running.keys()]).toEqual([1]);
    await work.end(1);
    expect([...work.running.keys()]).toEqual([2]);
    turns.see(true);
    await work.end(2);
    expect([...work.running.keys()]).toEqual([3]);
    // The moment between two batches of one client is none.
    now = 500;
    turns.see(false);
    await settled();
    expect([...work.running.keys()]).toEqual([3]);
    now = 501;
    turns.see(false);
    await settled();
    expect([...work.running.keys()]).toEqual([3, 4, 5]);
    turns.see(true);
    work.start(6);
    await work.end(3);
    await work.end(4);
    expect([...work.running.keys()]).toEqual([5]);
    await work.end(5);
    expect([...work.running.keys()]).toEqual([6]);
    await work.end(6);
    await Promise.all(work.ends);
  });

  it("sees by itself that the submission is over, also when the database cannot be asked", async () => {
    for (const answers of [
      [true, true, false],
      [true, new Error("no connection")],
    ]) {
      let asked = 0;
      const look = async () => {
        const answer = answers[asked++];
        if (answer instanceof Error) throw answer;
        return answer === true;
      };
      const turns = new SubmissionsFirst({ lookMs: 1 });
      const work = pieces(turns, look);
      turns.see(true);
      for (const number of [1, 2, 3]) work.start(number);
      await waitFor("all to run", () => work.running.size === 3);
      // One at each look.
      expect(asked).toBe(answers.length + 1);
      for (const number of [1, 2, 3]) await work.end(number);
      await Promise.all(work.ends);
    }
  });

  it("gives way for a while only: behind one that hangs the others would hold all places of the lane", async () => {
    let now = 0;
    let asked = 0;
    const look = async () => {
      asked += 1;
      return true;
    };
    const turns = new SubmissionsFirst({ lookMs: 1, longestMs: 10_000, clock: () => now });
    const work = pieces(turns, look);
    turns.see(true);
    for (const number of [1, 2, 3]) work.start(number);
    await waitFor("looks in vain", () => asked >= 3);
    expect([...work.running.keys()]).toEqual([1]);
    now = 10_001;
    turns.see(true);
    await waitFor("all to run beside the first", () => work.running.size === 3);
    for (const number of [1, 2, 3]) await work.end(number);
    await Promise.all(work.ends);
  });

  it("gives its turn on when it fails", async () => {
    const turns = new SubmissionsFirst();
    const work = pieces(turns);
    turns.see(true);
    work.start(1, { fails: true });
    work.start(2);
    await settled();
    await work.end(1);
    await expect(work.ends[0]).rejects.toThrow("piece 1");
    expect([...work.running.keys()]).toEqual([2]);
    await work.end(2);
    await work.ends[1];
  });

  it("always gets its turn, whatever is seen meanwhile", async () => {
    const step = fc.oneof(
      fc.constant("start" as const),
      fc.constant("end" as const),
      fc.boolean().map((seen) => ({ seen })),
      fc.nat(1_000).map((later) => ({ later })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        let now = 0;
        const turns = new SubmissionsFirst({ clock: () => now });
        const work = pieces(turns);
        let started = 0;
        for (const each of steps) {
          if (each === "start") {
            started += 1;
            work.start(started);
          } else if (each === "end") work.running.values().next().value?.();
          else if ("seen" in each) turns.see(each.seen);
          else now += each.later;
          await settled();
          expect(work.running.size > 0).toBe(work.done() < started);
        }
        while (work.running.size > 0) {
          work.running.values().next().value?.();
          await settled();
        }
        expect(work.done()).toBe(started);
        await Promise.all(work.ends);
      }),
    );
  });
});

describe("a worker's jobs", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    useServices(servicesOf({ clock: () => new Date() }));
  });
  afterAll(() => database.drop());

  /**
   * Three bulk jobs, handed out together; how many of them ran by the time that a job which is none was done.
   *
   * @param least so many are waited for
   */
  async function runningAtOnce(least: number): Promise<number> {
    let running = 0;
    let atOnce = 0;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const bulk = async () => {
      running += 1;
      await released;
      running -= 1;
    };
    const other = async () => {
      await waitFor("all to be handed out", async () => {
        const { rowCount } = await database
          .pool("worker")
          .query("select from graphile_worker._private_jobs where locked_at is not null");
        return rowCount === 4 && running >= least;
      });
    };
    const payload = z.object({});
    const tasks: TaskList = {
      reconcile: defineTask("reconcile", payload, bulk, { isBulk: true }),
      housekeeping: defineTask("housekeeping", payload, other),
    };
    await database
      .pool("worker")
      .query("select graphile_worker.add_job('reconcile') from generate_series(1, 3)");
    await database.pool("worker").query("select graphile_worker.add_job('housekeeping')");
    await runJobs(
      database,
      {
        ...tasks,
        housekeeping: async (...job) => {
          await tasks.housekeeping?.(...job);
          atOnce = running;
          release();
        },
      },
      4,
    );
    return atOnce;
  }

  it("run one by one while a submission is open, if they are bulk work; and all at once when none is", async () => {
    const submission = await database.pool("authenticator").connect();
    try {
      await submission.query("begin");
      await submission.query(
        "select pg_advisory_xact_lock_shared(hashtextextended('blindagem submission', 0))",
      );
      // The first job that looks tells the others.
      await runningAtOnce(1);
      expect(await runningAtOnce(1)).toBe(1);
      await submission.query("rollback");
    } finally {
      submission.release();
    }
    await runningAtOnce(1);
    expect(await runningAtOnce(3)).toBe(3);
  });
});

import { EventEmitter } from "node:events";
import { describe, expect, it } from "@jest/globals";
import type { WorkerEvents } from "graphile-worker";
import { followVirtualTime } from "../../src/queue/virtual-clock.ts";

function follow(answer: () => Promise<unknown> = () => Promise.resolve()) {
  const events: WorkerEvents = new EventEmitter();
  const told: unknown[] = [];
  const errors: unknown[] = [];
  const pool = {
    query: (_: string, values: unknown[]) => {
      told.push(JSON.parse(String(values[0])));
      return answer();
    },
  };
  const clock = followVirtualTime(
    events,
    // @ts-expect-error one of the pool's many signatures
    pool,
    (error) => errors.push(error),
  );
  const begin = (task: string, payload: unknown) =>
    // @ts-expect-error the fields that are looked at
    events.emit("job:start", { job: { task_identifier: task, payload } });
  const tag = (startTag: number) => ({ envelope: { jobId: "1", startTag } });
  return { begin, tag, clock, told, errors };
}

describe("followVirtualTime", () => {
  it("tells the latest start tag of each task, once", async () => {
    const { begin, tag, clock, told } = follow();
    begin("reconcile", tag(3));
    begin("reconcile", tag(7.5));
    begin("reconcile", tag(5));
    begin("ocr_triage", tag(0));
    await clock.flush();
    begin("reconcile", tag(6));
    await clock.flush();
    expect(told).toEqual([
      [
        { task: "reconcile", startTag: 7.5 },
        { task: "ocr_triage", startTag: 0 },
      ],
    ]);
  });

  it("passes over jobs without a tag: cron's, those added by hand, those of before", async () => {
    const { begin, clock, told } = follow();
    begin("housekeeping", { _cron: {} });
    begin("reconcile", [1]);
    begin("reconcile", { envelope: { jobId: "1", startTag: null } });
    begin("reconcile", { envelope: { jobId: "1" } });
    await clock.flush();
    expect(told).toEqual([]);
  });

  it("goes on with the next job after a failure", async () => {
    const failures = [new Error("gone"), undefined];
    const { begin, tag, clock, told, errors } = follow(() => {
      const failure = failures.shift();
      return failure ? Promise.reject(failure) : Promise.resolve();
    });
    begin("reconcile", tag(1));
    await clock.flush();
    begin("reconcile", tag(2));
    await clock.flush();
    expect(errors).toHaveLength(1);
    expect(told.at(-1)).toEqual([{ task: "reconcile", startTag: 2 }]);
  });
});
